using Microsoft.Extensions.Logging;
using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.ModelBuilder;
using SerPipeline.Console.Output;
using SerPipeline.Console.Training;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Old.Pipeline;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser train</c>: trains and evaluates every trainer under every protocol asked for, and leaves a run folder.</summary>
internal sealed class TrainCommand(Terminal terminal, TimeProvider time, ProgressDisplay progress, ILogger<TrainCommand> logger) : ICommandHandler
{
    // An epoch of the demo takes about a second on two cores.
    private const int DemoCnnEpochs = 24;

    public static CommandDefinition Definition { get; } = new(
        "train",
        """
        Train on a corpus, score the test part, and leave a run folder with model.zip, metrics.json, predictions.csv, report.html, run.json and figures.
        Without options it trains both trainers under both protocols on a synthetic demo corpus, in under 90 seconds on two cores. With several data sets,
        trainers, protocols or seeds each combination gets a folder of its own (cnn-random, mlp-speaker, ...), beside a metrics.json and report.html of all;
        under protocols with folds each fold has a folder with its model in it.
        """.ReplaceLineEndings(" "),
        typeof(TrainCommand))
    {
        Options = [.. CorpusSource.Options, .. TrainOptions.All],
        SettingsFile = new SettingsFileDefinition(TrainOptions.Config, (path, given) => MbConfigSettings.Of(MbConfigFile.Read(path)).Beside(given)),
        Examples =
        [
            ("ser train", "everything on the synthetic demo corpus; nothing needs to be downloaded"),
            ("ser train --corpus ravdess --data RAVDESS --trainer cnn --protocol speaker-5fold", "a CNN on RAVDESS under the five published folds of actors"),
            ("ser train --dataset original,over,over-train --data data --trainer mlp --protocol paper", "named data sets under the paper's split"),
            ("ser train --corpus ravdess+emodb+tess --data data --combine common --protocol cross", "trained on each corpus, tested on the others"),
            ("ser train --config Emotion/Emotion.mbconfig", "what a configuration of Model Builder says, appended to its trials"),
            ("ser train --corpus folder --data clips --speaker-pattern '(?<speaker>spk\\d+)' --epochs 30 --out runs/mine", "both trainers on a folder a label, speakers told by file names"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        ExperimentSettings settings = TrainInput.Read(input);
        if (source.Folder is null && settings.Epochs is null) settings = settings with { CnnEpochs = DemoCnnEpochs };
        // A model says what it was trained on, even where nobody had to.
        if (source.Corpora.Count > 0 && !settings.Given.ContainsKey(CorpusSource.Corpus.Key)) settings = TrainInput.With(settings, CorpusSource.Corpus, source.Format);
        ExperimentSettings given = settings;
        settings = settings with { SettingsOfModel = (trainer, protocol, seed) => ResumeSettings.Of(given, trainer, protocol, seed) };
        input.Check();
        MbConfigRun? config = input.Text(TrainOptions.Config) is { } path ? MbConfigRun.Open(path, terminal) : null;
        string folder = OutFolder.Choose(settings.Out, source.Load.Name ?? source.Format, time);

        // 1. Everything that can be checked without reading audio is: what is found later costs the time before it.
        IReadOnlyList<OpenedDataset> datasets = CorpusSource.OpenAll(source, progress, cancellation);
        RequireOneWord(settings, datasets);
        foreach (OpenedDataset dataset in datasets) Introduction.Write(terminal, dataset);
        if (settings.CnnEpochs is { } epochs && settings.Trainers.Contains(TrainerChains.Cnn))
            terminal.Message($"So that the demo ends within 90 seconds on two cores, the CNN trains for {epochs} epochs here; --epochs sets another number.");
        SerContext[] contexts = [.. settings.Seeds.Select(seed => ContextOf(settings, seed))];
        double[] fractions = [.. settings.Trainers.Select(trainer => TrainerChains.Create(contexts[0], trainer, settings, _ => { }, cancellation).Options.ValidationSetFraction)];
        var planning = new SplitPlanning(settings, fractions, progress);
        IReadOnlyList<DraftPlan> drafts = planning.Draft(datasets);
        // 2. The audio is read once, and every fold is checked for leaks before the first training.
        Dictionary<OpenedDataset, CorpusData> data = drafts.Select(draft => draft.Dataset).Distinct().ToDictionary(dataset => dataset, dataset => CorpusData.Of(dataset.Corpus, progress, cancellation));
        List<Experiment> experiments = ExperimentsOf(drafts, planning, data, settings);
        // 3. Training.
        List<FinishedExperiment> finished = RunAll(experiments, data, contexts, settings, folder, config, input.CommandLine, cancellation);
        Conclude(settings, finished, folder);
        return config?.Failed == true ? ExitCode.Failed : ExitCode.Done;
    }

    // A score goes by its data set's name, so the name must say what was done.
    private static void RequireOneWord(ExperimentSettings settings, IReadOnlyList<OpenedDataset> datasets)
    {
        if (settings.Oversampling is { } asked && datasets.FirstOrDefault(dataset => dataset.OversampleInTraining) is { } oversampled && asked != Oversampling.Minority)
            throw new UsageException($"--oversample {asked} contradicts the data set '{oversampled.Name}', whose rarest label is oversampled inside training. Leave the option out, or take another data set.");
    }

    private static SerContext ContextOf(ExperimentSettings settings, int seed) => new(seed, new SerContextOptions
    {
        CacheDirectory = settings.FeatureCache,
        BadClips = settings.Strict ? BadClipRule.Throw : BadClipRule.Skip,
    });

    private List<Experiment> ExperimentsOf(IReadOnlyList<DraftPlan> drafts, SplitPlanning planning, Dictionary<OpenedDataset, CorpusData> data, ExperimentSettings settings)
    {
        var experiments = new List<Experiment>();
        int datasets = drafts.Select(draft => draft.Dataset).Distinct().Count(), total = drafts.Count * settings.Trainers.Count;
        foreach (DraftPlan draft in drafts)
        {
            CheckedPlan plan = planning.Check(draft, data[draft.Dataset]);
            logger.LogDebug("{Dataset}, {Protocol}: {Folds} folds; {Origin}", draft.Dataset.Name, plan.Plan.Protocol, plan.Folds.Count, plan.Plan.Origin);
            foreach (string trainer in settings.Trainers)
                experiments.Add(new Experiment(draft.Dataset, plan, trainer,
                    total == 1 ? "" : FinishedExperiment.NameOf(draft.Dataset.Name, trainer, plan.Plan.Protocol, draft.Seed, datasets, settings.Seeds.Count)));
        }
        // Two names may differ in what no folder's name can hold.
        if (experiments.GroupBy(one => one.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } same)
            throw new UsageException($"The data sets {string.Join(" and ", same.Select(one => one.Data.Name))} would share the folder {same.Key}: give them names that differ in letters or digits, or run them apart.");
        return experiments;
    }

    private List<FinishedExperiment> RunAll(
        List<Experiment> experiments, Dictionary<OpenedDataset, CorpusData> data, SerContext[] contexts, ExperimentSettings settings, string folder,
        MbConfigRun? config, IReadOnlyList<string> commandLine, CancellationToken cancellation)
    {
        var bad = new BadClips(contexts);
        var finished = new List<FinishedExperiment>();
        try
        {
            var run = new ExperimentRun(settings, progress, time, commandLine);
            foreach (Experiment experiment in experiments)
            {
                SerContext ser = contexts.First(context => context.Seed == experiment.Plan.Seed);
                finished.Add(run.Run(experiment, data[experiment.Data], ser, Path.Combine(folder, experiment.Name), cancellation));
                bad.Write(terminal);
                config?.Append(finished[^1], folder);
            }
        }
        catch (Exception) when (finished.Count > 0 && experiments.Count > 1)
        {
            terminal.Message($"{finished.Count} of {experiments.Count} runs are complete in {folder}: {string.Join(", ", finished.Select(one => one.Experiment.Name))}");
            IndexFolder.Write(folder, finished);
            throw;
        }
        if (experiments.Count > 1) IndexFolder.Write(folder, finished);
        return finished;
    }

    private void Conclude(ExperimentSettings settings, List<FinishedExperiment> finished, string folder)
    {
        if (settings.Json)
        {
            terminal.OutputWriter.Write(File.ReadAllText(Path.Combine(folder, MetricsFile.FileName)));
            terminal.Message($"Run folder: {folder}");
            return;
        }
        TrainSummary.Write(terminal, finished);
        terminal.Result($"Run folder: {folder}");
        Experiment last = finished[^1].Experiment;
        string model = Path.Combine(folder, last.Name, last.HasFolds ? FoldNames.FolderOf(last.Plan.Folds[0].Fold) : "", FoldFolder.ModelName);
        terminal.Result($"Next: ser predict --model {model} CLIP.wav");
    }
}
