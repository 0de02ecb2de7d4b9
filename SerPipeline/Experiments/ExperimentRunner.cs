using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;
using SerPipeline.Splits;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments;

/// <summary>
/// Trains and scores every data set under every protocol, trainer and seed of the settings, each in a run folder of its own: what
/// <c>ser train</c> does between its options and its tables.
/// </summary>
/// <remarks>
/// <code>
/// Corpus corpus = CorpusLoader.Load("ravdess", "data/RAVDESS");
/// var settings = new ExperimentSettings
/// {
///     Trainers = [TrainerChains.Mlp],
///     Protocols = [SplitProtocol.SpeakerFolds],
///     Seeds = [1, 2],
/// };
/// using var runner = new ExperimentRunner(settings);
/// IReadOnlyList&lt;Experiment&gt; experiments = runner.Plan([new OpenedDataset(corpus.Name, corpus)]);
/// foreach (FinishedExperiment done in runner.Run(experiments, "runs/folds"))
///     Console.WriteLine($"{done.Experiment.Name}: UAR {done.Whole!.Uar:0.000} over {done.Runs.Count} folds");
///
/// using ModelFile model = ModelFile.Load("runs/folds/mlp-speaker-5fold-seed1/fold-01/model.zip");
/// PredictionSet again = await model.ScoreAsync(corpus);
/// </code>
/// </remarks>
/// <param name="settings">What to train, and how.</param>
/// <param name="progress">Gets progress and warnings; null for none.</param>
/// <param name="time">The clock of run.json; null for the system's.</param>
/// <param name="commandLine">The command line that run.json records, program first; empty by default.</param>
/// <param name="badClipFound">Called for each clip that cannot be read and is left out; more than once for the same clip if it is read
/// again.</param>
public sealed class ExperimentRunner(
    ExperimentSettings settings, IRunProgress? progress = null, TimeProvider? time = null, IReadOnlyList<string>? commandLine = null,
    Action<BadClip>? badClipFound = null) : IDisposable
{
    private readonly IRunProgress _progress = progress ?? NoProgress.Instance;
    private readonly Dictionary<OpenedDataset, CorpusData> _data = [];

    // Without a cache the features of a run are kept as long as the run: each clip is decoded once either way.
    private readonly DirectoryInfo? _temporary =
        settings.FeatureCache is null ? Directory.CreateTempSubdirectory("serpipeline-features-") : null;

    private AudioReading Reading => new()
    {
        CacheDirectory = settings.FeatureCache ?? _temporary!.FullName,
        BadClips = settings.Strict ? BadClipRule.Throw : BadClipRule.Skip,
        BadClipFound = badClipFound ?? (_ => { }),
    };

    /// <summary>Divides the data sets, reads their audio once and looks for leaks: validates before expensive work.</summary>
    /// <param name="datasets">The data sets.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="CorpusException">A split cannot be made, or cannot be trained on.</exception>
    public IReadOnlyList<Experiment> Plan(IReadOnlyList<OpenedDataset> datasets, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        foreach (string trainer in settings.Trainers)
            (TrainerChains.OptionsOf(trainer, settings) as NeuralTrainerOptions)?.RequireFiles();
        double[] fractions = [.. settings.Trainers.Select(trainer => TrainerChains.ValidationFractionOf(trainer, settings))
            .OfType<double>()];
        var planning = new SplitPlanning(settings, fractions, _progress);
        IReadOnlyList<DraftPlan> drafts = planning.Draft(datasets);
        OpenedDataset[] read = [.. drafts.Select(draft => draft.Dataset).Distinct().Select(dataset =>
        {
            var data = CorpusData.Of(dataset.Corpus, _progress, cancellation, settings.KeepDoubtful, settings.Strict, settings, Reading);
            OpenedDataset used = dataset with { Corpus = data.Corpus };
            _data[used] = data;
            return used;
        })];
        // Without the clips that were left out the parts are others.
        drafts = planning.Draft(read);
        int sets = _data.Count, total = drafts.Count * settings.Trainers.Count;
        Experiment[] experiments =
        [
            .. from draft in drafts
               let plan = planning.Check(draft, _data[draft.Dataset])
               from trainer in settings.Trainers
               let name = FinishedExperiment.NameOf(draft.Dataset.Name, trainer, plan.Protocol, draft.Seed, sets, settings.Seeds.Count)
               select new Experiment(draft.Dataset, plan, trainer, total == 1 ? "" : name),
        ];
        // Two names may differ in what no folder's name can hold.
        if (experiments.GroupBy(one => one.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } same)
            throw new CorpusException($"The data sets {string.Join(" and ", same.Select(one => one.Data.Name))} would share the folder "
                + $"{same.Key}: give them names that differ in letters or digits, or run them apart.");
        return experiments;
    }

    /// <summary>Trains and scores what was planned. Experiments that are complete stay in the folder, whatever happens to a later
    /// one.</summary>
    /// <param name="experiments">What <see cref="Plan"/> gave.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="finished">Called after each experiment, when its folder is complete.</param>
    /// <param name="resume">
    /// True goes on with what an interrupted run of the same settings and data left in the folder, to the very same models: finished folds
    /// are not trained again, the fold under way goes on from its checkpoint. Where there is nothing yet the run begins. False, the
    /// default, trains everything.
    /// </param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ResumeException">Another run writes into the folder, or what it holds has other settings or data.</exception>
    public IReadOnlyList<FinishedExperiment> Run(
        IReadOnlyList<Experiment> experiments, string folder, Action<FinishedExperiment>? finished = null,
        bool resume = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        using var run = UnfinishedRun.Open(folder, resume, commandLine ?? []);
        IReadOnlyList<FinishedExperiment> done = Run(experiments, run, finished, cancellation);
        run.Finish();
        return done;
    }

    /// <summary>As the other, in a folder that is open already; whoever opened it says when the run is complete.</summary>
    internal IReadOnlyList<FinishedExperiment> Run(
        IReadOnlyList<Experiment> experiments, UnfinishedRun unfinished, Action<FinishedExperiment>? finished,
        CancellationToken cancellation)
    {
        string folder = unfinished.Folder;
        // The file of named data sets may have been edited since.
        unfinished.RequireSame(_data.ToDictionary(pair => pair.Key.OversampleInTraining
            ? $"{pair.Key.Name}, rare labels repeated in training" : pair.Key.Name, pair => pair.Value.Fingerprint),
            text => _progress.Message($"warning: {text}"));
        var done = new List<FinishedExperiment>();
        try
        {
            var run = new ExperimentRun(settings, _progress, time ?? TimeProvider.System, unfinished);
            foreach (Experiment experiment in experiments)
            {
                done.Add(run.Run(experiment, _data[experiment.Data], Reading, Path.Combine(folder, experiment.Name), cancellation));
                if (unfinished.Finished.Contains(experiment.Name)) continue;
                finished?.Invoke(done[^1]);
                unfinished.Finish(experiment.Name);
            }
        }
        catch (Exception) when (done.Count > 0 && experiments.Count > 1)
        {
            _progress.Message($"{done.Count} of {experiments.Count} runs are complete in {folder}: "
                + $"{string.Join(", ", done.Select(one => one.Experiment.Name))}");
            IndexFolder.Write(folder, done);
            throw;
        }
        if (experiments.Count > 1) IndexFolder.Write(folder, done);
        return done;
    }

    /// <summary>Removes what was kept for this run alone.</summary>
    public void Dispose()
    {
        if (_temporary is { } folder && Directory.Exists(folder.FullName)) folder.Delete(recursive: true);
    }
}

