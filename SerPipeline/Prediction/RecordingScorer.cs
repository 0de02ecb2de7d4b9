using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>
/// Scores a recording that arrives in blocks. Up to five minutes it is scored as one clip, bit for bit as if it had come whole; a longer
/// one is cut into windows, so that memory stays flat however long it is.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="channel">The channel to hear, counted from 0; null for the mean of all.</param>
/// <param name="name">What messages call the recording.</param>
internal sealed class RecordingScorer(SerModel model, int? channel, string name)
{
    public const double LongestSeconds = 300;

    // As a timeline's: about the length of the clips that corpora of acted speech hold.
    private const double WindowSeconds = 3, ShortestWindowSeconds = 0.5;

    private readonly List<float[]> _pieces = [];
    private readonly double[] _speech = new double[model.Labels.Count], _other = new double[model.Labels.Count];
    private QualityMeter? _meter;
    private StreamingResampler? _resampler;
    private PredictionNotes _notes;
    private int _rate, _channels, _speechWindows, _otherWindows, _held;
    private long _frames;
    private bool _truncated;
    private float[]? _window;

    /// <exception cref="AudioFormatException">The block cannot be used.</exception>
    public void Push(AudioClip block)
    {
        if (_meter is null) Begin(block);
        ClipCheck.RequireFinite(block.Samples, block.Channels, _frames, name);
        AudioClip mono = Channels.Pick(block, channel, name);
        _truncated |= block.IsTruncated;
        _frames += block.Length;
        _meter!.Push(mono.Samples);
        Take(_resampler!.Push(mono.Samples));
    }

    /// <exception cref="AudioFormatException">No sample came, or they are too large to be resampled.</exception>
    public EmotionPrediction Complete()
    {
        if (_frames == 0) throw new AudioFormatException($"{name} holds no samples: there is nothing to predict on.");
        Take(_resampler!.Complete());
        RecordingQuality quality = _meter!.Judge(_truncated);
        float[]? scores = null;
        if (model.Answers(quality)) scores = _window is null ? Whole(quality.Scale) : Mean();
        string? heard = channel is { } index ? Channels.NameOf(index, _channels) : null;
        return model.Answer(scores, quality, quality.Duration, _rate, _notes, heard);
    }

    private void Begin(AudioClip block)
    {
        ClipCheck.RequireRate(block.SampleRateHz, model.SampleRateHz, model.Resampler, name);
        (_rate, _channels) = (block.SampleRateHz, block.Channels);
        if (_channels > 1 && channel is null) _notes |= PredictionNotes.MixedDown;
        if (_rate != model.SampleRateHz) _notes |= PredictionNotes.Resampled;
        _meter = new QualityMeter(_rate);
        _resampler = new StreamingResampler(new Resampler(_rate, model.SampleRateHz, model.Resampler));
    }

    private void Take(float[] resampled)
    {
        if (_window is not null)
        {
            Slide(resampled);
            return;
        }
        if (resampled.Length == 0) return;
        _pieces.Add(resampled);
        _held += resampled.Length;
        if (_held <= LongestSeconds * model.SampleRateHz) return;
        _window = new float[(int)(WindowSeconds * model.SampleRateHz)];
        _notes |= PredictionNotes.Windowed;
        _held = 0;
        foreach (float[] piece in _pieces) Slide(piece);
        _pieces.Clear();
    }

    private void Slide(ReadOnlySpan<float> resampled)
    {
        while (!resampled.IsEmpty)
        {
            int taken = Math.Min(resampled.Length, _window!.Length - _held);
            resampled[..taken].CopyTo(_window.AsSpan(_held));
            resampled = resampled[taken..];
            _held += taken;
            if (_held < _window.Length) return;
            ScoreWindow();
        }
    }

    private void ScoreWindow()
    {
        Span<float> samples = _window.AsSpan(0, _held);
        _held = 0;
        // Whether integers were stored as floats may show late, where a recording begins with silence.
        float scale = _meter!.Scale;
        if (scale != 1) foreach (ref float sample in samples) sample *= scale;
        bool usable = RecordingQuality.Of(samples, model.SampleRateHz).IsUsable;
        if (!usable && !model.Options.AnswerAnyway) return;
        PredictionNotes ignored = default;
        float[] scores = model.Score(new AudioClip(samples.ToArray(), model.SampleRateHz), ref ignored);
        double[] sums = usable ? _speech : _other;
        for (int i = 0; i < scores.Length; i++) sums[i] += scores[i];
        if (usable) _speechWindows++;
        else _otherWindows++;
    }

    private float[] Whole(float scale)
    {
        var mono = new float[_held];
        int at = 0;
        foreach (float[] piece in _pieces)
            foreach (float sample in piece) mono[at++] = sample * scale;
        return model.Score(new AudioClip(mono, model.SampleRateHz), ref _notes);
    }

    // Windows with speech decide; others only where there is none and an answer is wanted all the same.
    private float[]? Mean()
    {
        if (_held >= ShortestWindowSeconds * model.SampleRateHz) ScoreWindow();
        (double[] sums, int count) = _speechWindows > 0 ? (_speech, _speechWindows) : (_other, _otherWindows);
        return count == 0 ? null : Array.ConvertAll(sums, sum => (float)(sum / count));
    }
}
