using Microsoft.Extensions.Configuration;
using SerPipeline.Audio;
using SerPipeline.Console.Commands;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.ModelBuilder;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Datasets;
using SerPipeline.Tests.ModelBuilder;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Robustness;

/// <summary>
/// Files that keep to a format's structure and lie in its details: only the loader's own error may come out, within 2 s, and without
/// memory that the file's size does not explain. docs/reliability.md says what was run.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const string Datasets = """
        { "version": 1, "datasets": {
            "mine": { "description": "two", "corpora": ["ravdess", { "name": "own", "format": "folder", "path": "clips",
                "labels": ["angry", "sad"], "speakerPattern": "(?<speaker>[^/_]+)_", "map": { "anger": "angry" } }],
                "labels": "common", "oversample": "training", "sources": ["a paper"] },
            "other": { "corpora": [{ "name": "list", "format": "manifest", "path": "list.csv", "audioRoot": "clips" }],
                "map": { "x": "" }, "labels": ["angry", "sad"] } } }
        """;

    private const string Settings = """
        { "Logging": { "LogLevel": { "Default": "Warning" } }, "Train": { "Trainer": ["mlp", "cnn"], "Protocol": "speaker", "Epochs": 3,
            "TestSpeakers": ["a", "b"], "BatchSize": 16, "LearningRate": 0.001, "Dropout": 0.2, "Seed": [1, 2], "Augment": "Light",
            "EarlyStopping": "none", "Device": "cpu", "ClassWeights": "balanced", "Prosody": true, "Precision": "float32" } }
        """;

    private static readonly AudioReadOptions NoFfmpeg = new() { FfmpegPath = null };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Targets =>
        new("wav", "aiff", "flac", "mp3", "ogg", "opus", "npy", "manifest", "datasets", "mbconfig", "settings");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_file_that_lies_is_read_or_refused(string target)
    {
        const int Count = 1500;
        FuzzOutcome outcome = Run(target, Count);
        // Both ends occur, so that the lies are neither harmless nor all in the first bytes.
        Assert.InRange(outcome.Read, 5, Count - 5);
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Targets))]
    public void Many_files_that_lie_are_read_or_refused(string target)
    {
        Fuzzing.RequireAsked(target);
        Run(target, Fuzzing.LongCount);
    }

    private FuzzOutcome Run(string target, int count) => target switch
    {
        "wav" => Audio(target, count, AudioCases.Wav),
        "aiff" => Audio(target, count, AudioCases.Aiff),
        "flac" => Audio(target, count, AudioCases.Flac),
        "mp3" when Seed("chirp.mp3") is var seed => Audio(target, count, random => CompressedCases.Mp3(random, seed)),
        "ogg" or "opus" when Seed($"chirp.{target}") is var seed => Audio(target, count, random => CompressedCases.Ogg(random, seed)),
        "npy" => Fuzzing.Run(target, count, TextCases.Npy, ReadNpy, e => e is FeatureFileException, _ => 1 << 20),
        "manifest" => Manifest(target, count),
        "datasets" => Fuzzing.Run(target, count, random => TextCases.Json(random, Datasets), ReadDatasets, e => e is CorpusException,
            bytes => (2 << 20) + (bytes * 64L)),
        "mbconfig" => Fuzzing.Run(target, count, random => TextCases.Json(random, MbConfigs.Image), ReadMbConfig,
            e => e is MbConfigException, bytes => (2 << 20) + (bytes * 64L)),
        "settings" => Fuzzing.Run(target, count, random => TextCases.Json(random, Settings), ReadSettings, e => e is UsageException,
            bytes => (2 << 20) + (bytes * 64L)),
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, null),
    };

    private static byte[] Seed(string file) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Audio", "Fixtures", file));

    // FLAC may hold 65,536 samples of 8 channels in a frame of a few bytes, and a case has up to three frames.
    private FuzzOutcome Audio(string target, int count, Func<SeededRandom, byte[]> make) => Fuzzing.Run(target, count, make, ReadAudio,
        e => e is AudioFormatException, bytes => (target is "wav" or "aiff" ? 16L << 20 : 96L << 20) + (bytes * 16L));

    private void ReadAudio(byte[] bytes)
    {
        // The streaming reader has a path of its own through a file's head.
        if (bytes.Length % 16 == 0)
        {
            string path = _folder.File("case");
            File.WriteAllBytes(path, bytes);
            Assert.NotEqual(0, AudioBlocks.Read(path, NoFfmpeg).Sum(block => block.Length));
        }
        AudioClip clip = AudioFile.Decode(bytes, "case", NoFfmpeg);
        Assert.NotEqual(0, clip.Length);
        AudioInfo info = AudioFile.Describe(bytes, "case");
        Assert.Equal((clip.SampleRateHz, clip.Channels), (info.SampleRateHz, info.Channels));
        Assert.False(info.Duration < TimeSpan.Zero);
        foreach (float sample in clip.Samples) Assert.True(float.IsFinite(sample));
    }

    private void ReadNpy(byte[] bytes)
    {
        string path = _folder.File("case.npy");
        File.WriteAllBytes(path, bytes);
        if (bytes.AsSpan().IndexOf("<i"u8) >= 0) NpyFile.Read<long>(path);
        else NpyFile.Read<float>(path);
    }

    private FuzzOutcome Manifest(string target, int count)
    {
        foreach (int number in Enumerable.Range(0, 4)) File.WriteAllBytes(_folder.File($"{number}.wav"), []);
        string path = _folder.File("list.csv");
        return Fuzzing.Run(target, count, TextCases.Manifest, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            Assert.NotEmpty(CorpusLoader.Load("manifest", path).Clips);
        }, e => e is CorpusException, bytes => (4 << 20) + (bytes * 64L));
    }

    private void ReadDatasets(byte[] bytes)
    {
        string path = _folder.File("datasets.json");
        File.WriteAllBytes(path, bytes);
        DatasetFile.Read(path);
    }

    private void ReadMbConfig(byte[] bytes)
    {
        string path = _folder.File("case.mbconfig");
        File.WriteAllBytes(path, bytes);
        var file = MbConfigFile.Read(path);
        MbConfigTrial.RequireHistory(file);
        MbConfigSettings.Of(file);
    }

    private void ReadSettings(byte[] bytes)
    {
        string path = _folder.File("appsettings.json");
        File.WriteAllBytes(path, bytes);
        IConfiguration configuration = AppSettings.Read(path);
        AppSettings.RequireLogLevels(configuration);
        var input = new CommandInput(TrainCommand.Definition, configuration, [], ["ser", "train"]);
        TrainOptions.Read(input);
        input.Check();
        foreach (string unknown in input.UnknownSettings()) Assert.NotEmpty(unknown);
    }
}
