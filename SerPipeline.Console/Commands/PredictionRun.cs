using SerPipeline.Audio;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary>One run of <c>ser predict</c>: predicts, writes, and counts.</summary>
internal sealed class PredictionRun(SerModel model, PredictOptions options, PredictionWriter writer, Terminal terminal, TimeProvider time)
    : IDisposable
{
    // From here on one label says little of a recording.
    private static readonly TimeSpan WorthATimeline = TimeSpan.FromMinutes(1);

    // The voices that are heard as they go on, by channel; -1 stands for what the options say.
    private readonly SortedDictionary<int, SpeakerSession> _speakers = [];
    private readonly HashSet<string> _narrow = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _audio;
    private int _recordings, _windows, _silent, _long;

    /// <summary>Files that could not be read.</summary>
    public int Bad { get; private set; }

    /// <summary>Recordings with nothing in the upper band, as over a telephone; one of several channels counts once.</summary>
    public int NarrowBand => _narrow.Count;

    /// <summary>Whether anything was predicted.</summary>
    public bool Any => _recordings > 0;

    /// <summary>Predicts on whole files, several at once; writes them in order as they are done.</summary>
    public void Files(IReadOnlyList<string> paths, Action<int> done, CancellationToken cancellation)
    {
        int count = 0;
        string? last = null;
        foreach (FilePrediction file in model.PredictFilesAsync(paths, cancellation).ToBlockingEnumerable(CancellationToken.None))
        {
            if (file.Prediction is { } prediction) Clip(file.Path, prediction);
            else Unreadable(file.Path, file.Error!);
            // A file has several answers with --channel each.
            if (file.Path != last) done(++count);
            last = file.Path;
        }
    }

    /// <summary>Predicts on one clip.</summary>
    public void Clip(string path, EmotionPrediction prediction)
    {
        writer.Write(path, prediction);
        _recordings++;
        _audio += prediction.Duration;
        if (prediction.Duration > WorthATimeline) _long++;
        if ((prediction.Quality.Notes & QualityNotes.NarrowBand) != 0) _narrow.Add(path);
    }

    /// <summary>Writes the timeline of a file, or one a channel.</summary>
    public void Timelines(string path, Func<IEnumerable<AudioClip>> read, RecordingFigure? figure, CancellationToken cancellation)
    {
        bool each = options.Channel == ChannelSelection.Each;
        int channels = 1;
        for (int channel = 0; channel < channels; channel++)
        {
            IEnumerable<AudioClip> blocks = read().Select(block =>
            {
                if (each) channels = block.Channels;
                return block;
            });
            if (!Timeline(path, blocks, figure, keep: false, cancellation, each ? channel : null)) return;
        }
    }

    /// <summary>Writes the timeline of a recording. Of one that cannot be read to its end nothing stays in a file, or --resume would take
    /// it for finished.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="blocks">Its audio.</param>
    /// <param name="figure">What gathers its figure, or null.</param>
    /// <param name="keep">Whether the part before a failure stays: what a microphone heard cannot be heard again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="channel">The channel to hear, counted from 0; null for what the options say.</param>
    /// <returns>Whether the recording could be read to its end.</returns>
    public bool Timeline(string path, IEnumerable<AudioClip> blocks, RecordingFigure? figure, bool keep, CancellationToken cancellation,
        int? channel = null)
    {
        bool truncated = false;
        HighBand? band = null;
        IEnumerable<AudioClip> seen = blocks.Select(block =>
        {
            truncated |= block.IsTruncated;
            (band ??= new HighBand(block.SampleRateHz)).Push(block.ToMono().Samples);
            return block;
        });
        using var recording = new RecordingWindows(ModelFor(channel), options.Windows, path, seen, figure, channel, cancellation);
        (int windows, int silent) = (0, 0);
        if (channel is null or 0) writer.Begin();
        while (recording.Next() is { } segments)
        {
            windows += segments.Count;
            silent += segments.Count(segment => segment.IsSilence);
            foreach (EmotionSegment segment in segments) writer.Write(path, segment);
        }
        if (recording.Problem is { } problem)
        {
            if (!keep) writer.Discard();
            Unreadable(path, problem);
            return false;
        }
        if (truncated) terminal.Message($"warning: {path} breaks off or has gaps: its header promises more than it holds.");
        // Of silence alone nothing is to be told.
        if (windows > silent && band?.ShareDb < -QualityRules.NarrowBandDb) _narrow.Add(path);
        _recordings++;
        _audio += recording.Received;
        (_windows, _silent) = (_windows + windows, _silent + silent);
        return true;
    }

    /// <summary>Draws the figure.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="path">What to call the recording.</param>
    /// <param name="unseen">Its audio where the figure has not gathered it yet; else null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether it was drawn.</returns>
    public bool Draw(RecordingFigure figure, string path, IEnumerable<AudioClip>? unseen, CancellationToken cancellation)
    {
        if (unseen is null) return figure.Draw(terminal);
        using var recording = new RecordingWindows(model, options.Windows, path, unseen, figure, null, cancellation);
        while (recording.Next() is not null) { }
        return figure.Draw(terminal, recording.Problem);
    }

    /// <summary>Says how much was done, and how fast.</summary>
    public void Summarize()
    {
        if (!Any) return;
        TimeSpan took = time.GetElapsedTime(_start);
        double seconds = Math.Max(took.TotalSeconds, 1e-3);
        string windows = !options.Stream ? ""
            : $", {Format.Count(_windows - _silent, "window")} and {Format.Whole(_silent)} of silence left out";
        terminal.Message(string.Create(CultureInfo.InvariantCulture,
            $"Predicted {Format.Count(_recordings, "recording")}, {Format.Duration(_audio)} of audio{windows}, in "
                + $"{Format.Duration(took)}: {_recordings / seconds:0.0} recordings/s, {_audio.TotalSeconds / seconds:0} times as fast "
                + $"as they play."));
        foreach ((int channel, SpeakerSession speaker) in _speakers)
            terminal.Message($"Heard {Format.Count(speaker.SpeakerClips, "window")} of the voice"
                + (channel < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" of channel {channel + 1}"))
                + (speaker.SpeakerClips < SpeakerAdaptation.MinimumClips ? ": too few, so every answer is for an unknown voice." : "."));
        if (_long > 0 && !options.Stream)
            terminal.Message($"{(_long == 1 ? "A recording is" : $"{Format.Whole(_long)} recordings are")} longer than a minute: --stream "
                + "gives the emotions over time.");
    }

    /// <summary>Warns where a model learned to adapt from too few people.</summary>
    public static void WarnOfFewSpeakers(Terminal terminal, SerModel adapted)
    {
        if (adapted.AdaptationSpeakers < SpeakerAdaptation.LeastSpeakers)
            terminal.Message($"warning: The model learned to adapt from {Format.Count(adapted.AdaptationSpeakers, "speaker")}: with fewer "
                + $"than {SpeakerAdaptation.LeastSpeakers} it was not shown to help.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SpeakerSession speaker in _speakers.Values) speaker.Dispose();
    }

    private SerModel ModelFor(int? channel)
    {
        if (!options.HearsAsItGoes) return model;
        if (_speakers.TryGetValue(channel ?? -1, out SpeakerSession? speaker)) return speaker.Model;
        _speakers[channel ?? -1] = speaker = model.OpenSpeaker();
        if (_speakers.Count > 1) return speaker.Model;
        terminal.Message($"Windows are adapted to the voice once {SpeakerAdaptation.MinimumClips} before them were heard. It should be "
            + "heard in several moods: one mood alone is taken for the voice.");
        WarnOfFewSpeakers(terminal, speaker.Model);
        return speaker.Model;
    }

    private void Unreadable(string path, string reason)
    {
        Bad++;
        terminal.Message($"error: {(reason.Contains(path, StringComparison.Ordinal) ? reason : $"{path}: {reason}")}");
    }
}