/// <summary>What stays of a fold once its model is saved and freed.</summary>
/// <param name="Name">What the fold is called.</param>
/// <param name="Predictions">What its model said.</param>
/// <param name="Metrics">Its scores.</param>
/// <param name="Curves">How its training went.</param>
/// <param name="Temperature">The temperature fitted on its validation part, or null.</param>
/// <param name="Parameters">The network's trainable parameters.</param>
/// <param name="Record">How to repeat it.</param>
/// <param name="Note">What chose its weights.</param>
/// <param name="Draws">What it said in each draw of enrolled clips; empty without them.</param>
internal sealed record FoldOutcome(
    string Name, PredictionSet Predictions, IReadOnlyList<RunMetrics> Metrics, TrainingCurves Curves, double? Temperature, long Parameters,
    RunRecord Record, string Note, IReadOnlyList<PredictionSet> Draws);

/// <summary>Trains every fold of an experiment, and leaves its folder.</summary>
/// <param name="settings">What the user set.</param>
/// <param name="progress">Where progress shows.</param>
/// <param name="time">The clock.</param>
/// <param name="unfinished">The run folder.</param>
internal sealed class ExperimentRun(ExperimentSettings settings, IRunProgress progress, TimeProvider time, UnfinishedRun unfinished)
{
    // Protocols that differ in enrolled clips and conditions alone are scored with the same models.
    private readonly Dictionary<(OpenedDataset, string Protocol, string Trainer, int Seed, int Fold), FittedModel> _fitted = [];

