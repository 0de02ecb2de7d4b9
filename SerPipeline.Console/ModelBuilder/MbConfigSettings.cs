using System.Text.Json.Nodes;
using SerPipeline.Console.Commands;
using SerPipeline.Splits;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>
/// What a configuration of Model Builder asks <c>ser train</c> for. The section <c>SerPipeline.Train</c> holds settings under their own
/// names; the rest is read from Model Builder's fields: the
/// folder a label, the validation option, and of the last trial epochs and batch size.
/// </summary>
internal sealed class MbConfigSettings
{
    /// <summary>Model Builder's name for one split, and for folds.</summary>
    public const string SplitOption = "TrainValidateSplitValidationOption", FoldsOption = "CrossValidationValidationOption";

    // The protocols that go with each.
    private static readonly string[] SplitProtocols = ["random", "speaker", "paper", "cross", "given"],
        FoldProtocols = ["kfold", "speaker-5fold", "loso", "cross"];

    // What one option on the command line makes void in a file: the rest of the same choice, which it may not go with.
    private static readonly (OptionDefinition[] Given, OptionDefinition[] Void)[] Choices =
    [
        ([TrainOptions.Protocol], [TrainOptions.Protocol, TrainOptions.TestSpeakers, TrainOptions.TestFraction, TrainOptions.Folds,
            TrainOptions.FoldFile, TrainOptions.TrainOn, TrainOptions.TestOn]),
        ([TrainOptions.TestSpeakers, TrainOptions.FoldFile, TrainOptions.TestFraction],
            [TrainOptions.TestSpeakers, TrainOptions.TestFraction, TrainOptions.FoldFile]),
        ([CorpusSource.Corpus, CorpusSource.Dataset],
            [CorpusSource.Corpus, CorpusSource.Dataset, CorpusSource.Datasets, CorpusSource.Data, CorpusSource.Combine, CorpusSource.Name,
                CorpusSource.SpeakerPattern, CorpusSource.Map, CorpusSource.Labels, CorpusSource.AudioRoot]),
    ];

    // A file says what is trained; where the run goes and how it is shown is for who starts it.
    private static readonly OptionDefinition[] OfTheCommandLine = [TrainOptions.Config, TrainOptions.Out, TrainOptions.Resume,
        TrainOptions.Json];

    private readonly MbConfigFile _file;
    private readonly Dictionary<string, string> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _remarks = [];

    private MbConfigSettings(MbConfigFile file) => _file = file;

    /// <summary>What the file asks for and does not get, one sentence each.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>Whether a protocol goes with <see cref="FoldsOption"/> alone.</summary>
    /// <param name="protocol">Its name on the command line, or null.</param>
    public static bool DividesIntoFolds(string? protocol) => FoldProtocols.Contains(protocol) && !SplitProtocols.Contains(protocol);

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="MbConfigException">It asks for what cannot be done.</exception>
    public static MbConfigSettings Of(MbConfigFile file)
    {
        var settings = new MbConfigSettings(file);
        settings.ReadOwnSection();
        settings.ReadScenario();
        settings.ReadSource();
        settings.ReadOption();
        return settings;
    }

    /// <summary>Whether clips are asked for without a word of where they lie.</summary>
    public bool LacksData => !_settings.ContainsKey(CorpusSource.Data.Key)
        && _settings.GetValueOrDefault(CorpusSource.Corpus.Key) != CorpusSource.Demo;

    /// <summary>The file of named data sets that is asked for and is not there; null where none is missing.</summary>
    public string? MissingDatasets =>
        _settings.TryGetValue(CorpusSource.Datasets.Key, out string? path) && !File.Exists(path) ? path : null;

    /// <summary>Where another training is asked for than the one that made a model.</summary>
    /// <param name="record">How the model was trained; null where it does not say.</param>
    public IEnumerable<string> DifferencesFrom(TrainingRecord? record)
    {
        foreach (string key in new[] { TrainOptions.Trainer.Key, TrainOptions.Protocol.Key, CorpusSource.Corpus.Key })
            if (record?.Settings?.GetValueOrDefault(key) is { } made && _settings.GetValueOrDefault(key) is { } asked
                && !made.Equals(asked, StringComparison.OrdinalIgnoreCase))
                yield return $"its {key} is {asked}, and that of the model {made}";
    }

