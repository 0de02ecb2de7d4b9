using Microsoft.Extensions.Logging;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Console.Training;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;
using SerPipeline.Pipeline;

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
        Without options it trains both trainers under both protocols on a synthetic demo corpus, in under 90 seconds on two cores. With several trainers
        or protocols each run gets a folder of its own (cnn-random, mlp-speaker, ...), beside a metrics.json and report.html of all.
        """.ReplaceLineEndings(" "),
        typeof(TrainCommand))
    {
        Options = [.. CorpusSource.Options, .. TrainSettings.Options],
        Examples =
        [
            ("ser train", "everything on the synthetic demo corpus; nothing needs to be downloaded"),
            ("ser train --corpus ravdess --data RAVDESS --trainer cnn --protocol speaker --test-speakers 2,5,14,15,16", "a CNN on RAVDESS, tested on five actors it never heard"),
            ("ser train --corpus folder --data clips --speaker-pattern '(?<speaker>spk\\d+)' --epochs 30 --out runs/mine", "both trainers on a folder a label, speakers told by file names"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        TrainSettings settings = TrainSettings.From(input);
        if (source.Folder is null && settings.Epochs is null) settings = settings with { CnnEpochs = DemoCnnEpochs };
        input.Check();
        string folder = OutFolder.Choose(settings.Out, source.Load.Name ?? source.Format, time);

        Corpus corpus = CorpusSource.Open(source, progress, cancellation);
        Introduction.Write(terminal, corpus);
        if (settings.CnnEpochs is { } epochs && settings.Trainers.Contains(TrainerChains.Cnn))
            terminal.Message($"So that the demo ends within 90 seconds on two cores, the CNN trains for {epochs} epochs here; --epochs sets another number.");
        CorpusData data = CorpusData.Of(corpus, progress, cancellation);
        var ser = new SerContext(settings.Seed, new SerContextOptions
        {
            CacheDirectory = settings.FeatureCache,
            BadClips = settings.Strict ? BadClipRule.Throw : BadClipRule.Skip,
        });
        // Everything that can be checked without training is: what is found later costs the time before it.
        double[] fractions = [.. settings.Trainers.Select(trainer => TrainerChains.Create(ser, trainer, settings, _ => { }, cancellation).Options.ValidationSetFraction)];
        List<CheckedSplit> splits = Divide(data, settings, fractions);
        var bad = new BadClips(ser);
        List<FinishedRun> finished = RunAll(ser, data, settings, splits, folder, input.CommandLine, bad, cancellation);
        Conclude(corpus, settings, finished, folder);
        return ExitCode.Done;
    }

    private List<CheckedSplit> Divide(CorpusData data, TrainSettings settings, double[] validationFractions)
    {
        var splits = new List<CheckedSplit>();
        foreach (string protocol in settings.Protocols)
        {
            if (protocol == SplitProtocol.SpeakerIndependent && !settings.ProtocolsAreNamed && data.Corpus.Clips.Any(clip => clip.Speaker is null))
            {
                terminal.Message("The corpus does not name every clip's speaker, so only the random protocol is run. Name the speakers (--speaker-pattern, or a speaker column) for the other.");
                continue;
            }
            CheckedSplit split = data.Divide(protocol, settings);
            data.RequireTrainable(split, validationFractions, settings.Seed);
            if (CheckedSplit.CopiesNote(split) is { } copies) terminal.Message($"warning: {copies}");
            foreach (string label in split.Report.LabelsOnlyInTraining) terminal.Message($"warning: under {protocol} the label '{label}' has no test clip, so the scores say nothing about it.");
            logger.LogDebug("{Protocol}: {Train} training clips, {Test} test clips", protocol, split.Split.Train.Count, split.Split.Test.Count);
            splits.Add(split);
        }
        return splits;
    }

    private List<FinishedRun> RunAll(
        SerContext ser, CorpusData data, TrainSettings settings, List<CheckedSplit> splits, string folder, IReadOnlyList<string> commandLine, BadClips bad,
        CancellationToken cancellation)
    {
        (string Trainer, CheckedSplit Split)[] plan = [.. splits.SelectMany(split => settings.Trainers.Select(trainer => (trainer, split)))];
        var finished = new List<FinishedRun>();
        try
        {
            foreach ((string trainer, CheckedSplit split) in plan)
            {
                long start = time.GetTimestamp();
                string name = plan.Length == 1 ? "" : $"{trainer}-{TrainSettings.ShortName(split.Split.Protocol)}";
                using TrainingResult result = progress.Run(scope => new TrainingRun(ser, data, settings, time).Run(trainer, split, scope, cancellation));
                RunFiles.Write(Path.Combine(folder, name), ser, data, result, settings, commandLine);
                bad.Write(terminal);
                finished.Add(FinishedRun.From(name, result, time.GetElapsedTime(start)));
            }
        }
        catch (Exception) when (finished.Count > 0 && plan.Length > 1)
        {
            terminal.Message($"{finished.Count} of {plan.Length} runs are complete in {folder}: {string.Join(", ", finished.Select(run => run.Name))}");
            RunFiles.WriteIndex(folder, data, finished);
            throw;
        }
        if (plan.Length > 1) RunFiles.WriteIndex(folder, data, finished);
        return finished;
    }

    private void Conclude(Corpus corpus, TrainSettings settings, List<FinishedRun> finished, string folder)
    {
        if (settings.Json)
        {
            terminal.OutputWriter.Write(File.ReadAllText(Path.Combine(folder, MetricsFile.FileName)));
            terminal.Message($"Run folder: {folder}");
            return;
        }
        TrainSummary.Write(terminal, corpus, finished);
        terminal.Result($"Run folder: {folder}");
        terminal.Result($"Next: ser predict --model {Path.Combine(folder, finished[^1].Name, RunFiles.ModelName)} CLIP.wav");
    }
}