/// <summary>The windows of one recording, as its blocks are read. What is wrong with the recording is kept apart from whatever its caller
/// does with the windows.</summary>
internal sealed class RecordingWindows : IDisposable
{
    private readonly IEnumerator<IReadOnlyList<EmotionSegment>> _windows;
    private EmotionTimeline? _timeline;

    /// <summary>Opens a recording, read as windows are asked for; a channel of null is what the model's options say.</summary>
    public RecordingWindows(SerModel model, EmotionTimelineOptions options, string path, IEnumerable<AudioClip> blocks,
        RecordingFigure? figure, int? channel, CancellationToken cancellation) =>
        _windows = Read(model, options, path, blocks, figure, channel, cancellation).GetEnumerator();

    /// <summary>What was read so far.</summary>
    public TimeSpan Received => _timeline?.Received ?? TimeSpan.Zero;

    /// <summary>Why it could not be read to its end, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The next windows; null at the end, and where the recording cannot be read on.</summary>
    public IReadOnlyList<EmotionSegment>? Next()
    {
        try
        {
            return _windows.MoveNext() ? _windows.Current : null;
        }
        catch (Exception e) when (e is AudioFormatException or IOException or UnauthorizedAccessException)
        {
            Problem = e.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _windows.Dispose();
        _timeline?.Dispose();
    }

    private IEnumerable<IReadOnlyList<EmotionSegment>> Read(
        SerModel model, EmotionTimelineOptions options, string path, IEnumerable<AudioClip> blocks, RecordingFigure? figure,
        int? channel, CancellationToken cancellation)
    {
        foreach (AudioClip block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            _timeline ??= channel is null ? model.OpenTimeline(block.SampleRateHz, block.Channels, options)
                : model.OpenTimeline(block.SampleRateHz, block.Channels, options, channel);
            figure?.Add(block);
            yield return Seen(_timeline.Push(block));
        }
        if (_timeline is null) throw new AudioFormatException($"{path}: no samples came: there is nothing to predict.");
        yield return Seen(_timeline.Complete());

        IReadOnlyList<EmotionSegment> Seen(IReadOnlyList<EmotionSegment> segments)
        {
            figure?.Add(segments);
            return segments;
        }
    }
}
