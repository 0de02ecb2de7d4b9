namespace SerPipeline.Console.Commands;

/// <summary><c>ser train --resume</c>: the options that a run was begun with, kept in its folder while it is unfinished.</summary>
internal static class TrainResume
{
    // What shows or stores a run and decides nothing of it.
    private static readonly OptionDefinition[] Free = [TrainOptions.Resume, CacheFolder.Option, CacheFolder.Off, TrainOptions.Json];

    private static readonly OptionDefinition[] Paths = [CorpusSource.Datasets, CorpusSource.AudioRoot, TrainOptions.FoldFile,
        TrainOptions.Config, CacheFolder.Option];

    /// <summary>The options of a run that begins, such that they mean the same in another working folder.</summary>
    /// <param name="input">The command's settings.</param>
    /// <param name="source">The data that they name.</param>
    public static IReadOnlyDictionary<string, string> OptionsOf(CommandInput input, CorpusSource.Settings source)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (OptionDefinition option in input.Definition.Options.Except([TrainOptions.Resume, TrainOptions.Out, TrainOptions.Json]))
            if (input.Text(option) is { } text) options[option.Key] = Absolute(option.Key, text);
        // What was found without being named is named from now on.
        if (source.Folder == DataFolders.Default && !source.Corpora.Contains(CorpusSource.Demo))
            options[CorpusSource.Data.Key] = Path.GetFullPath(DataFolders.Default);
        if (source.DatasetNames.Count > 0 && source.DatasetFile is null)
            options[CorpusSource.Datasets.Key] = Path.GetFullPath(CorpusSource.DefaultDatasets());
        return options;
    }

    /// <summary>The settings of an interrupted run; every other option as if nobody had given it.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="given">The command line's own options.</param>
    /// <exception cref="UsageException">The command line contradicts the run.</exception>
    public static IReadOnlyDictionary<string, string> Read(string folder, IReadOnlyDictionary<string, string> given)
    {
        if (UnfinishedRun.OptionsOf(folder) is not { } options) return new Dictionary<string, string>();
        string[] problems = [.. TrainCommand.Definition.Options.Where(option => !Free.Contains(option))
            .Select(option => Problem(option, folder, given, options)).OfType<string>()];
        if (problems.Length > 0) throw new UsageException(string.Join(Environment.NewLine, problems));
        var settings = TrainCommand.Definition.Options.Except(Free).ToDictionary(option => option.Key, _ => "", StringComparer.Ordinal);
        foreach ((string key, string value) in options) settings[key] = value;
        return settings;
    }

    /// <summary>Whether a folder holds a run that is complete, so that nothing is left to do.</summary>
    public static bool IsComplete(string folder) =>
        !File.Exists(Path.Combine(folder, UnfinishedRun.FileName)) && File.Exists(Path.Combine(folder, Evaluation.MetricsFile.FileName));

    /// <summary>The options that the command line gives to a run that is complete, and that decide nothing of it any more.</summary>
    /// <param name="input">The command's settings.</param>
    public static string[] Unheard(CommandInput input) =>
        [.. input.Definition.Options.Except(Free).Except([TrainOptions.Out]).Select(option => option.Name)
            .Where(name => input.CommandLine.Any(word => word.Split('=', ':')[0] == name))];

    private static string? Problem(OptionDefinition option, string folder, IReadOnlyDictionary<string, string> given,
        IReadOnlyDictionary<string, string> options)
    {
        if (!given.TryGetValue(option.Key, out string? asked)) return null;
        if (option == TrainOptions.Out)
            return Path.GetFullPath(asked) == Path.GetFullPath(folder) ? null : $"--resume goes on in {folder}: leave --out out.";
        if (Absolute(option.Key, asked) == options.GetValueOrDefault(option.Key)) return null;
        string own = options.TryGetValue(option.Key, out string? value) ? $"has {option.Name} {value}" : $"was begun without {option.Name}";
        return $"{option.Name} {asked} contradicts the run in {folder}, which {own}. Leave it out, or train in another folder.";
    }

    private static string Absolute(string key, string text) => key == CorpusSource.Data.Key
        ? DataFolders.Parse(text).ToText(Path.GetFullPath)
        : Paths.Any(path => path.Key == key) ? Path.GetFullPath(text) : text;
}