    /// <summary>The settings, by the names of options in configuration, that still count beside a command line.</summary>
    /// <param name="given">The options on the command line, by name.</param>
    public IReadOnlyDictionary<string, string> Beside(IReadOnlyDictionary<string, string> given)
    {
        var left = new Dictionary<string, string>(_settings, StringComparer.OrdinalIgnoreCase);
        foreach ((OptionDefinition[] leading, OptionDefinition[] voided) in Choices)
            if (leading.Any(option => given.ContainsKey(option.Key)))
                foreach (OptionDefinition option in voided) left.Remove(option.Key);
        // Another trainer than the file's has no use for some of what the file says to that one.
        if (given.TryGetValue(TrainOptions.Trainer.Key, out string? trainers))
        {
            left.Remove(TrainOptions.Trainer.Key);
            string[] names = [.. trainers.Split(',').Select(name => name.Trim().ToLowerInvariant()).Intersect(ConsoleTrainers.Names)];
            bool prosody = given.ContainsKey(TrainOptions.Prosody.Key) || left.ContainsKey(TrainOptions.Prosody.Key);
            foreach (OptionDefinition option in TrainOptions.All.Where(option =>
                names.All(name => !TrainerUse.Reads(name, option, prosody))))
                left.Remove(option.Key);
            string[] copies = left.GetValueOrDefault(TrainOptions.Copies.Key)?.Split(',', StringSplitOptions.TrimEntries) ?? [];
            if (copies.Any(copy => Enum.TryParse(copy, ignoreCase: true, out TrainingCopy known)
                && names.Any(name => !TrainerChains.CanLearnFrom(name, known))))
                left.Remove(TrainOptions.Copies.Key);
        }
        return left;
    }

    private void ReadOwnSection()
    {
        if (_file.Section(_file.Root, MbConfigFile.OwnSection) is not { } own || _file.Section(own, "Train") is not { } train) return;
        foreach ((string name, JsonNode? value) in train)
            _settings[name] = value switch
            {
                JsonArray items when items.All(item => item is JsonValue) => string.Join(',', items.Select(item => item!.ToString())),
                JsonValue one => one.ToString(),
                _ => throw _file.Wrong(train, name, "a value or a list of values"),
            };
        foreach (OptionDefinition option in OfTheCommandLine)
            if (_settings.ContainsKey(option.Key))
                throw new MbConfigException($"'{_file.Path}' sets {MbConfigFile.OwnSection}.Train.{option.Key}, which is for the "
                + $"command line alone: {option.Name}.");
        foreach (OptionDefinition path in (ReadOnlySpan<OptionDefinition>)[TrainOptions.FoldFile, CorpusSource.Datasets, CorpusSource.Data,
            CorpusSource.AudioRoot])
            if (_settings.TryGetValue(path.Key, out string? named)) _settings[path.Key] = Places(named);
        // Names are compared below.
        foreach (OptionDefinition named in (ReadOnlySpan<OptionDefinition>)[TrainOptions.Protocol, TrainOptions.Trainer,
            CorpusSource.Corpus])
            if (_settings.TryGetValue(named.Key, out string? name)) _settings[named.Key] = name.ToLowerInvariant();
    }

    private void ReadScenario()
    {
        string? scenario = _file.Text(_file.Root, "Scenario");
        string trainer = scenario switch
        {
            "ImageClassification" => TrainerChains.Cnn,
            "Classification" => TrainerChains.Mlp,
            _ => throw new MbConfigException($"'{_file.Path}' has the scenario '{scenario}'; clips are trained on under "
                + "ImageClassification (their spectrograms as images) or Classification (a vector of features)."),
        };
        if (!_settings.ContainsKey(TrainOptions.Trainer.Key)) ReadLastTrial(trainer);
        if (_file.Section(_file.Root, "Environment") is not { } environment || _file.Text(environment, "Type") is not { } type
            || type == "LocalCPU") return;
        if (!type.StartsWith("Local", StringComparison.Ordinal))
            throw new MbConfigException($"'{_file.Path}' has the environment '{type}': training is local here, so it must be LocalCPU.");
        _remarks.Add($"The environment {type} is not used: --device decides where networks train.");
    }

    private string Places(string text) => DataFolders.Parse(text).ToText(_file.Resolve);

