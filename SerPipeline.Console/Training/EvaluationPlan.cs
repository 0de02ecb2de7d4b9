using SerPipeline.Console.Output;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>Which clips of a corpus a saved model is scored on, and what its training had to do with them.</summary>
internal sealed record EvaluationPlan
{
    private const string Unknown = "unknown", WithTrainingClips = "includes-training-clips", CrossCorpus = "cross-corpus", KnownSpeakers = "new-clips-of-known-speakers";

    /// <summary>The clips to score.</summary>
    public required Corpus Clips { get; init; }

    /// <summary>The digest of the whole corpus.</summary>
    public required DataFingerprint Fingerprint { get; init; }

    /// <summary>What the scores are reported under.</summary>
    public required RunProtocol Protocol { get; init; }

    /// <summary>Clips among them that the weights or the epoch were chosen on.</summary>
    public required int TrainedOn { get; init; }

    /// <summary>What the reader of the scores must know.</summary>
    public required IReadOnlyList<string> Messages { get; init; }

    /// <summary>What is known of the model.</summary>
    public required IReadOnlyDictionary<string, object?> ModelFacts { get; init; }

    /// <summary>Chooses the clips.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The corpus.</param>
    /// <param name="onlyTest">Whether to keep only those that the model's training had kept for its test.</param>
    /// <exception cref="CorpusException">No clip is left.</exception>
    public static EvaluationPlan Create(ModelFile model, CorpusData data, bool onlyTest)
    {
        var messages = new List<string>();
        var known = model.Labels.ToHashSet(StringComparer.Ordinal);
        Corpus corpus = data.Corpus;
        // 1. Labels the model knows.
        int[] kept = [.. Enumerable.Range(0, corpus.Clips.Count).Where(i => known.Contains(corpus.Clips[i].Label))];
        string[] foreign = [.. corpus.Labels.Where(label => !known.Contains(label))];
        if (kept.Length == 0)
            throw new CorpusException($"The model knows the labels {string.Join(", ", model.Labels)}, but the corpus '{corpus.Name}' has none of them: its labels are {string.Join(", ", corpus.Labels)}.");
        if (foreign.Length > 0)
            messages.Add($"{Format.Count(corpus.Clips.Count - kept.Length, "clip")} with labels the model does not know ({string.Join(", ", foreign)}) are left out.");
        // 2. The stored test part.
        if (onlyTest) kept = TestPart(model, data, kept);
        int trainedOn = model.Record is { } record ? kept.Count(i => data.Hashes[i] is { } hash && record.TrainingClips.Contains(TrainingRecord.Short(hash))) : 0;
        // 3. What to call it.
        CorpusClip[] clips = [.. kept.Select(i => corpus.Clips[i])];
        (string protocol, string[]? shared) = Judge(model, corpus, clips, trainedOn, onlyTest);
        messages.AddRange(Explain(model, clips.Length, trainedOn, shared));
        return new EvaluationPlan
        {
            Clips = new Corpus(corpus.Name, corpus.Root, clips, [.. corpus.Labels.Where(known.Contains)], corpus.Problems)
            {
                Licence = corpus.Licence,
                Note = corpus.Note,
                IsSynthetic = corpus.IsSynthetic,
            },
            Fingerprint = data.Fingerprint,
            TrainedOn = trainedOn,
            Messages = messages,
            ModelFacts = Facts(model),
            Protocol = new RunProtocol
            {
                Dataset = corpus.Name,
                Trainer = model.Record?.Trainer ?? Unknown,
                Protocol = protocol,
                Seed = model.Record?.Seed ?? 0,
                TrainClips = model.Record?.TrainingClips.Count ?? 0,
                HeldOutSpeakers = shared is null ? [] : [.. Speakers(clips).Except(shared, StringComparer.Ordinal)],
                SharedSpeakers = shared,
                Synthetic = corpus.IsSynthetic,
            },
        };
    }

    private static int[] TestPart(ModelFile model, CorpusData data, int[] kept)
    {
        if (model.Record is not { } record)
            throw new CorpusException($"--only-test needs a model whose notes list its test clips, but '{model.Path}' has none. Score the whole corpus instead.");
        int[] tested = [.. kept.Where(i => data.Hashes[i] is { } hash && record.TestClips.Contains(TrainingRecord.Short(hash)))];
        return tested.Length > 0 ? tested : throw new CorpusException(
            $"--only-test found none of the model's {record.TestClips.Count} test clips ({record.Dataset}, {record.Protocol}) in {data.Corpus.Root}: clips are recognised by their bytes. Was the model trained on another copy?");
    }

    // Two corpora's speaker 01 are two people, unless the corpora share clips.
    private static (string Protocol, string[]? Shared) Judge(ModelFile model, Corpus corpus, CorpusClip[] clips, int trainedOn, bool onlyTest)
    {
        if (model.Record is not { } record) return (Unknown, null);
        bool same = record.Dataset == corpus.Name || trainedOn > 0 || onlyTest;
        if (!same) return (CrossCorpus, []);
        bool named = clips.All(clip => clip.Speaker is not null);
        string[]? shared = named ? [.. Speakers(clips).Intersect(record.TrainingSpeakers, StringComparer.Ordinal)] : null;
        if (trainedOn > 0) return (WithTrainingClips, shared);
        if (onlyTest) return (record.Protocol, shared);
        return (shared is { Length: 0 } ? SplitProtocol.SpeakerIndependent : KnownSpeakers, shared);
    }

    private static IEnumerable<string> Explain(ModelFile model, int clips, int trainedOn, string[]? shared)
    {
        if (model.Record is not { } record)
        {
            yield return "The model's notes do not tell what it was trained on, so nobody can tell which of these clips it knows: read the scores as an upper bound.";
            yield break;
        }
        yield return $"The model ({record.Trainer}) was trained on {Format.Count(record.TrainingClips.Count, "clip")} of {record.Dataset}, protocol {record.Protocol}, seed {record.Seed}.";
        if (trainedOn > 0)
            yield return $"{trainedOn} of these {Format.Count(clips, "clip")} were in its training or validation part. --only-test scores the {record.TestClips.Count} that it kept for its test.";
        else
            yield return $"None of these {Format.Count(clips, "clip")} was in its training or validation part.";
        if (shared is { Length: > 0 }) yield return $"It was trained on other clips of {Format.Count(shared.Length, "speaker")} among these: {Format.Names(shared)}.";
        if (record.Licence is { } licence && licence.Contains("-NC", StringComparison.Ordinal)) yield return $"The model's training data is {licence}: the model is not free for commercial use.";
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
