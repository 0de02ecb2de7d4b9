using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

public sealed partial class SerModel
{
    /// <summary>A timeline of one channel, counted from 0, or of the mean of all.</summary>
    internal EmotionTimeline OpenTimeline(int sampleRateHz, int channels, EmotionTimelineOptions? options, int? channel) =>
        new(this, _calls.Enter(this), sampleRateHz, channels, options ?? new EmotionTimelineOptions(), channel);

    /// <summary>Whether a recording of this quality is scored.</summary>
    internal bool Answers(RecordingQuality quality) => quality.IsUsable || Options.AnswerAnyway;

    /// <summary>The probabilities of one clip; the caller is within a call.</summary>
    /// <param name="mono">The clip, mono, at the model's rate.</param>
    /// <param name="notes">Gets what was done to it.</param>
    /// <exception cref="AudioFormatException">A sample is no finite number.</exception>
    internal float[] Score(AudioClip mono, ref PredictionNotes notes) => _scorer.Score(mono, Prepare(mono, ref notes));

    /// <summary>What is said of a recording.</summary>
    /// <param name="scores">Its probabilities; null where it was not scored.</param>
    /// <param name="quality">What it is worth.</param>
    /// <param name="duration">How long it plays.</param>
    /// <param name="rateHz">Its rate as it was given.</param>
    /// <param name="notes">What was done to it.</param>
    /// <param name="channel">The channel that was heard alone, or null.</param>
    internal EmotionPrediction Answer(float[]? scores, RecordingQuality quality, TimeSpan duration, int rateHz, PredictionNotes notes,
        string? channel)
    {
        if (scores is not null && Options.Threshold is { } threshold && scores.Max() < threshold) notes |= PredictionNotes.Abstained;
        return new EmotionPrediction(Labels, scores, duration, rateHz, notes, quality) { Channel = channel, SpeakerClips = SpeakerClips };
    }

    private AudioClip Prepare(AudioClip mono, ref PredictionNotes notes)
    {
        AudioClip levelled = AudioPreparation.Level(AudioPreparation.RequireFinite(mono), _scorer.Loading);
        AudioClip padded = AudioPreparation.Pad(levelled,
            Math.Max(_scorer.Loading.MinimumSamples, (int)Math.Ceiling(Options.MinimumSeconds * SampleRateHz)));
        if (!ReferenceEquals(padded, levelled)) notes |= PredictionNotes.Padded;
        return padded;
    }

    private EmotionPrediction One(IEnumerable<AudioClip> blocks, string name)
    {
        RequireOne();
        return Score(blocks, name, Options.Channel)[0];
    }

    private EmotionPrediction[] Score(IEnumerable<AudioClip> blocks, string name, ChannelSelection selection)
    {
        RecordingScorer[]? scorers = null;
        foreach (AudioClip block in blocks)
        {
            scorers ??= selection == ChannelSelection.Each
                ? [.. Enumerable.Range(0, block.Channels).Select(channel => new RecordingScorer(this, channel, name))]
                : [new RecordingScorer(this, Channels.IndexOf(selection), name)];
            foreach (RecordingScorer scorer in scorers) scorer.Push(block);
        }
        if (scorers is null) throw new AudioFormatException($"{name} holds no samples: there is nothing to predict on.");
        return [.. scorers.Select(scorer => scorer.Complete())];
    }

    private void RequireOne()
    {
        if (Options.Channel == ChannelSelection.Each)
            throw new InvalidOperationException($"{nameof(SerModelOptions)}.{nameof(SerModelOptions.Channel)} is Each, and this form gives "
                + $"one answer: call {nameof(PredictChannels)} or {nameof(PredictFilesAsync)}, or open one timeline a channel.");
    }
}