    // Of what Model Builder trained nothing carries over but the sizes of the training. Trials of this program stand behind it and change
    // nothing.
    private void ReadLastTrial(string trainer)
    {
        _settings[TrainOptions.Trainer.Key] = trainer;
        if (_file.Section(_file.Root, "RunHistory") is not { } history
            || _file.Objects(history, "Trials").LastOrDefault(trial => trial[MbConfigFile.OwnSection] is null) is not { } trial
            || _file.Section(trial, "Parameter") is not { } parameter) return;
        foreach ((string name, JsonNode? node) in parameter)
        {
            if (node is not JsonObject stage) continue;
            if (_file.Text(stage, "Arch") is { } arch)
                _remarks.Add($"The architecture {arch} of {name} is none of this program: its own network is trained, "
                + $"{TrainerChains.Describe(trainer).ToLowerInvariant()}.");
            if (_file.Whole(stage, "Epoch") is { } epochs) SetDefault(TrainOptions.Epochs, Format.Whole(epochs));
            if (_file.Whole(stage, "BatchSize") is { } batch) SetDefault(TrainOptions.BatchSize, Format.Whole(batch));
        }
    }

    private void ReadSource()
    {
        if (_file.Section(_file.Root, "DataSource") is not { } source) throw new MbConfigException($"'{_file.Path}' has no DataSource.");
        string? type = _file.Text(source, "Type");
        (string corpus, string? place) = type switch
        {
            "Folder" => ("folder", _file.Text(source, "FolderPath")),
            "TabularFile" => ("manifest", _file.Text(source, "FilePath")),
            _ => throw new MbConfigException($"'{_file.Path}' has a data source of type '{type}'; Folder (a folder of clips a label, or "
                + "a corpus) and TabularFile (a CSV with path,label,speaker) can be read."),
        };
        if (!_settings.ContainsKey(CorpusSource.Dataset.Key)) SetDefault(CorpusSource.Corpus, corpus);
        if (string.IsNullOrWhiteSpace(place)) return;
        SetDefault(CorpusSource.Data, Places(place));
    }

    private void ReadOption()
    {
        if (_file.Section(_file.Root, "TrainingOption") is not { } option) return;
        if (_file.Flag(option, "Subsampling")) _remarks.Add("Subsampling is not used: every clip is trained on.");
        if (_file.Number(option, "TrainingTime") is > 0 and { } seconds)
            _remarks.Add(string.Create(CultureInfo.InvariantCulture,
                $"TrainingTime, {seconds} s, is not used: epochs and early stopping decide when training ends."));
        if (_file.Section(option, "ValidationOption") is not { } validation) return;
        string? type = _file.Text(validation, "Type");
        switch (type)
        {
            case SplitOption:
                if (Protocols(type, SplitProtocols, "random").Any(protocol => protocol is "random" or "speaker")
                    && _file.Number(validation, "SplitRatio") is { } ratio
                    && !_settings.ContainsKey(TrainOptions.TestSpeakers.Key) && !_settings.ContainsKey(TrainOptions.FoldFile.Key))
                    SetDefault(TrainOptions.TestFraction, ratio is > 0 and < 1 ? ratio.ToString("R", CultureInfo.InvariantCulture)
                        : throw _file.Wrong(validation, "SplitRatio", "a share above 0 and below 1"));
                break;
            case FoldsOption:
                if (Protocols(type, FoldProtocols, "kfold").Contains("kfold") && _file.Whole(validation, "NumberOfFolds") is { } folds)
                    SetDefault(TrainOptions.Folds, folds >= 2 ? Format.Whole(folds)
                        : throw _file.Wrong(validation, "NumberOfFolds", "a whole number of at least 2"));
                break;
            default:
                throw new MbConfigException($"'{_file.Path}' has the validation option '{type}'; {SplitOption} and {FoldsOption} are "
                    + "known here.");
        }
    }

    // Model Builder divides clips, whoever speaks in them; only the own section can say otherwise. Several protocols are no contradiction:
    // each has its folder.
    private string[] Protocols(string option, string[] allowed, string byDefault)
    {
        SetDefault(TrainOptions.Protocol, byDefault);
        // What is heard before and how clips sound changes nothing about the division.
        string[] asked = [.. _settings[TrainOptions.Protocol.Key].Split(',', StringSplitOptions.TrimEntries)
            .Select(protocol => SplitProtocol.Divide(protocol.ToLowerInvariant()).Protocol).Distinct()];
        if (asked is not [var protocol] || allowed.Contains(protocol) || !ProtocolNames.All.Contains(protocol)) return asked;
        throw new MbConfigException(
            $"'{_file.Path}' contradicts itself: ValidationOption is {option}, but {MbConfigFile.OwnSection}.Train.Protocol is "
                + $"{protocol}. Change one of them; the option goes with {Spelling.List(allowed)}.");
    }

    private void SetDefault(OptionDefinition option, string value) => _settings.TryAdd(option.Key, value);
}
