using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>A data set's parts under one protocol and seed, as far as they can be known without reading audio.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Plan">The folds.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Enrolled">Clips that the model hears of each test speaker before.</param>
/// <param name="Condition">How the test clips sound.</param>
internal sealed record DraftPlan(OpenedDataset Dataset, SplitPlan Plan, int Seed, int Enrolled, RecordingCondition Condition);

/// <summary>Parts that keep their protocol's promise.</summary>
/// <param name="Plan">The folds.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Folds">Each fold with what the leak check found.</param>
/// <param name="Enrolled">Clips that the model hears of each test speaker before, without their emotions; 0 for none.</param>
/// <param name="Condition">How the test clips, and those heard before, sound.</param>
public sealed record CheckedPlan(SplitPlan Plan, int Seed, IReadOnlyList<CheckedFold> Folds, int Enrolled = 0,
    RecordingCondition Condition = RecordingCondition.AsRecorded)
{
    /// <summary>The name that scores are reported under, such as <c>speaker-5fold+10</c>.</summary>
    public string Protocol => SplitProtocol.NameOf(Plan.Protocol, Enrolled, Condition);

    /// <summary>Whether it differs from its plain protocol in what is scored alone, not in what is trained.</summary>
    internal bool IsQualified => Protocol != Plan.Protocol;

    /// <summary>What readers of scores must know when test clips repeat training clips; null when none does.</summary>
    public string? LeakNote
    {
        get
        {
            int touched = Folds.Sum(fold => fold.Leak.Touched), same = Folds.Sum(fold => fold.Leak.SameContent),
                tested = Folds.Sum(fold => fold.Fold.Split.Test.Count);
            if (touched == 0) return null;
            string near = touched == same ? ""
                : $" or sound like one (another level, length or coding of the same take): {same} the same, {touched - same} alike";
            return $"Under the {Plan.Protocol} protocol {touched} of {Format.Count(tested, "test clip")} "
                + $"{(touched == 1 ? "has" : "have")} the same decoded audio as a training clip{near}.";
        }
    }
}

/// <summary>A fold, and what the leak check found in it.</summary>
/// <param name="Fold">The parts.</param>
/// <param name="Leak">What they share within the protocol's rules.</param>
public sealed record CheckedFold(PlannedFold Fold, LeakReport Leak);

/// <summary>Divides data sets and checks the parts: first what needs no audio, then what does, so that errors come before expensive
/// work.</summary>
/// <param name="settings">What the user set.</param>
/// <param name="validationFractions">The share that each trainer validates on; 0 for none.</param>
/// <param name="progress">Where warnings go.</param>
internal sealed class SplitPlanning(ExperimentSettings settings, IReadOnlyList<double> validationFractions, IRunProgress progress)
{
    private readonly HashSet<string> _told = [];

    /// <summary>Divides every data set under every protocol and seed. No audio is read.</summary>
    /// <param name="datasets">The data sets.</param>
    /// <exception cref="CorpusException">A split cannot be made or trained on.</exception>
    public IReadOnlyList<DraftPlan> Draft(IReadOnlyList<OpenedDataset> datasets)
    {
        FoldFile? folds = settings.FoldFile is null ? null : FoldFile.Read(settings.FoldFile);
        var drafts = new List<DraftPlan>();
        foreach (OpenedDataset dataset in datasets)
            foreach ((string protocol, int enrolled, RecordingCondition condition) in settings.Protocols.Select(SplitProtocol.Divide))
            {
                if (enrolled > 0) RequireEnrolment(protocol, enrolled);
                if (CannotServe(dataset, protocol)) continue;
                RequireLabels(dataset.Corpus);
                DraftPlan[] plans = [.. settings.Seeds.Select(seed => new DraftPlan(dataset, Draft(dataset.Corpus, protocol, seed, folds),
                    seed, enrolled, condition))];
                RequireVoices(dataset.Corpus, plans);
                foreach (string warning in plans.SelectMany(plan => plan.Plan.Warnings).Distinct(StringComparer.Ordinal))
                    Tell($"warning: {warning}");
                drafts.AddRange(plans);
            }
        return drafts.Count > 0 ? drafts : throw new CorpusException("No protocol is left to run: name one (Protocols, --protocol).");
    }

