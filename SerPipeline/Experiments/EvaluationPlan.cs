using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>Which clips of a corpus a saved model is scored on, and what its training had to do with them.</summary>
public sealed record EvaluationPlan
{
    internal const string Unknown = "unknown", WithTrainingClips = "includes-training-clips", Unchecked = "other-data-unchecked";

    private const string PartOfTest = "part-of-test", KnownSpeakers = "new-clips-of-known-speakers";

    /// <summary>The clips to score.</summary>
    public required Corpus Clips { get; init; }

    /// <summary>How they sound when they are scored: part of the protocol's name.</summary>
    public RecordingCondition Condition { get; init; }

    /// <summary>The digest of the whole corpus.</summary>
    public required DataFingerprint Fingerprint { get; init; }

    /// <summary>What the scores are reported under.</summary>
    public required RunProtocol Protocol { get; init; }

    /// <summary>Clips among them that the weights or the epoch were chosen on, in any version: with the same decoded audio, or saved anew
    /// and recognised by what they sound like.</summary>
    public required int TrainedOn { get; init; }

    /// <summary>What the reader of the scores must know.</summary>
    public required IReadOnlyList<string> Messages { get; init; }

    /// <summary>What is known of the model.</summary>
    public required IReadOnlyDictionary<string, object?> ModelFacts { get; init; }

    /// <summary>Chooses the clips.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The corpus.</param>
    /// <param name="onlyTest">Whether to keep only those that the model's training had kept for its test.</param>
    /// <param name="condition">How the clips will sound.</param>
    /// <exception cref="CorpusException">No clip is left.</exception>
    public static EvaluationPlan Create(ModelFile model, CorpusData data, bool onlyTest,
        RecordingCondition condition = RecordingCondition.AsRecorded)
    {
        var messages = new List<string>();
        var known = model.Labels.ToHashSet(StringComparer.Ordinal);
        Corpus corpus = data.Corpus;
        // 1. Labels the model knows.
        int[] kept = [.. Enumerable.Range(0, corpus.Clips.Count).Where(i => known.Contains(corpus.Clips[i].Label))];
        string[] foreign = [.. corpus.Labels.Where(label => !known.Contains(label))];
        if (kept.Length == 0)
            throw new CorpusException($"The model knows the labels {string.Join(", ", model.Labels)}, but the corpus '{corpus.Name}' "
                + $"has none of them: its labels are {string.Join(", ", corpus.Labels)}.");
        if (foreign.Length > 0)
            messages.Add($"{Format.Count(corpus.Clips.Count - kept.Length, "clip")} with labels the model does not know "
                + $"({string.Join(", ", foreign)}) are left out.");
        // 2. The stored test part.
        if (onlyTest) kept = TestPart(model, data, kept);
        int same = kept.Count(i => HasAudio(i)), trainedOn = same + (model.Heard is { } heard
            ? kept.AsParallel().Count(i => !HasAudio(i) && data.Prints[i].Print is { } print && heard.Hold(print)) : 0);
        // 3. What to call it.
        CorpusClip[] clips = [.. kept.Select(i => corpus.Clips[i])];
        int missing = onlyTest ? MissingOfTest(model.Record!, data, kept) : 0;
        (string protocol, string[]? shared) = Judge(model, corpus, clips, trainedOn, onlyTest, missing);
        if (missing > 0)
            messages.Add($"warning: {missing} of the model's {model.Record!.TestClips.Count} test clips are not among these, so the "
                + $"scores are not those of its test; the protocol is called {PartOfTest}.");
        messages.AddRange(Explain(model, corpus, clips, (same, trainedOn - same), onlyTest, data));
        if (protocol == Unchecked) messages.AddRange(SameNames(model, clips));
        else if (shared is { Length: > 0 })
            messages.Add($"It was trained on clips of {Format.Count(shared.Length, "speaker")} among these: {Format.Names(shared)}.");
        else if (protocol == SplitProtocol.SpeakerIndependent && !onlyTest
            && !clips.Select(People.Of).OfType<string>().Select(People.GroupOf).All(People.IsPublished))
            messages.Add("Speakers were compared by name: nobody in its training is called as somebody here. A person who goes by another "
                + "name here would not be recognised.");
        return new EvaluationPlan
        {
            // People were asked about every label and heard the clips as recorded, so their rate stands beside scores of such only.
            Clips = corpus.Derive(clips: clips, labels: [.. corpus.Labels.Where(known.Contains)],
                people: foreign.Length == 0 && !onlyTest && condition == default ? corpus.People : null),
            Condition = condition,
            Fingerprint = data.Fingerprint,
            TrainedOn = trainedOn,
            Messages = messages,
            ModelFacts = Facts(model),
            Protocol = new RunProtocol
            {
                Dataset = corpus.Name,
                Trainer = model.Record?.Trainer ?? Unknown,
                Protocol = SplitProtocol.NameOf(protocol, 0, condition),
                Seed = model.Record?.Seed ?? 0,
                TrainClips = model.TrainClips,
                ValidationClips = model.ValidationClips,
                HeldOutSpeakers = shared is null ? [] : [.. Speakers(clips).Except(shared, StringComparer.Ordinal)],
                SharedSpeakers = shared,
                Synthetic = corpus.IsSynthetic,
                LeakCheck = model.Heard is null ? null : new RunLeakCheck
                {
                    OfTrainingSpeakers = shared is null ? null : clips.Count(clip => shared.Contains(clip.Speaker, StringComparer.Ordinal)),
                    SameContent = same,
                    NearDuplicates = trainedOn - same,
                    Touched = trainedOn,
                },
            },
        };

        bool HasAudio(int i) => model.Record is { } record && data.Hashes[i] is { } hash
            && record.TrainingClips.Contains(TrainingRecord.ShortHash(hash));
    }

