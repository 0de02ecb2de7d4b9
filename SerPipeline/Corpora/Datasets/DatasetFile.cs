namespace SerPipeline.Corpora.Datasets;

/// <summary>A file of named data sets, see data/README.md for its format.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Datasets">The data sets, in the file's order.</param>
public sealed record DatasetFile(string Path, IReadOnlyList<DatasetDefinition> Datasets)
{
    /// <summary>The version of the format that this library reads.</summary>
    public const int Version = 1;

    /// <summary>Reads a file. Fields that are unknown or misspelt are errors: what a file says is done, or refused.</summary>
    /// <param name="path">The JSON file.</param>
    /// <exception cref="CorpusException">There is no such file, it is no JSON, or it has errors (all listed).</exception>
    public static DatasetFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full)) throw new CorpusException($"There is no file of data sets at {full}. data/README.md says what one looks like.");
        return new DatasetFile(full, DatasetReader.Read(full, File.ReadAllText(full)));
    }

    /// <summary>The data set of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="CorpusException">There is none; the message lists those there are.</exception>
    public DatasetDefinition Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Datasets.FirstOrDefault(dataset => dataset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CorpusException($"There is no data set '{name}' in {Path}: expected one of {string.Join(", ", Datasets.Select(dataset => dataset.Name))}.");
    }
}