    /// <summary>Looks for leaks, and requires that enough clips can be read.</summary>
    /// <param name="draft">The parts.</param>
    /// <param name="data">The same data set, its audio read.</param>
    /// <exception cref="CorpusException">The parts share what the protocol forbids, or the clips that can be read do not
    /// suffice.</exception>
    public CheckedPlan Check(DraftPlan draft, CorpusData data)
    {
        IReadOnlyList<SplitItem> items = SplitItems.From(data.Corpus.Clips);
        CheckedFold[] folds = [.. draft.Plan.Folds.Select(fold => new CheckedFold(fold, data.Twins.Check(items, fold.Split)))];
        foreach (CheckedFold fold in folds) RequireTrainable(data.Corpus, fold.Fold, i => data.Hashes[i] is not null, draft.Seed);
        if (draft.Enrolled > 0)
            foreach (CheckedFold fold in folds) RequireClips(draft, data, fold.Fold.Split);
        string[] untested = [.. data.Corpus.Labels.Except(folds.SelectMany(fold => fold.Fold.Split.Test)
            .Where(i => data.Hashes[i] is not null).Select(i => data.Corpus.Clips[i].Label), StringComparer.Ordinal)];
        // Of a single split the draft has said what it lacks by itself.
        if (untested.Any(label => draft.Plan.Folds.Count > 1 || HasTest(label)))
            Tell($"warning: of {data.Corpus.Name}, under the {draft.Plan.Protocol} protocol, no test clip of {string.Join(", ", untested)} "
                + "is there or can be read: UAR and accuracy are of the other labels.");
        bool HasTest(string label) => draft.Plan.Folds[0].Split.Test.Any(i => data.Corpus.Clips[i].Label == label);
        var plan = new CheckedPlan(draft.Plan, draft.Seed, folds, draft.Enrolled, draft.Condition);
        if (plan.LeakNote is { } note) progress.Message($"warning: {note}{(settings.Seeds.Count > 1 ? $" (seed {draft.Seed})" : "")}");
        return plan;
    }

    private void RequireEnrolment(string protocol, int clips)
    {
        string[] unable = [.. settings.Trainers.Where(trainer => !TrainerKind.Of(trainer, settings).CanAdapt)];
        new OptionsCheck(nameof(ExperimentSettings))
            .Require(SplitProtocol.KeepsSpeakersApart(protocol), protocol, "keep speakers apart for clips of a speaker to be enrolled",
                nameof(ExperimentSettings.Protocols))
            .Require(clips is >= SpeakerEnrolment.FewestClips and <= 1000, clips,
                $"enrol {SpeakerEnrolment.FewestClips} to 1000 clips of each speaker", nameof(ExperimentSettings.Protocols))
            .Require(unable.Length == 0, string.Join(", ", unable), "adapt to speakers where a protocol enrols clips: lda, mlp, lstm, "
                + "conv1d and the recipes do", nameof(ExperimentSettings.Trainers))
            .ThrowIfAny();
    }

    // A model learns what voices are like from speakers that are told apart; who is tested alone, or not at all, may be unknown.
    private void RequireVoices(Corpus corpus, IReadOnlyList<DraftPlan> plans)
    {
        if (!plans.SelectMany(plan => plan.Plan.Folds).Any(fold => fold.Split.Train.Any(i => corpus.Clips[i].Speaker is null))) return;
        TrainerKind[] kinds = [.. settings.Trainers.Select(trainer => TrainerKind.Of(trainer, settings))];
        const string Names = "Name the speakers (SpeakerPattern, --speaker-pattern, or a speaker column)";
        if (settings.Adapt == true && kinds.Any(kind => kind.CanAdapt))
            throw new CorpusException($"'{corpus.Name}' does not name every training clip's speaker, so no model can learn to adapt to one "
                + $"(Adapt, --adapt). {Names}, or leave it out.");
        string[] unable = [.. kinds.Where(kind => kind.Adapts).Select(kind => kind.Name)];
        if (unable.Length > 0 && settings.Adapt is null)
            Tell($"warning: '{corpus.Name}' does not name every training clip's speaker, so {string.Join(", ", unable)} will not learn to "
                + $"adapt to one. {Names} for a model that does.");
    }

    private static void RequireClips(DraftPlan draft, CorpusData data, Split split)
    {
        var enrolment = new SpeakerEnrolment(draft.Enrolled, draft.Seed);
        IReadOnlyList<int> recordings = data.Twins.Recordings;
        foreach (IGrouping<string, int> speaker in split.Test.Where(i => data.Hashes[i] is not null)
            .GroupBy(i => data.Corpus.Clips[i].Speaker!, StringComparer.Ordinal))
            enrolment.RequireEnough(speaker.Key, speaker.DistinctBy(i => recordings[i]).Count());
    }

    // Parts are made before the audio is read and after: what both times is so is said once.
    private void Tell(string message)
    {
        if (_told.Add(message)) progress.Message(message);
    }

    private bool CannotServe(OpenedDataset dataset, string protocol)
    {
        if (protocol != SplitProtocol.SpeakerIndependent || settings.ProtocolsAreNamed) return false;
        if (dataset.Corpus.Clips.Any(clip => clip.Speaker is null))
            Tell("The corpus does not name every clip's speaker, so only the random protocol is run. For the other, name "
                + "the speakers (SpeakerPattern, --speaker-pattern, or a speaker column).");
        else if (dataset.Corpus.Speakers.Count < 2)
            Tell($"The corpus has only one speaker ({dataset.Corpus.Speakers[0]}), so only the random protocol is run: "
                + "nobody could be held out.");
        else
            return false;
        return true;
    }

    private static void RequireLabels(Corpus corpus)
    {
        if (corpus.Labels.Count < 2)
            throw new CorpusException($"Training needs at least two labels to tell apart, but the clips of '{corpus.Name}' have "
                + $"{string.Join(", ", corpus.Labels)} only.");
    }

