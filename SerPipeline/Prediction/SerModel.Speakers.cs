using SerPipeline.Audio;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

public sealed partial class SerModel
{
    /// <summary>Whether the model was trained to adapt to a speaker:
    /// <see cref="ForSpeaker(IReadOnlyList{AudioClip}, Action{int, string})"/>.</summary>
    public bool CanAdapt => SpeakerAdaptationFiles.AreIn(_record);

    /// <summary>How many clips of its speaker the model has heard; 0 for one that takes every voice as unknown.</summary>
    public int SpeakerClips => _scorer.SpeakerClips;

    /// <summary>How many training speakers the adaptation was learned from; 0 for a model that has not adapted. Below
    /// <see cref="SpeakerAdaptation.LeastSpeakers"/> it was not shown to help.</summary>
    public int AdaptationSpeakers { get; private init; }

    /// <summary>
    /// A model for one speaker, adapted to clips of that voice; what is said or felt in them need not be known. The clips should be of
    /// several moods: one mood alone is taken for the voice. Those without speech, too short or out of range are not counted, unless
    /// <see cref="SerModelOptions.AnswerAnyway"/> is set. The voice is that in the channel of <see cref="SerModelOptions.Channel"/>.
    /// Dispose it apart from this one.
    /// </summary>
    /// <param name="clips">At least <see cref="SpeakerAdaptation.MinimumClips"/> clips.</param>
    /// <param name="leftOut">Told of each clip that is not counted: its position, from 0, and why.</param>
    /// <exception cref="ModelFormatException">The model was not trained to adapt: <see cref="CanAdapt"/> is false.</exception>
    /// <exception cref="ArgumentException">There are too few clips.</exception>
    /// <exception cref="AudioFormatException">A clip cannot be used, or lacks that channel; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The channel is <see cref="ChannelSelection.Each"/>: those are several
    /// voices.</exception>
    public SerModel ForSpeaker(IReadOnlyList<AudioClip> clips, Action<int, string>? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(clips);
        return AdaptedTo(clips, leftOut);
    }

    /// <summary>The same for clips that are decoded one by one, and not held.</summary>
    internal SerModel AdaptedTo(IEnumerable<AudioClip> clips, Action<int, string>? leftOut = null)
    {
        SpeakerAdaptation adaptation = Adaptation();
        if (Options.Channel == ChannelSelection.Each)
            throw new InvalidOperationException($"{nameof(SerModelOptions)}.{nameof(SerModelOptions.Channel)} is Each, and the channels of "
                + "a clip are several voices: load the model with the channel of the one voice, or Mix.");
        using ModelCalls.Call call = _calls.Enter(this);
        NetworkScorer scorer = NetworkScorer.ForKnownVoices(_record, adaptation, _name);
        try
        {
            var heard = new List<float[]>();
            foreach ((int i, AudioClip clip) in clips.Index())
            {
                string name = $"Clip {i}, counted from 0,";
                ClipCheck.Require(clip, SampleRateHz, Resampler, name);
                AudioClip voice = Channels.Pick(clip, Channels.IndexOf(Options.Channel), name);
                PredictionNotes notes = PredictionNotes.None;
                RecordingQuality quality = RecordingQuality.Of(voice);
                if (Answers(quality)) heard.Add(scorer.Hear(Prepare(AudioPreparation.Resample(voice, _scorer.Loading), ref notes)));
                else leftOut?.Invoke(i, string.Join(", ", quality.Notes.ToWords()));
            }
            scorer.Adapt(adaptation.OffsetOf(heard), heard.Count);
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
        return new SerModel(_record, scorer, Options, _name) { AdaptationSpeakers = adaptation.Speakers };
    }

    /// <inheritdoc cref="ForSpeaker(IReadOnlyList{AudioClip}, Action{int, string})"/>
    /// <param name="paths">Files of at least <see cref="SpeakerAdaptation.MinimumClips"/> clips.</param>
    public SerModel ForSpeaker(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return AdaptedTo(paths.Select(path => AudioFile.Read(path, Options.Reading)));
    }

    /// <summary>
    /// Predicts on one speaker's clips as they come, adapted to those that came before: the first
    /// <see cref="SpeakerAdaptation.MinimumClips"/> answers are for an unknown voice. Dispose it: until then it holds on to the
    /// model.
    /// </summary>
    /// <exception cref="ModelFormatException">The model was not trained to adapt: <see cref="CanAdapt"/> is false.</exception>
    /// <exception cref="InvalidOperationException">The model is adapted to a speaker already.</exception>
    public SpeakerSession OpenSpeaker()
    {
        SpeakerAdaptation adaptation = Adaptation();
        if (SpeakerClips > 0)
            throw new InvalidOperationException($"'{_name}' is adapted to {SpeakerClips} clips of a speaker already: open the speaker on "
                + "the model that ForSpeaker was called on.");
        ModelCalls.Call call = _calls.Enter(this);
        try
        {
            var scorer = new SpeakerScorer(_scorer, NetworkScorer.ForKnownVoices(_record, adaptation, _name), adaptation, call);
            return new SpeakerSession(new SerModel(_record, scorer, Options, _name) { AdaptationSpeakers = adaptation.Speakers }, scorer);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>What hears the speaker as the clips come; null for a model that hears nobody.</summary>
    internal SpeakerScorer? Speaker => _scorer as SpeakerScorer;

    private SpeakerAdaptation Adaptation() => CanAdapt ? SpeakerAdaptationFiles.Read(_record, _name)
        : throw new ModelFormatException($"'{_name}' was not trained to adapt to a speaker. Train it by a recipe, such as "
            + "--trainer recipe, or with --adapt.");
}
