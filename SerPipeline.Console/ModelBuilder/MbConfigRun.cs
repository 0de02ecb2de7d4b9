using SerPipeline.Audio;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>A training that a configuration of Model Builder asked for.</summary>
internal sealed class MbConfigRun
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30), LockInterval = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly Terminal _terminal;

    private MbConfigRun(string path, Terminal terminal) => (_path, _terminal) = (path, terminal);

    /// <summary>Whether a trial could not be appended; the message has been written.</summary>
    public bool Failed { get; private set; }

    /// <summary>Opens a configuration before the training, and says what of it is not followed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="terminal">Where to say so.</param>
    /// <exception cref="MbConfigException">It cannot be read, or cannot take a trial.</exception>
    /// <exception cref="IOException">Nothing can be written beside it: better now than after the training.</exception>
    public static MbConfigRun Open(string path, Terminal terminal)
    {
        MbConfigFile file = MbConfigFile.Read(path);
        path = file.Path;
        MbConfigTrial.RequireHistory(file);
        foreach (string remark in MbConfigSettings.Of(file).Remarks) terminal.Message($"{path}: {remark}");
        // The file is replaced by a new one, so its folder must take one.
        using (new FileStream(AtomicFile.Beside(path), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
            FileOptions.DeleteOnClose)) { }
        return new MbConfigRun(path, terminal);
    }

    /// <summary>Appends a trial for an experiment; under cross-corpus, for each pair of corpora. What cannot be written is told, and the
    /// training is not lost for it.</summary>
    /// <param name="finished">The experiment.</param>
    /// <param name="folder">The run folder.</param>
    public void Append(FinishedExperiment finished, string folder)
    {
        try
        {
            MbConfigTrial[] trials = [.. (finished.Whole is { } whole ? [whole]
                : finished.Runs).Select(metrics => TrialOf(finished, metrics, folder))];
            using (Lock(_path))
            {
                // Read again: its owner or another training may have changed it since.
                MbConfigFile file = MbConfigFile.Read(_path);
                // A run that was stopped right behind this tells of the experiment once more.
                trials = [.. trials.Where(trial => !trial.IsIn(file))];
                if (trials.Length == 0) return;
                foreach (MbConfigTrial trial in trials) trial.AppendTo(file);
                file.Write();
            }
            _terminal.Message($"Appended {Format.Count(trials.Length, "trial")} to {_path}.");
        }
        catch (Exception e) when (e is MbConfigException or IOException or UnauthorizedAccessException)
        {
            Failed = true;
            _terminal.Message($"error: no trial was appended to {_path}: {e.Message} The scores and the model are in {folder}.");
        }
    }

    // Of folds put together, the model of all clips stands for them, or that of the first: their options are the same.
    private static MbConfigTrial TrialOf(FinishedExperiment finished, RunMetrics metrics, string folder)
    {
        string model = finished.ModelIn(folder, metrics.Fold);
        var document = ModelRecord.Read(model);
        TrainingRecord record = TrainingRecord.From(document, model)!;
        return new MbConfigTrial
        {
            Stages = MbConfigTrial.StagesOf(document, record),
            Metrics = metrics,
            Elapsed = finished.Whole is null ? null : finished.Elapsed,
            Record = record,
            Model = model,
        };
    }

    // One training at a time reads and writes: two at once would lose one's trial.
    private static FolderLock Lock(string path)
    {
        string folder = Path.Combine(Path.GetTempPath(),
            $"ser-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FolderEntries.RealPath(path))))[..16]}");
        for (DateTime end = DateTime.UtcNow + LockPatience; ; Thread.Sleep(LockInterval))
        {
            try
            {
                return FolderLock.Take(folder, "config.lock", (why, cause) => new IOException(why, cause));
            }
            catch (IOException) when (DateTime.UtcNow < end)
            {
                // Another training holds it.
            }
        }
    }
}