    private SplitPlan Draft(Corpus corpus, string protocol, int seed, FoldFile? folds)
    {
        bool divides = SplitProtocol.KeepsSpeakersApart(protocol) && protocol != SplitProtocol.CrossCorpus;
        if (folds is not null && divides && folds.Protocol != protocol)
            throw new CorpusException($"The fold file {settings.FoldFile} (FoldFile, --fold-file) holds folds of {folds.Protocol}, but "
                + $"the protocol asked for is {protocol}.");
        SplitPlan plan = SplitPlanner.Create(corpus, new SplitRequest
        {
            Protocol = protocol,
            TestFraction = settings.TestFraction,
            Folds = settings.Folds,
            Seed = seed,
            TestSpeakers = protocol == SplitProtocol.SpeakerIndependent ? settings.TestSpeakers : [],
            FoldFile = divides ? folds : null,
            TrainCorpora = protocol == SplitProtocol.CrossCorpus ? settings.TrainOn : [],
            TestCorpora = protocol == SplitProtocol.CrossCorpus ? settings.TestOn : [],
        });
        foreach (PlannedFold fold in plan.Folds) RequireTrainable(corpus, fold, _ => true, seed);
        return plan;
    }

    // That a training on the fold can end well: every label to test is taught, and every validation part can be made.
    private void RequireTrainable(Corpus corpus, PlannedFold fold, Func<int, bool> readable, int seed)
    {
        string protocol = fold.Split.Protocol, where = fold.Number is { } number ? $"In fold {number} of the {protocol} protocol"
            : $"Under the {protocol} protocol";
        // Clips that cannot be decoded teach nothing and are not scored.
        int[] train = [.. fold.Split.Train.Where(readable)], test = [.. fold.Split.Test.Where(readable)];
        if (train.Length == 0 || test.Length == 0)
            throw new CorpusException($"{where} no clip of the {(train.Length == 0 ? "training" : "test")} part can be read; ser "
                + "corpora says what is wrong with each.");
        string[] untaught = [.. test.Select(i => corpus.Clips[i].Label).Except(train.Select(i => corpus.Clips[i].Label),
            StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (untaught.Length > 0)
            throw new CorpusException($"{where} these labels have test clips but no readable training clip, so they could not be "
                + $"learned: {string.Join(", ", untaught)}. "
                + (settings.FoldFile is not null ? "" : protocol switch
                {
                    SplitProtocol.SpeakerIndependent => "Choose other test speakers (TestSpeakers, --test-speakers) or another seed. ",
                    SplitProtocol.Random or SplitProtocol.KFold or SplitProtocol.SpeakerFolds =>
                        "Try another seed where one draws the parts. ",
                    _ => "",
                })
                + "Leave the labels out (Labels, --labels), or take another protocol.");
        bool given = fold.Split.Validation.Count > 0;
        if ((given || fold.Split.ValidationSpeakers.Count > 0) && settings.ValidationFraction == 0)
            throw new CorpusException($"{where} the {(given ? "corpus gives a validation part" : "fold file names validation speakers")}, "
                + "but the validation fraction (ValidationFraction, --validation-fraction) is 0. Leave one of them out.");
        if (given)
        {
            RequireTaught(corpus, where, [.. train.Except(fold.Split.Validation)], fold.Split.Validation);
            return;
        }
        // The very draw that the trainer will make: the same clips in the same order, and the same seed.
        SplitItem[] items = [.. train.Select(i => new SplitItem(corpus.Clips[i].Label, SplitProtocol.KeepsSpeakersApart(protocol)
            ? corpus.Clips[i].Speaker : null))];
        var whole = new Split
        {
            Train = [.. Enumerable.Range(0, items.Length)],
            Test = [],
            Protocol = protocol,
            ValidationSpeakers = fold.Split.ValidationSpeakers
        };
        bool named = whole.ValidationSpeakers.Count > 0;
        try
        {
            if (named) ValidationSplits.Named(items, whole);
            else
                foreach (double fraction in validationFractions.Where(fraction => fraction > 0).Distinct())
                    ValidationSplits.Create(items, whole, fraction, seed);
        }
        catch (CorpusException e)
        {
            throw new CorpusException($"{where} no validation part can be made: {e.Message} " + (named
                ? "The fold file (FoldFile, --fold-file) may name others, or none."
                : "A validation fraction of 0 (ValidationFraction, --validation-fraction) trains without one."), e);
        }
    }

    private static void RequireTaught(Corpus corpus, string where, IReadOnlyList<int> train, IReadOnlyList<int> validation)
    {
        string[] untaught = [.. validation.Select(i => corpus.Clips[i].Label).Except(train.Select(i => corpus.Clips[i].Label),
            StringComparer.Ordinal)];
        if (untaught.Length > 0)
            throw new CorpusException($"{where} only the validation part has clips of these labels, so that they could not be learned: "
                + $"{string.Join(", ", untaught)}. Leave them out (Labels, --labels), or take another protocol.");
    }
}
