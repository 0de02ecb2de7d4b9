namespace SerPipeline.Prediction;

/// <summary>Where a model lies: a zip, or the folder of a run with one model of all clips.</summary>
internal static class ModelPath
{
    /// <summary>The name of a model in a run folder.</summary>
    public const string FileName = "model.zip";

    /// <summary>How the folders of folds begin: of numbered ones, and of those that are named by the corpora they train on.</summary>
    public const string NumberedFold = "fold-", CorpusFold = "from-";

    private const int Named = 4;
    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 4,
        IgnoreInaccessible = true,
    };

    /// <summary>The zip that a path names; a path that is no folder is given back as it is.</summary>
    /// <exception cref="ModelFormatException">The folder has no model, or several of which none is the run's only one of all clips.
    /// </exception>
    public static string Resolve(string path)
    {
        if (!Directory.Exists(path)) return path;
        string own = Path.Combine(path, FileName);
        if (File.Exists(own)) return own;
        string[] models = [.. Directory.EnumerateFiles(path, FileName, Below)
            .OrderBy(model => model.Count(c => c == Path.DirectorySeparatorChar)).ThenBy(model => model, StringComparer.Ordinal)];
        // An experiment's folder holds its model of all clips; folds have theirs, of some clips, which nobody should get by chance.
        string[] ofAll = [.. models.Where(model => Path.GetRelativePath(path, model).Split(Path.DirectorySeparatorChar) is [var folder, _]
            && !folder.StartsWith(NumberedFold, StringComparison.Ordinal) && !folder.StartsWith(CorpusFold, StringComparison.Ordinal))];
        if (ofAll.Length == 1) return ofAll[0];
        string more = models.Length > Named ? string.Create(CultureInfo.InvariantCulture, $" and {models.Length - Named} more") : "";
        throw new ModelFormatException(models.Length == 0
            ? $"The folder '{path}' holds no {FileName}: name the folder of a run that ser train has finished, or a model's zip."
            : $"The folder '{path}' has no {FileName} at its top, so it does not say which model is meant. Name one of those below it: "
                + $"{string.Join(", ", models.Take(Named))}{more}.");
    }
}
