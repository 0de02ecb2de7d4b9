using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>A column's value for one clip, float.</summary>
/// <param name="Values">Row-major.</param>
/// <param name="Shape">A batch of one: <c>[1, slots]</c>, <c>[1, bands, frames]</c> or <c>[1, 1, height, width]</c>.</param>
internal readonly record struct ColumnValue(float[] Values, long[] Shape);

/// <summary>A model's audio stages, bound once, computed without ML.NET. Any number of threads may compute at once.</summary>
internal sealed class AudioFeatures
{
    private const string LoadAudio = "LoadAudio";

    private readonly List<(string Input, string Output, Func<ColumnValue, ColumnValue> Compute)> _steps = [];
    private readonly string _waveform;

    /// <summary>Binds the stages.</summary>
    /// <param name="stages">LoadAudio first.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">The stages do not begin with audio, are unknown, or have options that cannot be
    /// used.</exception>
    public AudioFeatures(IReadOnlyList<ModelStage> stages, string name)
    {
        if (stages is not [{ Name: LoadAudio } loading, ..])
        {
            string found = stages.Count == 0 ? "it has no audio stage" : $"its first audio stage is no {LoadAudio} but {stages[0].Name}";
            throw new ModelFormatException($"'{name}' does not predict from audio: {found}.");
        }
        Loading = Valid(loading, name, stage =>
        {
            var options = StageOptions.Read<LoadAudioOptions>(stage.Name, stage.Options);
            options.Validate();
            return options;
        });
        _waveform = loading.Output;
        foreach (ModelStage stage in stages.Skip(1))
        {
            if (stage.Input != _waveform && _steps.All(step => step.Output != stage.Input))
                throw new ModelFormatException($"'{name}' holds a stage '{stage.Name}' that reads column '{stage.Input}', which no "
                    + "stage before it adds.");
            _steps.Add((stage.Input, stage.Output, Valid(stage, name, Bind)));
        }
    }

    /// <summary>How audio is prepared for the stages.</summary>
    public LoadAudioOptions Loading { get; }

    /// <summary>Whether a stage computes a column.</summary>
    public bool Computes(string column) => column == _waveform || _steps.Any(step => step.Output == column);

    /// <summary>Leaves out the stages that no column needs.</summary>
    /// <param name="columns">The columns that are asked for, each one of <see cref="Computes"/>.</param>
    public void Keep(IReadOnlyCollection<string> columns)
    {
        var needed = new HashSet<string>(columns, StringComparer.Ordinal);
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(_steps[i].Output)) needed.Add(_steps[i].Input);
            else _steps.RemoveAt(i);
        }
    }

    /// <summary>Every column for one clip.</summary>
    /// <param name="prepared">Audio resampled, trimmed, levelled and padded.</param>
    public IReadOnlyDictionary<string, ColumnValue> Compute(AudioClip prepared)
    {
        var columns = new Dictionary<string, ColumnValue>(_steps.Count + 1, StringComparer.Ordinal)
        {
            [_waveform] = new(prepared.Samples.ToArray(), [1, prepared.Length]),
        };
        foreach ((string input, string output, Func<ColumnValue, ColumnValue> compute) in _steps) columns[output] = compute(columns[input]);
        return columns;
    }

    private static Func<ColumnValue, ColumnValue> Bind(ModelStage stage)
    {
        switch (stage.Name)
        {
            case "LogMelSpectrogram":
                var logMel = new LogMelExtractor(Options<LogMelOptions>(stage));
                return samples =>
                {
                    if (logMel.FrameCount(samples.Values.Length) == 0)
                        throw new AudioFormatException($"A clip of {samples.Values.Length} samples is shorter than one frame of "
                            + "LogMelSpectrogram: use longer clips.");
                    FrameMatrix frames = logMel.Extract(samples.Values);
                    return new(frames.Values, [1, frames.Bands, frames.Frames]);
                };
            case "SpectrogramImage":
                var renderer = new SpectrogramRenderer(Options<SpectrogramRendererOptions>(stage));
                return frames =>
                {
                    GrayImage image = renderer.Render(frames.Values, (int)frames.Shape[1], (int)frames.Shape[2]).Image;
                    return new(Array.ConvertAll(image.Pixels, level => (float)level), [1, 1, image.Height, image.Width]);
                };
            case "UtteranceFeatures":
                var utterance = new UtteranceFeatures(Options<UtteranceFeatureOptions>(stage));
                return samples => Vector(utterance.Extract(samples.Values));
            case "PaperMfcc":
                var mfcc = new PaperMfcc(Options<PaperMfccOptions>(stage));
                return samples => Vector(mfcc.Extract(samples.Values));
            default:
                throw new ModelFormatException("this version does not know it. Update to the version that wrote it or a later one.");
        }
    }

    private static ColumnValue Vector(float[] values) => new(values, [1, values.Length]);

    private static TOptions Options<TOptions>(ModelStage stage) => StageOptions.Read<TOptions>(stage.Name, stage.Options);

    private static T Valid<T>(ModelStage stage, string name, Func<ModelStage, T> make)
    {
        try
        {
            return make(stage);
        }
        catch (Exception e) when (e is ModelFormatException or OptionsException)
        {
            throw new ModelFormatException($"'{name}' holds a stage '{stage.Name}' that cannot be used: {e.Message}", e);
        }
    }
}