    /// <summary>Runs it.</summary>
    /// <param name="experiment">What to do.</param>
    /// <param name="data">Its clips.</param>
    /// <param name="reading">How clips are read.</param>
    /// <param name="folder">The folder to leave.</param>
    /// <param name="cancellation">Stops it; folds that are complete stay.</param>
    public FinishedExperiment Run(Experiment experiment, CorpusData data, AudioReading reading, string folder,
        CancellationToken cancellation)
    {
        // ML.NET's trainers draw from what their context has drawn before: each training has a context of its own, so that it is the same
        // alone, after others, and in a run that was resumed.
        ExperimentContext Fresh() => ExperimentContext.Create(experiment.Plan.Seed, reading);
        long start = time.GetTimestamp();
        var outcomes = new List<FoldOutcome>();
        foreach ((int index, CheckedFold fold) in experiment.Plan.Folds.Index())
        {
            string own = experiment.HasFolds ? Path.Combine(folder, FoldNames.FolderOf(fold.Fold)) : folder;
            string checkpoint = Path.Combine(own, FoldFolder.CheckpointName);
            var files = new FoldFolder(experiment, data, settings, unfinished.CommandLine);
            if (!unfinished.Resumes) Checkpoint.Delete(checkpoint);
            else if (files.Read(own, fold) is { } finished)
            {
                Checkpoint.Delete(checkpoint);
                outcomes.Add(finished);
                continue;
            }
            ExperimentContext context = Fresh();
            var key = (experiment.Data, experiment.Plan.Plan.Protocol, experiment.Trainer, experiment.Plan.Seed, index);
            using TrainingResult result = progress.Run(scope => new TrainingRun(context, experiment, data, settings, time)
                .Run(fold, _fitted.GetValueOrDefault(key), scope, checkpoint, cancellation));
            if (settings.Protocols.Any(protocol => SplitProtocol.Divide(protocol).Protocol != protocol)) _fitted[key] = result.Fitted;
            outcomes.Add(files.Write(own, context, result));
            Checkpoint.Delete(checkpoint);
        }
        RunMetrics[] runs = [.. outcomes.SelectMany(outcome => outcome.Metrics)];
        (PredictionSet? pooledClips, RunMetrics? pooled) = Pool(experiment, outcomes);
        FinalModel? final = null;
        try
        {
            if (FinalTraining.IsWanted(experiment, settings))
                final = new FinalTraining(settings, progress, time, unfinished.Resumes)
                    .Run(experiment, data, Fresh(), folder, outcomes, pooled!, cancellation);
        }
        finally
        {
            // Whatever becomes of the last training, the folds are scored.
            new ExperimentFolder(experiment, data).Write(folder, outcomes, pooledClips, pooled, final);
        }
        return new FinishedExperiment(experiment, runs, pooled, time.GetElapsedTime(start)) { HasFinalModel = final is not null };
    }

    // Folds test different clips, so their clips together are one evaluation; the pairs of a cross-corpus matrix are not.
    private static (PredictionSet? Clips, RunMetrics? Metrics) Pool(Experiment experiment, List<FoldOutcome> folds)
    {
        if (!experiment.HasFolds || experiment.Plan.Plan.Protocol == SplitProtocol.CrossCorpus) return (null, null);
        PredictionSet all = PredictionPool.Pool([.. folds.Select(fold => fold.Predictions)]);
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        RunMetrics first = runs[0];
        bool known = runs.All(run => run.SharedSpeakers is not null);
        RunProtocol protocol = first with
        {
            Fold = null,
            // Each fold trains on its own clips: the mean says how many a model of this evaluation had.
            TrainClips = (long)Math.Round(runs.Average(run => run.TrainClips)),
            ValidationClips = (long)Math.Round(runs.Average(run => run.ValidationClips)),
            HeldOutSpeakers = [.. runs.SelectMany(run => run.HeldOutSpeakers).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)],
            SharedSpeakers = known ? [.. runs.SelectMany(run => run.SharedSpeakers!).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)] : null,
            LeakCheck = LeakMapping.Sum([.. runs.Select(run => run.LeakCheck).OfType<RunLeakCheck>()]),
        };
        RunMetrics pooled = RunMetrics.From(protocol, all.ToReport()).WithDetails(all) with
        {
            Adaptation = RunAdaptation.Of(experiment.Plan.Enrolled, [.. Enumerable.Range(0, folds.Min(fold => fold.Draws.Count))
                .Select(draw => PredictionPool.Pool([.. folds.Select(fold => fold.Draws[draw])]))]),
            Calibration = Calibration.Of([.. folds.Select(fold => (fold.Predictions, fold.Temperature))]),
            People = first.People,
        };
        return (all, pooled);
    }
}
