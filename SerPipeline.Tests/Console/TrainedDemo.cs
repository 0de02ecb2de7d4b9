using SerPipeline.Tests.Support;

[assembly: AssemblyFixture(typeof(SerPipeline.Tests.Console.TrainedDemo))]

namespace SerPipeline.Tests.Console;

/// <summary>A small demo corpus and one quick training on it, made once for all tests of the console.</summary>
public sealed class TrainedDemo : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _corpus;
    private readonly Lazy<Task<string>> _runs;
    private readonly Lazy<Task<string>> _cnn;

    public TrainedDemo()
    {
        _corpus = new(() => Synthesize());
        _runs = new(() => Train());
        _cnn = new(() => TrainCnn(_folder.File("cnn")));
    }

    /// <summary>Sixty-four clips: four voices, eight emotions, two clips each.</summary>
    public Task<string> Corpus => _corpus.Value;

    /// <summary>A run folder: an MLP of two epochs under both protocols.</summary>
    public Task<string> Runs => _runs.Value;

    /// <summary>A model of a CNN of one epoch under a speaker protocol.</summary>
    public Task<string> Cnn => _cnn.Value;

    /// <summary>The settings of the training, but for its folders.</summary>
    public static string[] Settings { get; } = ["--trainer", "mlp", "--epochs", "2", "--test-fraction", "0.25", "--validation-fraction",
        "0.1", "--seed", "7"];

    /// <summary>What the training wrote.</summary>
    internal ConsoleRun? Training { get; private set; }

    public string Cache => _folder.File("cache");

    public void Dispose() => _folder.Dispose();

    private async Task<string> Synthesize()
    {
        string corpus = _folder.File("demo");
        (await ConsoleRun.Of(CancellationToken.None, "synth", "--out", corpus, "--speakers", "4", "--clips", "2")).Succeeds();
        return corpus;
    }

    /// <summary>Trains another such CNN.</summary>
    /// <param name="run">Its run folder.</param>
    /// <param name="options">What is otherwise.</param>
    /// <returns>The model.</returns>
    public async Task<string> TrainCnn(string run, params string[] options)
    {
        (await ConsoleRun.Of(CancellationToken.None, ["train", "--corpus", "demo", "--data", await Corpus, "--trainer", "cnn", "--protocol",
            "speaker", "--test-fraction", "0.25", "--epochs", "1", "--out", run, "--cache", Cache, .. options])).Succeeds();
        return Path.Combine(run, "model.zip");
    }

    private async Task<string> Train()
    {
        string runs = _folder.File("runs");
        Training = (await ConsoleRun.Of(CancellationToken.None, ["train", "--corpus", "demo", "--data", await Corpus, .. Settings, "--out",
            runs, "--cache", Cache])).Succeeds();
        return runs;
    }
}
