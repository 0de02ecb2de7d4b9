using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Console.Runs;
using SerPipeline.Console.Scoring;
using SerPipeline.Console.Training;
using SerPipeline.Evaluation;
using SerPipeline.Models;
using SerPipeline.Pipeline;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>A training that a configuration of Model Builder asked for.</summary>
internal sealed class MbConfigRun
{
    private readonly string _path;
    private readonly Terminal _terminal;

    private MbConfigRun(string path, Terminal terminal) => (_path, _terminal) = (path, terminal);

    /// <summary>Opens a configuration before the training, and says what of it is not followed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="terminal">Where to say so.</param>
    /// <exception cref="MbConfigException">It cannot be read, or cannot take a trial.</exception>
    /// <exception cref="IOException">It cannot be written: better now than after the training.</exception>
    public static MbConfigRun Open(string path, Terminal terminal)
    {
        MbConfigFile file = MbConfigFile.Read(path);
        MbConfigTrial.RequireHistory(file);
        foreach (string remark in MbConfigSettings.Of(file).Remarks) terminal.Message($"{path}: {remark}");
        using (File.OpenWrite(path)) { }
        return new MbConfigRun(path, terminal);
    }

    /// <summary>Appends a trial for each experiment; under cross-corpus, for each pair of corpora.</summary>
    /// <param name="finished">The experiments.</param>
    /// <param name="folder">The run folder.</param>
    public void Append(IReadOnlyList<FinishedExperiment> finished, string folder)
    {
        // Read again: its owner may have edited it while the training ran.
        MbConfigFile file = MbConfigFile.Read(_path);
        int trials = 0;
        foreach (FinishedExperiment experiment in finished)
            foreach (RunMetrics metrics in experiment.Whole is { } whole ? [whole] : experiment.Runs)
            {
                TrialOf(experiment, metrics, folder).AppendTo(file);
                trials++;
            }
        file.Write();
        _terminal.Message($"Appended {Format.Count(trials, "trial")} to {_path}.");
    }

    // Of folds put together, the model of the first stands for all: their options are the same.
    private static MbConfigTrial TrialOf(FinishedExperiment finished, RunMetrics metrics, string folder)
    {
        Experiment experiment = finished.Experiment;
        CheckedFold fold = experiment.Plan.Folds.FirstOrDefault(one => one.Fold.Number == metrics.Fold) ?? experiment.Plan.Folds[0];
        string model = Path.Combine(folder, experiment.Name, experiment.HasFolds ? FoldNames.FolderOf(fold.Fold) : "", FoldFolder.ModelName);
        ModelDocument document = new SerContext().Model.ReadDocument(model);
        return new MbConfigTrial
        {
            Stages = document.Stages,
            Metrics = metrics,
            Elapsed = finished.Whole is null ? null : finished.Elapsed,
            Record = TrainingRecord.From(document, model)!,
            Model = model,
        };
    }
}
