using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>One window of a timeline.</summary>
/// <param name="Start">Where it begins in the recording.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Prediction">What the model says; null for silence.</param>
public sealed record EmotionSegment(TimeSpan Start, TimeSpan End, EmotionPrediction? Prediction)
{
    /// <summary>Whether the window was too quiet to be scored, see <see cref="EmotionTimelineOptions.SilenceDb"/>.</summary>
    public bool IsSilence => Prediction is null;
}

/// <summary>
/// The emotions of audio that arrives in pieces: a window slides over it, and each is scored as a clip of its own. However the audio is cut
/// into pieces, the windows and their
/// probabilities are the same, to the last bit, as those of the whole recording resampled at once. Holds one window of samples, however
/// long the audio. For one thread at a time.
/// </summary>
/// <remarks>
/// Window k begins at k times the hop. The last one ends where the audio ends and may be shorter than the others; audio shorter than a
/// window is one window.
/// </remarks>
public sealed class EmotionTimeline : IDisposable
{
    private readonly SerModel _model;
    private readonly ModelCalls.Call _call;
    private readonly StreamingResampler _resampler;
    private readonly EmotionTimelineOptions _options;
    private readonly int _channels, _hop;
    private readonly int? _channel;
    private readonly PredictionNotes _notes;
    private readonly float[] _window;

    // Places are counted in samples at the model's rate: where the window begins, how much of it is there, where the last one scored ended,
    // and where the last one that its speaker is heard by ended.
    private long _start, _covered, _framesIn, _heard;
    private int _held;
    private bool _complete, _disposed;

    internal EmotionTimeline(SerModel model, ModelCalls.Call call, int sampleRateHz, int channels, EmotionTimelineOptions options,
        int? channel)
    {
        (_model, _call, _options, _channels, SampleRateHz, _channel) = (model, call, options, channels, sampleRateHz, channel);
        try
        {
            options.Validate();
            if (sampleRateHz < 1) throw new ArgumentOutOfRangeException(nameof(sampleRateHz), sampleRateHz,
                "A sample rate is the number of samples a second, at least 1.");
            if (channels < 1) throw new ArgumentOutOfRangeException(nameof(channels), channels, "Audio has at least one channel.");
            if (channel >= channels)
                throw new AudioFormatException($"The audio has {channels} channel{(channels == 1 ? "" : "s")}, and the "
                    + $"{Channels.NameOf(channel.Value, 2)} one is asked for. Take another channel, or mix them.");
            ClipCheck.RequireRate(sampleRateHz, model.SampleRateHz, model.Resampler, "The audio");
            _resampler = new StreamingResampler(new Resampler(sampleRateHz, model.SampleRateHz, model.Resampler));
        }
        catch
        {
            call.Dispose();
            throw;
        }
        _window = new float[(int)Math.Round(options.WindowSeconds * model.SampleRateHz)];
        _hop = Math.Max(1, (int)Math.Round(options.HopSeconds * model.SampleRateHz));
        if (channels > 1 && channel is null) _notes |= PredictionNotes.MixedDown;
        if (sampleRateHz != model.SampleRateHz) _notes |= PredictionNotes.Resampled;
    }

    /// <summary>Frames a second of the pieces.</summary>
    public int SampleRateHz { get; }

    /// <summary>How much audio has come.</summary>
    public TimeSpan Received => TimeSpan.FromSeconds((double)_framesIn / SampleRateHz);

