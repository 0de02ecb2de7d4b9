namespace SerPipeline.Corpora.Datasets;

/// <summary>Reads the JSON of <see cref="DatasetFile"/>, strictly, and collects every error with the field it is in.</summary>
internal sealed class DatasetReader
{
    private static readonly JsonDocumentOptions Json =
        new() { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly List<string> _errors = [];
    private readonly string _folder;

    private DatasetReader(string file) => _folder = Path.GetDirectoryName(file)!;

    public static IReadOnlyList<DatasetDefinition> Read(string file, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Json);
            var reader = new DatasetReader(file);
            List<DatasetDefinition> datasets = reader.File(document.RootElement);
            if (reader._errors.Count == 0) return datasets;
            throw new CorpusException($"The data sets in {file} have {reader._errors.Count} "
                + $"error(s):{Environment.NewLine}{string.Join(Environment.NewLine, reader._errors)}");
        }
        catch (InvalidOperationException error)
        {
            // Texts are decoded when they are asked for.
            throw new CorpusException($"The file of data sets {file} holds a text that is no Unicode: {error.Message}", error);
        }
        catch (JsonException error)
        {
            string line = error.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $"line {number + 1}")
                : "unknown line";
            throw new CorpusException($"The file of data sets {file} is not valid JSON, {line}: {error.Message}", error);
        }
    }

    private List<DatasetDefinition> File(JsonElement root)
    {
        var datasets = new List<DatasetDefinition>();
        if (!Fields(root, "the file", ["version", "datasets"])) return datasets;
        if (Field(root, "version") is not { ValueKind: JsonValueKind.Number } version || !version.TryGetInt32(out int number)
            || number != DatasetFile.Version)
            _errors.Add($"version: expected {DatasetFile.Version}, got {Shown(Field(root, "version"))}");
        if (Field(root, "datasets") is not { ValueKind: JsonValueKind.Object } sets || !sets.EnumerateObject().Any())
            _errors.Add($"datasets: expected an object with a field for each data set, got {Shown(Field(root, "datasets"))}");
        else
            foreach (JsonProperty set in sets.EnumerateObject())
                if (Definition(set.Name, set.Value) is { } definition) datasets.Add(definition);
        foreach (var twice in datasets.GroupBy(dataset => dataset.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            _errors.Add($"datasets: '{twice.Key}' is there more than once (names ignore case)");
        return datasets;
    }

    private DatasetDefinition? Definition(string name, JsonElement json)
    {
        string at = $"datasets.{name}";
        RequireName(name, at);
        if (!Fields(json, at, ["description", "corpora", "map", "labels", "oversample", "sources"])) return null;
        (LabelCombination combination, IReadOnlyList<string>? labels) = LabelsOf(json, at);
        return new DatasetDefinition(name, Text(json, at, "description") ?? "", Corpora(json, at))
        {
            Combination = combination,
            LabelMap = Checked(new CorpusLoadOptions { LabelMap = Map(json, at) }, at).LabelMap,
            Labels = labels,
            Oversample = OversamplingOf(json, at),
            Sources = Texts(json, at, "sources") ?? [],
        };
    }

    // Names are listed on the command line, and prefix the paths and speakers of a combination.
    private void RequireName(string name, string at)
    {
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || c is ',' or '/' or '\\'))
            _errors.Add($"{at}: expected a name without spaces, commas and slashes, got '{name}'");
    }

    private List<DatasetCorpus> Corpora(JsonElement json, string at)
    {
        var corpora = new List<DatasetCorpus>();
        if (Field(json, "corpora") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            _errors.Add($"{at}.corpora: expected a list with one or more corpora, got {Shown(Field(json, "corpora"))}");
            return corpora;
        }
        foreach ((int i, JsonElement item) in list.EnumerateArray().Index())
            if (Corpus(item, string.Create(CultureInfo.InvariantCulture, $"{at}.corpora[{i}]")) is { } corpus) corpora.Add(corpus);
        foreach (var twice in corpora.GroupBy(corpus => corpus.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            _errors.Add($"{at}.corpora: '{twice.Key}' is there more than once");
        return corpora;
    }

    private DatasetCorpus? Corpus(JsonElement json, string at)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            if (CorpusFacts.Find(json.GetString()!) is { } facts) return new DatasetCorpus(facts.Name, facts.Name);
            _errors.Add($"{at}: expected one of {Known()}, or an object with name, format and path, got {Shown(json)}");
            return null;
        }
        if (!Fields(json, at, ["name", "format", "path", "map", "labels", "speakerPattern", "audioRoot"])) return null;
        string? format = Text(json, at, "format"), path = Text(json, at, "path"), name = Text(json, at, "name");
        if (CorpusLoader.Names.FirstOrDefault(known => known.Equals(format, StringComparison.OrdinalIgnoreCase)) is not { } loader)
        {
            if (format is not null) _errors.Add($"{at}.format: expected one of {string.Join(", ", CorpusLoader.Names)}, got '{format}'");
            return null;
        }
        if (name is not null) RequireName(name, $"{at}.name");
        if (name is null || path is null) return null;
        string? root = Field(json, "audioRoot") is null ? null : Text(json, at, "audioRoot");
        var load = new CorpusLoadOptions
        {
            Name = name,
            Labels = Texts(json, at, "labels"),
            SpeakerPattern = Field(json, "speakerPattern") is null ? null : Text(json, at, "speakerPattern"),
            LabelMap = Map(json, at),
            AudioRoot = root is null ? null : CorpusFiles.Full(_folder, root),
        };
        return new DatasetCorpus(name, loader) { Path = CorpusFiles.Full(_folder, path), Load = Checked(load, at) };
    }

    private CorpusLoadOptions Checked(CorpusLoadOptions load, string at)
    {
        try
        {
            load.Validate();
        }
        catch (OptionsException error)
        {
            _errors.AddRange(error.Problems.Select(problem => $"{at}: {problem}"));
        }
        return load;
    }

    private (LabelCombination Combination, IReadOnlyList<string>? Labels) LabelsOf(JsonElement json, string at)
    {
        if (Field(json, "labels") is { ValueKind: JsonValueKind.Array })
        {
            string[] labels = Texts(json, at, "labels") ?? [];
            if (labels.Length == 0 || labels.Distinct().Count() != labels.Length)
                _errors.Add($"{at}.labels: expected one or more different labels");
            return (LabelCombination.Union, labels);
        }
        string? word = Word(json, "labels", "union");
        if (word is not ("union" or "common"))
            _errors.Add($"{at}.labels: expected \"union\", \"common\" or a list of labels, got {Shown(Field(json, "labels"))}");
        return (word == "common" ? LabelCombination.Common : LabelCombination.Union, null);
    }

    private Oversampling OversamplingOf(JsonElement json, string at)
    {
        string? word = Word(json, "oversample", "none");
        if (word is not ("none" or "before-split" or "training"))
            _errors.Add($"{at}.oversample: expected \"none\", \"before-split\" or \"training\", got {Shown(Field(json, "oversample"))}");
        return word switch { "before-split" => Oversampling.BeforeSplit, "training" => Oversampling.Training, _ => Oversampling.None };
    }

    // The field's text; the default where it is absent, null where it is no text.
    private static string? Word(JsonElement json, string field, string absent) =>
        Field(json, field) is not { } value ? absent : value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private bool Fields(JsonElement json, string at, IReadOnlyList<string> known)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            _errors.Add($"{at}: expected an object with {string.Join(", ", known)}, got {Shown(json)}");
            return false;
        }
        foreach (JsonProperty field in json.EnumerateObject().Where(field => !known.Contains(field.Name)))
            _errors.Add($"{at}: there is no field '{field.Name}': expected {string.Join(", ", known)}");
        return true;
    }

    private string? Text(JsonElement json, string at, string field)
    {
        if (Field(json, field) is { ValueKind: JsonValueKind.String } text && !string.IsNullOrWhiteSpace(text.GetString()))
            return text.GetString();
        _errors.Add($"{at}.{field}: expected a text, got {Shown(Field(json, field))}");
        return null;
    }

    private string[]? Texts(JsonElement json, string at, string field)
    {
        if (Field(json, field) is not { } list) return null;
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. list.EnumerateArray().Select(item => item.GetString()!)];
        _errors.Add($"{at}.{field}: expected a list of texts, got {Shown(list)}");
        return null;
    }

    private Dictionary<string, string>? Map(JsonElement json, string at)
    {
        if (Field(json, "map") is not { } map) return null;
        if (map.ValueKind == JsonValueKind.Object && map.EnumerateObject().All(pair => pair.Value.ValueKind == JsonValueKind.String)
            && map.EnumerateObject().Any())
            return map.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!);
        _errors.Add($"{at}.map: expected an object from labels to labels, such as {{ \"excited\": \"happy\", \"frustration\": \"\" }}, got "
            + $"{Shown(map)}");
        return null;
    }

    private static JsonElement? Field(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string Known() => string.Join(", ", CorpusFacts.All.Select(facts => facts.Name));

    private static string Shown(JsonElement? json) =>
        json is not { } value ? "nothing" : value.GetRawText() is { Length: <= 60 } text ? text : value.GetRawText()[..60] + "...";
}
