using Microsoft.ML.Transforms;

namespace SerPipeline.Transforms;

/// <summary>What the saved form of LoadAudio reads: a path, and the stage's options.</summary>
internal sealed class AudioPath
{
    [ColumnName(LoadAudioMapping.PathColumn)]
    public string? Path { get; set; }

    [ColumnName(LoadAudioMapping.OptionsColumn)]
    public string? Options { get; set; }
}

/// <summary>What the saved form of LoadAudio adds.</summary>
internal sealed class AudioSamples
{
    [ColumnName(LoadAudioMapping.SamplesColumn)]
    public float[]? Samples { get; set; }
}

/// <summary>
/// LoadAudio in a saved model. ML.NET rebuilds a custom mapping's columns from its classes, so they have fixed names, with copies before
/// and behind; the options are
/// a constant column beside the path. <c>ml.Model.Load</c> finds this class by the assembly's name in the file: the program must have
/// SerPipeline.dll beside it,
/// and needs no call of <c>ComponentCatalog.RegisterAssembly</c>.
/// </summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class LoadAudioMapping : CustomMappingFactory<AudioPath, AudioSamples>
{
    public const string Contract = "SerPipeline.LoadAudio";
    public const string PathColumn = "SerPipeline.Path";
    public const string OptionsColumn = "SerPipeline.AudioOptions";
    public const string SamplesColumn = "SerPipeline.Samples";

    public override Action<AudioPath, AudioSamples> GetMapping()
    {
        // One reference, for rows are read by several threads.
        var known = new Tuple<string?, LoadAudioOptions>(null, new());
        return (from, to) =>
        {
            // The same text in every row.
            Tuple<string?, LoadAudioOptions> now = known;
            if (now.Item1 != from.Options) known = now = new(from.Options, Read(from.Options ?? ""));
            LoadAudioOptions options = now.Item2;
            to.Samples = AudioPreparation.Prepare(LoadAudioTransformer.Decode(from.Path ?? "", options), options).Samples.ToArray();
        };
    }

    public static ITransformer StockForm(MLContext ml, LoadAudioTransformer stage) =>
        ml.Transforms.CopyColumns(PathColumn, stage.InputColumnName)
            .Append(ml.Transforms.Expression(OptionsColumn, $"(path) : \"{Write(stage.Options)}\"", PathColumn))
            .Append(ml.Transforms.CustomMapping(new LoadAudioMapping().GetMapping(), Contract))
            .Append(ml.Transforms.CopyColumns(stage.OutputColumnName, SamplesColumn))
            .Append(ml.Transforms.DropColumns(PathColumn, OptionsColumn, SamplesColumn))
            .Fit(MemoryView.Empty(stage.InputColumnName, TextDataViewType.Instance));

    /// <summary>Finds the saved form of LoadAudio among a loaded chain's transformers: where it starts, how many they are, and what it
    /// was.</summary>
    public static (int Start, int Count, string OutputColumnName, LoadAudioOptions Options)? Find(IReadOnlyList<ITransformer> stages)
    {
        int at = stages.ToList().FindIndex(stage => stage is CustomMappingTransformer<AudioPath, AudioSamples>);
        if (at < 2 || at + 2 >= stages.Count) return null;
        // The expression ignores its input; the copy says where the samples go.
        IDataView path = new MLContext().Data.LoadFromEnumerable([new AudioPath { Path = "" }], SchemaDefinition.Create(typeof(AudioPath)));
        string options = stages[at - 1].Transform(path).GetColumn<string>(OptionsColumn).Single();
        DataViewSchema copied = stages[at + 1].GetOutputSchema(MemoryView.Empty(SamplesColumn, Waveform.Type).Schema);
        return (at - 2, 5, copied[^1].Name, Read(options));
    }

    // Quotes would end the expression's text; numbers and names hold no apostrophes.
    private static string Write(LoadAudioOptions options) => StageOptions.Write(options).GetRawText().Replace('"', '\'');

    private static LoadAudioOptions Read(string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text.Replace('\'', '"'));
            var options = StageOptions.Read<LoadAudioOptions>(nameof(ClipStage.LoadAudio), json.RootElement);
            options.Validate();
            return options;
        }
        catch (Exception e) when (e is JsonException or OptionsException)
        {
            throw new ModelFormatException($"The model's {Contract} has options that cannot be used: {text} ({e.Message})", e);
        }
    }
}