    private static int[] TestPart(ModelFile model, CorpusData data, int[] kept)
    {
        if (model.Record is not { } record)
            throw new CorpusException($"Scoring only the test clips (--only-test) needs a model whose notes list them, but "
                + $"'{model.Path}' has none. Score the whole corpus instead.");
        if (record.IsFinal)
            throw new CorpusException($"The model '{model.Path}' was trained on all clips of {record.Dataset} after its folds, so it has "
                + "no test clips (--only-test): its scores are the folds', and the models in the folds' folders have test clips. Score "
                + "the whole of another corpus, or a fold's model.");
        int[] tested = [.. kept.Where(i => IsTest(record, data, i))];
        return tested.Length > 0 ? tested : throw new CorpusException(
            $"None of the model's {record.TestClips.Count} test clips ({record.Dataset}, {record.Protocol}) is in {data.Corpus.Root}: "
                + "clips are recognised by their decoded audio. Was the model trained on another copy?");
    }

    // Clips of one recording count once.
    private static int MissingOfTest(TrainingRecord record, CorpusData data, int[] kept) =>
        record.TestClips.Count - kept.Select(i => TrainingRecord.ShortHash(data.Hashes[i]!)).Distinct(StringComparer.Ordinal).Count();

    // Of audio that is on both sides only the clip's path tells the side.
    private static bool IsTest(TrainingRecord record, CorpusData data, int i) =>
        data.Hashes[i] is { } hash && TrainingRecord.ShortHash(hash) is var audio && record.TestClips.Contains(audio)
        && (!record.TrainingClips.Contains(audio) || record.TestCopies.Contains(data.Corpus.Clips[i].RelativePath));

