using SerPipeline.Audio;

namespace SerPipeline.Prediction;

public sealed partial class SerModel
{
    /// <summary>Whether the model was trained to adapt to a speaker: <see cref="ForSpeaker(IReadOnlyList{AudioClip})"/>.</summary>
    public bool CanAdapt => SpeakerAdaptationFiles.AreIn(_record);

    /// <summary>How many clips of its speaker the model has heard; 0 for one that takes every voice as unknown.</summary>
    public int SpeakerClips { get; private init; }

    /// <summary>
    /// A model for one speaker, adapted to clips of that voice; what is said or felt in them need not be known. The clips should be of
    /// several moods: one mood alone is taken for the voice. Dispose it apart from this one.
    /// </summary>
    /// <param name="clips">At least <see cref="Trainers.SpeakerAdaptation.MinimumClips"/> clips.</param>
    /// <exception cref="ModelFormatException">The model was not trained to adapt: <see cref="CanAdapt"/> is false.</exception>
    /// <exception cref="ArgumentException">There are too few clips.</exception>
    /// <exception cref="AudioFormatException">A clip cannot be used; the message says which.</exception>
    public SerModel ForSpeaker(IReadOnlyList<AudioClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (!CanAdapt)
            throw new ModelFormatException($"'{_name}' was not trained to adapt to a speaker. Train it by the trainers recipe or "
                + "recipe-small, or with --adapt.");
        using ModelCalls.Call call = _calls.Enter(this);
        var adaptation = SpeakerAdaptationFiles.Read(_record, _name);
        NetworkScorer scorer = NetworkScorer.ForSpeaker(_record, adaptation, clips.Select((clip, i) =>
        {
            PredictionNotes notes = PredictionNotes.None;
            return Prepare(clip, $"Clip {i}, counted from 0,", ref notes).Padded;
        }), _name);
        return new SerModel(_record, scorer, Options, _name) { SpeakerClips = clips.Count };
    }

    /// <inheritdoc cref="ForSpeaker(IReadOnlyList{AudioClip})"/>
    /// <param name="paths">Files of at least <see cref="Trainers.SpeakerAdaptation.MinimumClips"/> clips.</param>
    public SerModel ForSpeaker(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return ForSpeaker([.. paths.Select(path => AudioFile.Read(path, Options.Reading))]);
    }
}