    /// <summary>Takes the next piece.</summary>
    /// <param name="samples">Channels interleaved; a whole number of frames, none at all included.</param>
    /// <returns>The windows that it completes, in order.</returns>
    /// <exception cref="ArgumentException">The samples are no whole number of frames.</exception>
    /// <exception cref="AudioFormatException">A sample is no finite number; the piece was not taken.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called.</exception>
    /// <exception cref="ObjectDisposedException">The timeline is disposed.</exception>
    public IReadOnlyList<EmotionSegment> Push(ReadOnlySpan<float> samples)
    {
        // The model may be gone by then, and its native session is not asked whether it still lives.
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_complete) throw new InvalidOperationException("The timeline is complete: open another one for other audio.");
        if (samples.Length % _channels != 0)
            throw new ArgumentException($"{samples.Length} samples are no whole number of frames of {_channels} channels.",
                nameof(samples));
        ClipCheck.RequireFinite(samples, _channels, _framesIn, "The audio");
        var segments = new List<EmotionSegment>();
        // A second at a time, so that an hour in one piece takes no more memory than a minute does.
        long most = (long)SampleRateHz * _channels;
        for (ReadOnlySpan<float> rest = samples; !rest.IsEmpty;)
        {
            ReadOnlySpan<float> piece = rest[..(int)Math.Min(most, rest.Length)];
            rest = rest[piece.Length..];
            _framesIn += piece.Length / _channels;
            Take(_resampler.Push(_channels == 1 ? piece
                : Channels.Pick(new AudioClip(piece.ToArray(), SampleRateHz, _channels), _channel, "The audio").Samples), segments);
        }
        return segments;
    }

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">Of the timeline's rate and number of channels.</param>
    /// <returns>The windows that it completes, in order.</returns>
    /// <exception cref="ArgumentException">The piece has another rate or number of channels.</exception>
    public IReadOnlyList<EmotionSegment> Push(AudioClip piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        if (piece.SampleRateHz != SampleRateHz || piece.Channels != _channels)
            throw new ArgumentException($"The timeline has {SampleRateHz} Hz and {_channels} channels, the piece {piece.SampleRateHz} "
                + $"Hz and {piece.Channels}.", nameof(piece));
        return Push(piece.Samples);
    }

    /// <summary>Ends the audio.</summary>
    /// <returns>The windows left, in order; the last one ends where the audio ends.</returns>
    /// <exception cref="ObjectDisposedException">The timeline is disposed.</exception>
    public IReadOnlyList<EmotionSegment> Complete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var segments = new List<EmotionSegment>();
        if (_complete) return segments;
        _complete = true;
        Take(_resampler.Complete(), segments);
        if (_start + _held > _covered) segments.Add(Window());
        _model.Speaker?.Next(apart: true);
        return segments;
    }

    /// <summary>Lets go of the model.</summary>
    public void Dispose()
    {
        _disposed = true;
        _call.Dispose();
    }

    private void Take(ReadOnlySpan<float> mono, List<EmotionSegment> segments)
    {
        while (!mono.IsEmpty)
        {
            int taken = Math.Min(mono.Length, _window.Length - _held);
            mono[..taken].CopyTo(_window.AsSpan(_held));
            mono = mono[taken..];
            _held += taken;
            if (_held < _window.Length) return;
            segments.Add(Window());
            _window.AsSpan(_hop).CopyTo(_window);
            _held -= _hop;
            _start += _hop;
        }
    }

    private EmotionSegment Window()
    {
        _covered = _start + _held;
        bool apart = _start >= _heard;
        _model.Speaker?.Next(apart);
        EmotionPrediction? prediction = Score(_window[.._held]);
        if (apart && prediction is { IsAnswered: true }) _heard = _covered;
        return new EmotionSegment(At(_start), At(_covered), prediction);
    }

    private EmotionPrediction? Score(float[] samples)
    {
        // Each window for itself: what it is does not depend on how the audio was cut on its way.
        RecordingQuality quality = RecordingQuality.Of(samples, _model.SampleRateHz);
        if (quality.Scale != 1)
            for (int i = 0; i < samples.Length; i++) samples[i] *= quality.Scale;
        if (IsSilence(samples)) return null;
        var window = new AudioClip(samples, _model.SampleRateHz);
        PredictionNotes notes = _notes;
        float[]? scores = _model.Answers(quality) ? _model.Score(window, ref notes) : null;
        return _model.Answer(scores, quality, window.Duration, SampleRateHz, notes,
            _channel is { } index ? Channels.NameOf(index, _channels) : null);
    }

    private bool IsSilence(ReadOnlySpan<float> samples)
    {
        if (_options.SilenceDb is not { } limit) return false;
        double power = 0;
        foreach (float sample in samples) power += (double)sample * sample;
        return 10 * Math.Log10(power / samples.Length) < limit;
    }

    private TimeSpan At(long samples) => TimeSpan.FromSeconds((double)samples / _model.SampleRateHz);
}

/// <summary>How a window slides over a recording.</summary>
public sealed record EmotionTimelineOptions
{
    /// <summary>The length of each window, in seconds. Default: 3, about the length of the clips that corpora of acted speech
    /// hold.</summary>
    public double WindowSeconds { get; init; } = 3;

    /// <summary>The time from the start of one window to the next, in seconds, at most <see cref="WindowSeconds"/>. Default: 1.</summary>
    public double HopSeconds { get; init; } = 1;

    /// <summary>
    /// The level below which a window is silence and is not scored: its root mean square over the whole window, in dB below full scale (0
    /// dB is a constant 1). Default: -70, under
    /// every whole clip of RAVDESS speech, pauses included (13 of its 1440 clips lie below -60, none below -65); null scores everything.
    /// </summary>
    public double? SilenceDb { get; init; } = -70;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(EmotionTimelineOptions))
        .Require(WindowSeconds is >= 0.1 and <= 600, WindowSeconds, "be between 0.1 and 600 seconds")
        .Require(HopSeconds is >= 0.01 && HopSeconds <= WindowSeconds, HopSeconds, "be at least 0.01 seconds and at most WindowSeconds")
        .Require(SilenceDb is null or (>= -200 and <= 0), SilenceDb, "be between -200 and 0 dB, or null")
        .ThrowIfAny();
}