    private static (string Protocol, string[]? Shared) Judge(ModelFile model, Corpus corpus, CorpusClip[] clips, int trainedOn,
        bool onlyTest, int missing)
    {
        if (model.Record is not { } record) return (Unknown, null);
        var voices = new HeardVoices(record, clips);
        string[]? shared = voices.Comparable ? voices.Shared : null;
        if (onlyTest) return (missing > 0 ? PartOfTest : record.Protocol, shared);
        if (trainedOn > 0) return (WithTrainingClips, shared);
        if (voices.KnownToDiffer) return (SplitProtocol.CrossCorpus, []);
        if (shared is null) return (record.Dataset == corpus.Name ? Unknown : Unchecked, null);
        return (shared.Length == 0 ? SplitProtocol.SpeakerIndependent : KnownSpeakers, shared);
    }

    private static IEnumerable<string> Explain(ModelFile model, Corpus corpus, CorpusClip[] clips, (int Same, int Alike) trainedOn,
        bool onlyTest, CorpusData data)
    {
        if (model.Record is not { } record)
        {
            yield return "The model's notes do not tell what it was trained on, so nobody can tell which of these clips it knows: read "
                + "the scores as an upper bound.";
            yield break;
        }
        string validation = model.ValidationClips == 0 ? "" : $" and validated on {model.ValidationClips}";
        yield return $"The model ({record.Trainer}) was trained on {Format.Count(model.TrainClips, "clip")}{validation} of "
            + $"{record.Dataset}, protocol {record.Protocol}, seed {record.Seed}.";
        if (trainedOn == default)
        {
            yield return $"None of these {Format.Count(clips.Length, "clip")} has the same decoded audio as a clip of its training or "
                + "validation part" + (model.Heard is null ? "; a recording saved with other samples is not recognised."
                    : " or sounds like another version of one; clips that share less than 60 % of the shorter are not recognised.");
        }
        else
        {
            int kept = onlyTest ? 0 : Enumerable.Range(0, data.Corpus.Clips.Count).Count(i => IsTest(record, data, i));
            string[] found = [.. Found(trainedOn.Same, "has the same decoded audio as", "have the same decoded audio as", ""),
                .. Found(trainedOn.Alike, "sounds like another version of", "sound like other versions of", ": saved anew, louder or cut")];
            yield return string.Join(' ', found) + (kept > 0 ? $" Its {kept} test clips can be scored alone (onlyTest, --only-test)." : "");
        }
        if (record.Synthetic && !corpus.IsSynthetic)
            yield return "The model learned from synthetic clips only, and nothing marks these as synthetic: if they are recordings of "
                + "people, the scores do not show what a model trained on recordings would do.";
        if (Licences.ModelCaution(record.Licence) is { } caution) yield return caution;

        string[] Found(int count, string one, string many, string how) => count == 0 ? []
            : [$"{count} of these {Format.Count(clips.Length, "clip")} {(count == 1 ? one : many)} a clip of its training or validation "
                + $"part{how}."];
    }

    private static IEnumerable<string> SameNames(ModelFile model, CorpusClip[] clips)
    {
        string[] same = model.Record is { } record ? new HeardVoices(record, clips).SameNames : [];
        yield return $"The data set is not the model's, and whether the two have speakers in common is not known, so the protocol is "
            + $"called {Unchecked}."
            + (same.Length > 0 ? $" {Format.Count(same.Length, "speaker name")} {(same.Length == 1 ? "is" : "are")} in both: "
            + $"{Format.Names(same)}." : "");
    }

    private static IEnumerable<string> Speakers(CorpusClip[] clips) =>
        clips.Select(clip => clip.Speaker).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static SortedDictionary<string, object?> Facts(ModelFile model) => new(StringComparer.Ordinal)
    {
        ["file"] = Path.GetFullPath(model.Path),
        ["labels"] = model.Labels,
        ["dataset"] = model.Record?.Dataset,
        ["trainer"] = model.Record?.Trainer,
        ["protocol"] = model.Record?.Protocol,
        ["trained"] = model.Record?.Trained,
        ["dataSha256"] = model.Record?.Fingerprint,
    };
}
