using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>A column's value for one clip, float.</summary>
/// <param name="Values">Row-major.</param>
/// <param name="Shape">A batch of one: <c>[1, slots]</c>, <c>[1, bands, frames]</c> or <c>[1, 1, height, width]</c>.</param>
internal readonly record struct ColumnValue(float[] Values, long[] Shape);

/// <summary>A model's audio stages, computed without ML.NET. Any number of threads may compute at once.</summary>
internal sealed class AudioFeatures
{
    private readonly List<(string Input, string Output, ClipStage Stage)> _steps = [];
    private readonly string _waveform;

    // The columns that stages can read: the waveform, and frames with their rows.
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    /// <summary>Binds the stages.</summary>
    /// <param name="stages">LoadAudio first.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">The stages do not begin with audio, are unknown, do not fit each other, or have options that
    /// cannot be used.</exception>
    public AudioFeatures(IReadOnlyList<ModelStage> stages, string name)
    {
        if (stages is not [{ Name: nameof(ClipStage.LoadAudio) } loading, ..])
        {
            string found = stages.Count == 0 ? "it has no audio stage"
                : $"its first audio stage is no {nameof(ClipStage.LoadAudio)} but {stages[0].Name}";
            throw new ModelFormatException($"'{name}' does not predict from audio: {found}.");
        }
        Loading = (LoadAudioOptions)ClipStage.Create(loading.Name, loading.Options, $"'{name}'").Options;
        _waveform = loading.Output;
        _rows[_waveform] = 0;
        foreach (ModelStage stage in stages.Skip(1))
        {
            ClipStage clip = ClipStage.Create(stage.Name, stage.Options, $"'{name}'");
            if (!_rows.TryGetValue(stage.Input, out int rows) || rows > 0 != clip.SampleRateHz is null)
                throw new ModelFormatException($"'{name}' holds a stage '{stage.Name}' that reads column '{stage.Input}', which no "
                    + $"stage before it adds as {(clip.SampleRateHz is null ? "frames" : "audio")}.");
            _steps.Add((stage.Input, stage.Output, clip));
            if (clip.Rows > 0) _rows[stage.Output] = clip.Rows;
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

    /// <summary>Columns of one clip, in the order asked for; an image as its levels.</summary>
    /// <param name="prepared">Audio resampled, trimmed, levelled and padded.</param>
    /// <param name="columns">Each one of <see cref="Computes"/>.</param>
    public ColumnValue[] Compute(AudioClip prepared, IEnumerable<string> columns)
    {
        var values = new Dictionary<string, object>(_steps.Count + 1, StringComparer.Ordinal) { [_waveform] = prepared.Samples.ToArray() };
        foreach ((string input, string output, ClipStage stage) in _steps)
            values[output] = stage.Map((float[])values[input], _rows[input]);
        return [.. columns.Select(column => values[column] switch
        {
            GrayImage image => new ColumnValue(Array.ConvertAll(image.Pixels, level => (float)level), [1, 1, image.Height, image.Width]),
            float[] frames when _rows.GetValueOrDefault(column) is > 0 and var rows => new(frames, [1, rows, frames.Length / rows]),
            var vector => new((float[])vector, [1, ((float[])vector).Length]),
        })];
    }
}
