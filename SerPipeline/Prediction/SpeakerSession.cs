using SerPipeline.Audio;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// Predicts on the clips of one speaker in the order they come, each adapted to those that came before it and never to itself or a later
/// one. The first <see cref="SpeakerAdaptation.MinimumClips"/> answers are those for an unknown voice;
/// <see cref="EmotionPrediction.SpeakerClips"/> says what an answer rests on. For one thread at a time.
/// </summary>
/// <remarks>
/// Clips that the model does not answer for (without speech, too short, out of range) are not heard. Of a timeline, windows count as clips:
/// one is heard where it does not overlap the one heard before, and serves windows that begin when it has ended. So do the windows of a
/// recording of more than five minutes, once it is answered. What is heard in one mood alone is taken for the voice.
/// </remarks>
public sealed class SpeakerSession : IDisposable
{
    private readonly SerModel _model;
    private readonly SpeakerScorer _speaker;

    internal SpeakerSession(SerModel model, SpeakerScorer speaker) => (_model, _speaker) = (model, speaker);

    /// <summary>How many clips were heard so far; from <see cref="SpeakerAdaptation.MinimumClips"/> on answers are adapted.</summary>
    public int SpeakerClips => _speaker.SpeakerClips;

    /// <summary>Predicts on the next clip, and hears it.</summary>
    /// <param name="clip">Of any rate and number of channels; finite samples, at least one.</param>
    /// <exception cref="AudioFormatException">It cannot be used, see <see cref="SerModel.Predict(AudioClip)"/>, and is not
    /// heard.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public EmotionPrediction Predict(AudioClip clip) => Heard(() => _model.Predict(clip));

    /// <summary>Predicts on the file of the next clip, and hears it.</summary>
    /// <param name="path">See <see cref="SerModel.Predict(string)"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">It holds no audio that can be read.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public EmotionPrediction Predict(string path) => Heard(() => _model.Predict(path));

    /// <summary>Begins the timeline of the speaker's next recording; complete one before the next is opened.</summary>
    /// <inheritdoc cref="IEmotionPredictor.OpenTimeline"/>
    public EmotionTimeline OpenTimeline(int sampleRateHz, int channels = 1, EmotionTimelineOptions? options = null) =>
        _model.OpenTimeline(sampleRateHz, channels, options);

    /// <summary>Lets go of the model.</summary>
    public void Dispose() => _model.Dispose();

    /// <summary>The model, which hears what it is asked of.</summary>
    internal SerModel Model => _model;

    private EmotionPrediction Heard(Func<EmotionPrediction> predict)
    {
        _speaker.Next(apart: true);
        try
        {
            EmotionPrediction prediction = predict();
            // Of a long recording windows were scored before it turned out that the whole cannot be answered.
            if (!prediction.IsAnswered) _speaker.Forget();
            _speaker.Next(apart: true);
            return prediction;
        }
        catch
        {
            _speaker.Forget();
            throw;
        }
    }
}

/// <summary>Scores a speaker's clips one after another, adapted to those that it was told to hear.</summary>
/// <param name="unknown">The scorer for unknown voices; it stays open.</param>
/// <param name="known">The scorer for known ones.</param>
/// <param name="adaptation">What the offset is computed by.</param>
/// <param name="call">What keeps the scorer for unknown voices open.</param>
internal sealed class SpeakerScorer(IClipScorer unknown, NetworkScorer known, SpeakerAdaptation adaptation, ModelCalls.Call call)
    : IClipScorer
{
    // What was scored, and is heard when the next clip begins.
    private readonly List<float[]> _scored = [];
    private readonly HeardVoice _voice = new(adaptation);
    private bool _keeps = true;

    public LoadAudioOptions Loading => unknown.Loading;

    /// <inheritdoc/>
    public int SpeakerClips => _voice.Clips;

    /// <summary>Says that another clip begins.</summary>
    /// <param name="apart">Whether what was scored has ended by then, and is heard. Else the clip overlaps it, and is not kept.</param>
    public void Next(bool apart)
    {
        _keeps = apart;
        if (!apart || _scored.Count == 0) return;
        _scored.ForEach(_voice.Hear);
        _scored.Clear();
        if (SpeakerClips >= SpeakerAdaptation.MinimumClips) known.Adapt(_voice.Offset(), SpeakerClips);
    }

    /// <summary>Drops what was scored and is not heard yet.</summary>
    public void Forget() => _scored.Clear();

    /// <inheritdoc/>
    public float[] Score(AudioClip mono, AudioClip prepared)
    {
        (float[] scores, float[] features) = known.SpeakerClips > 0 ? known.ScoreAndHear(prepared)
            : (unknown.Score(mono, prepared), known.Hear(prepared));
        if (_keeps) _scored.Add(features);
        return scores;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        known.Dispose();
        call.Dispose();
    }
}
