using SerPipeline.Console.ModelBuilder;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser train</c>: trains and evaluates every trainer under every protocol asked for, and leaves a run folder.</summary>
internal sealed class TrainCommand(Terminal terminal, TimeProvider time, ProgressDisplay progress) : ICommandHandler
{
    // An epoch of the demo takes about a second on two cores.
    private const int DemoCnnEpochs = 24;

    public static CommandDefinition Definition { get; } = new(
        "train",
        """
        Train on a corpus, score the test part, and leave a run folder with model.zip, metrics.json, predictions.csv, report.html,
        run.json and figures. Without options it trains three trainers under two protocols on a synthetic demo corpus, in under 90
        seconds on two cores. With several data sets, trainers, protocols or seeds each combination gets a folder of its own
        (cnn-random, mlp-speaker, ...), beside a metrics.json and report.html of all; under protocols with folds each fold has a
        folder with its model in it.
        """.ReplaceLineEndings(" "),
        typeof(TrainCommand))
    {
        Options = [.. CorpusSource.Options, .. TrainOptions.All],
        SettingsFiles =
        [
            new(TrainOptions.Config, (path, given) => MbConfigSettings.Of(MbConfigFile.Read(path)).Beside(given)),
            new(TrainOptions.Resume, TrainResume.Read),
        ],
        Examples =
        [
            ("ser train", "everything on the synthetic demo corpus; nothing needs to be downloaded"),
            ("ser train --corpus ravdess --data RAVDESS --trainer cnn --protocol speaker-5fold",
                "a CNN on RAVDESS under the five published folds of actors"),
            ("ser train --corpus emodb --data EMO-DB --trainer recipe --protocol loso,loso+10",
                "the recommended ensemble on voices never heard, and after ten unlabelled clips of each"),
            ("ser train --dataset original,over,over-train --data data --trainer mlp --protocol paper",
                "named data sets under the paper's split"),
            ("ser train --corpus ravdess+emodb+tess --data data --combine common --protocol cross",
                "trained on each corpus, tested on the others"),
            ("ser train --config Emotion/Emotion.mbconfig",
                "with the settings of a Model Builder configuration; the trial is appended to it"),
            ("ser train --corpus folder --data clips --speaker-pattern '(?<speaker>spk\\d+)' --epochs 30 --out runs/mine",
                "three trainers on one folder per label, with speakers from the file names"),
            ("ser train --resume runs/mine", "goes on with a run that was interrupted"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        ExperimentSettings settings = TrainOptions.Read(input);
        source = source with { Load = source.Load with { Strict = settings.Strict } };
        settings = settings with { KeepDoubtful = source.Load.KeepDoubtful };
        string? asked = input.Text(TrainOptions.Out), resumed = input.Text(TrainOptions.Resume);
        bool json = input.Flag(TrainOptions.Json);
        if (source.Folder is null && settings.Epochs is null) settings = settings with { CnnEpochs = DemoCnnEpochs };
        // A model says what it was trained on, even where nobody had to.
        if (source.Corpora.Count > 0 && !settings.Given.ContainsKey(CorpusSource.Corpus.Key))
            settings = TrainOptions.With(settings, CorpusSource.Corpus, source.Format);
        ExperimentSettings given = settings;
        settings = settings with { SettingsOfModel = (trainer, protocol, seed) => ResumeSettings.Of(given, trainer, protocol, seed) };
        input.Check();
        if (resumed is not null && TrainResume.IsComplete(resumed))
        {
            string complete = $"The run in {Path.GetFullPath(resumed)} is complete.";
            if (json) WriteMetrics(resumed, complete);
            else terminal.Result(complete);
            if (TrainResume.Unheard(input) is { Length: > 0 } unheard)
                terminal.Message($"warning: nothing is left for {string.Join(", ", unheard)} to change. Train in another folder for that.");
            return ExitCode.Done;
        }
        if (resumed is not null && !File.Exists(Path.Combine(resumed, UnfinishedRun.FileName)))
            throw new UsageException($"--resume must name the folder of an unfinished run, but {Path.GetFullPath(resumed)} has no "
                + $"{UnfinishedRun.FileName}.");
        MbConfigRun? config = input.Text(TrainOptions.Config) is { } path ? MbConfigRun.Open(path, terminal) : null;
        string folder = resumed ?? OutFolder.Choose(asked, source.Load.Name ?? source.Format, time);
        using var run = UnfinishedRun.Open(folder, resumed is not null, input.CommandLine, TrainResume.OptionsOf(input, source));
        try
        {
            Train(run, source, settings, config, json, cancellation);
        }
        catch (Exception) when (run.HoldsWork)
        {
            terminal.Message($"What was done so far is in {run.Folder}. Next: ser train --resume "
                + Spelling.Argument(run.Folder));
            throw;
        }
        return config?.Failed == true ? ExitCode.Failed : ExitCode.Done;
    }

    private void Train(UnfinishedRun run, CorpusSource.Settings source, ExperimentSettings settings, MbConfigRun? config, bool json,
        CancellationToken cancellation)
    {
        // 1. Validate before expensive work: everything that needs no audio.
        IReadOnlyList<OpenedDataset> datasets = CorpusSource.OpenAll(source, progress, cancellation);
        RequireOneWord(settings, datasets);
        foreach (OpenedDataset dataset in datasets) CorpusMessages.Write(terminal, dataset);
        if (settings.CnnEpochs is { } epochs && settings.Trainers.Contains(TrainerChains.Cnn))
            terminal.Message($"So that the demo ends within 90 seconds on two cores, the CNN trains for {epochs} epochs here; --epochs "
                + "sets another number.");
        var bad = new BadClips();
        using var runner = new ExperimentRunner(settings, progress, time, run.CommandLine, bad.Add);
        IReadOnlyList<Experiment> experiments = Plan(runner, datasets, cancellation);
        // 2. Training.
        IReadOnlyList<FinishedExperiment> finished = runner.Run(experiments, run, one =>
        {
            bad.Write(terminal);
            config?.Append(one, run.Folder);
        }, cancellation);
        run.Finish();
        Conclude(json, finished, run.Folder);
    }

    private IReadOnlyList<Experiment> Plan(ExperimentRunner runner, IReadOnlyList<OpenedDataset> datasets, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<Experiment> experiments = runner.Plan(datasets, cancellation);
            foreach (OpenedDataset dataset in experiments.Select(one => one.Data).Distinct())
                CorpusMessages.Trouble(dataset.Corpus.Problems, terminal.Message);
            return experiments;
        }
        catch (CorpusException)
        {
            // What was found so far may be why; that nothing was is not known before the audio is read.
            foreach (OpenedDataset dataset in datasets.Where(one => one.Corpus.Problems.Count > 0))
                CorpusMessages.Trouble(dataset.Corpus.Problems, terminal.Message);
            throw;
        }
    }

    // A score goes by its data set's name, so the name must say what was done.
    private static void RequireOneWord(ExperimentSettings settings, IReadOnlyList<OpenedDataset> datasets)
    {
        if (settings.Oversampling is { } asked && datasets.FirstOrDefault(dataset => dataset.OversampleInTraining) is { } oversampled
            && asked != Oversampling.Minority)
            throw new UsageException($"--oversample {asked} contradicts the data set '{oversampled.Name}', whose rarest label is "
                + "oversampled inside training. Leave the option out, or take another data set.");
    }

    private void WriteMetrics(string folder, string message)
    {
        terminal.OutputWriter.Write(File.ReadAllText(Path.Combine(folder, MetricsFile.FileName)));
        terminal.Message(message);
    }

    private void Conclude(bool json, IReadOnlyList<FinishedExperiment> finished, string folder)
    {
        if (json)
        {
            WriteMetrics(folder, $"Run folder: {folder}");
            return;
        }
        TrainSummary.Write(terminal, finished);
        terminal.Result($"Run folder: {folder}");
        // A protocol with enrolment scores the folds of another, which has the model of all clips.
        FinishedExperiment last = finished.LastOrDefault(one => one.HasFinalModel) ?? finished[^1];
        if (last.HasFinalModel) terminal.Result($"Trained on all clips after the folds, whose scores stand above: {last.ModelIn(folder)}");
        terminal.Result($"Next: ser predict --model {Spelling.Argument(last.ModelIn(folder))} CLIP.wav");
    }
}
