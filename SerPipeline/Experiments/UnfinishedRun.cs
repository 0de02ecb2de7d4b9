using SerPipeline.Evaluation;

namespace SerPipeline.Experiments;

/// <summary>
/// A run folder while a run writes into it: locked against a second run, with a file <c>resume.json</c> that says how to go on with it.
/// The file is gone once the run is finished.
/// </summary>
internal sealed class UnfinishedRun : IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "resume.json";

    private const string LockName = ".lock";

    private readonly FolderLock _lock;
    private State _state;
    private bool _finished;

    private UnfinishedRun(string folder, FolderLock held, State state, bool resumes) =>
        (Folder, _lock, _state, Resumes) = (folder, held, state, resumes);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whether the folder may hold what an interrupted run has finished.</summary>
    public bool Resumes { get; }

    /// <summary>The command line that began the run.</summary>
    public IReadOnlyList<string> CommandLine => _state.CommandLine;

    /// <summary>The names of experiments whose folders are complete.</summary>
    public IReadOnlyList<string> Finished => _state.Finished;

    /// <summary>Takes a folder for a run.</summary>
    /// <param name="folder">The folder; made where it is absent.</param>
    /// <param name="resume">Whether to go on with what it holds; false begins anew.</param>
    /// <param name="commandLine">Recorded where the run begins.</param>
    /// <param name="options">What a later command needs to go on, recorded where the run begins.</param>
    /// <exception cref="ResumeException">Another run writes into the folder, or its file is damaged.</exception>
    public static UnfinishedRun Open(string folder, bool resume, IReadOnlyList<string> commandLine,
        IReadOnlyDictionary<string, string>? options = null)
    {
        string full = Path.GetFullPath(folder);
        FolderLock held = FolderLock.Take(full, LockName, (why, cause) => new ResumeException(
            $"Another run writes into {full} ({why}). Wait for its end, or name another folder.", cause));
        try
        {
            RemoveHalfWritten(full);
            State? before = resume ? Read(full) : null;
            var run = new UnfinishedRun(full, held, before ?? new State
            {
                CommandLine = commandLine,
                Options = options ?? new Dictionary<string, string>(),
                Environment = RunEnvironment.Current(),
            }, resume);
            if (before is null) run.Write();
            return run;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The options recorded in a folder; null where no unfinished run is in it.</summary>
    /// <exception cref="ResumeException">The file is damaged.</exception>
    public static IReadOnlyDictionary<string, string>? OptionsOf(string folder) => Read(folder)?.Options;

    /// <summary>Requires that a resumed run reads what the interrupted one read, and records it where a run begins.</summary>
    /// <param name="data">The data sets by name.</param>
    /// <param name="warn">Told where the machine differs, on which the last bits of weights depend.</param>
    /// <exception cref="ResumeException">The clips have changed.</exception>
    public void RequireSame(IReadOnlyDictionary<string, DataFingerprint> data, Action<string> warn)
    {
        if (_state.Data.Count == 0)
        {
            _state = _state with { Data = data };
            Write();
            return;
        }
        foreach ((string name, DataFingerprint before) in _state.Data)
            RequireSame(name, before, data.GetValueOrDefault(name), Folder);
        RunEnvironment old = _state.Environment, now = RunEnvironment.Current();
        if (old != now)
            warn($"The run began with SerPipeline {old.Library} on {old.ProcessorCount} processors ({old.OperatingSystem}) and goes on "
                + $"with {now.Library} on {now.ProcessorCount} ({now.OperatingSystem}): weights may differ in their last bits.");
    }

    /// <summary>Requires the clips of a run that is gone on with.</summary>
    public static void RequireSame(string name, DataFingerprint before, DataFingerprint? now, string where)
    {
        if (before == now) return;
        string found = now is null ? "this data set is not there now"
            : before.Clips == now.Clips ? "files, labels, speakers or the corpus's own parts have changed"
            : FormattableString.Invariant($"it has {now.Clips} clips now");
        throw new ResumeException(FormattableString.Invariant(
            $"The run in {where} was begun on {before.Clips} clips of '{name}', but {found}. ")
            + "Bring the data back, or train anew in another folder.");
    }

    /// <summary>Notes an experiment whose folder is complete, and whose scores have been passed on.</summary>
    public void Finish(string experiment)
    {
        _state = _state with { Finished = [.. _state.Finished, experiment] };
        Write();
    }

    /// <summary>Notes that the run is complete.</summary>
    public void Finish() => _finished = true;

    /// <summary>Whether there is something that starting anew would lose.</summary>
    public bool HoldsWork => Directory.Exists(Folder) && Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Any(path => Path.GetFileName(path) is not (FileName or LockName));

    /// <summary>Gives the folder back. Of a run that failed before it left anything nothing stays.</summary>
    public void Dispose()
    {
        try
        {
            bool empty = !HoldsWork;
            if (_finished || empty) File.Delete(Path.Combine(Folder, FileName));
            if (empty)
                foreach (string below in Directory.EnumerateDirectories(Folder)) Directory.Delete(below, recursive: true);
        }
        // Somebody removed the folder, which is no reason to hide why the run failed.
        catch (DirectoryNotFoundException) { }
        finally
        {
            _lock.Dispose();
        }
    }

    // What AtomicFile had begun when the program was killed.
    private static void RemoveHalfWritten(string folder)
    {
        string pattern = $"*.{new string('?', 32)}.tmp";
        foreach (string file in Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)) File.Delete(file);
    }

    private static State? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? RunJson.Read<State>(path, $"an unfinished run ({FileName})", nullItems: false) : null;
        }
        catch (EvaluationException e)
        {
            throw new ResumeException(e.Message, e);
        }
    }

    private void Write() => RunJson.Write(Path.Combine(Folder, FileName), _state);

    private sealed record State
    {
        public int Version { get; init; } = RunJson.Version;

        public required IReadOnlyList<string> CommandLine { get; init; }

        public required IReadOnlyDictionary<string, string> Options { get; init; }

        public required RunEnvironment Environment { get; init; }

        public IReadOnlyDictionary<string, DataFingerprint> Data { get; init; } = new Dictionary<string, DataFingerprint>();

        public IReadOnlyList<string> Finished { get; init; } = [];
    }
}
