using System.Security.Cryptography;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

public class DemoCorpusTests
{
    private static readonly DemoCorpusOptions Small = new() { Speakers = 2, ClipsPerEmotion = 2 };

    private static void Write(string folder, DemoCorpusOptions options, int threads = -1) =>
        DemoCorpus.Write(folder, options, null, threads, TestContext.Current.CancellationToken);

    /// <summary>One hash over names and bytes of everything in a folder.</summary>
    private static string Fingerprint(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Directory.EnumerateFiles(folder, "*.wav", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path)));
            hash.AppendData(File.ReadAllBytes(path));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    [Fact]
    public void Same_seed_writes_the_same_bytes_whatever_the_number_of_threads()
    {
        using TemporaryFolder one = new(), four = new(), other = new();
        Write(one.Path, Small, 1);
        Write(four.Path, Small, 4);
        Write(other.Path, Small with { Seed = 43 });
        Assert.Equal(Fingerprint(one.Path), Fingerprint(four.Path));
        Assert.NotEqual(Fingerprint(one.Path), Fingerprint(other.Path));
    }

    [Fact]
    public void A_clip_does_not_depend_on_the_size_of_its_corpus()
    {
        using TemporaryFolder small = new(), large = new();
        Write(small.Path, Small);
        Write(large.Path, Small with { Speakers = 3, ClipsPerEmotion = 3 });
        foreach (string path in Directory.EnumerateFiles(small.Path, "*.wav", SearchOption.AllDirectories))
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(large.Path, Path.GetRelativePath(small.Path, path))));
    }

    [Fact]
    public void The_corpus_is_balanced_and_named_as_synthetic_however_it_is_loaded()
    {
        using TemporaryFolder folder = new();
        Corpus corpus = DemoCorpus.Ensure(folder.Path, new DemoCorpusOptions { Speakers = 2, ClipsPerEmotion = 5 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(2 * 8 * 5, corpus.Clips.Count);
        Assert.Equal(RavdessName.Emotions, corpus.Labels);
        Assert.All(corpus.Clips.GroupBy(clip => (clip.Speaker, clip.Label)), group => Assert.Equal(5, group.Count()));
        Assert.Equal(["male", "female"], corpus.Clips.Select(clip => clip.Sex).Distinct());
        Assert.Empty(corpus.Problems);

        string manifest = folder.File("manifest.csv");
        File.WriteAllText(manifest, $"path,label,speaker\n{corpus.Clips[0].RelativePath},neutral,1\n");
        Corpus[] loaded =
        [
            corpus, CorpusLoader.Load("demo", folder.Path), CorpusLoader.Load("ravdess", folder.Path),
                CorpusLoader.Load("folder", folder.Path),
            CorpusLoader.Load("ravdess", folder.File("Actor_02")), CorpusLoader.Load("manifest", manifest),
        ];
        Assert.All(loaded, each =>
        {
            Assert.True(each.IsSynthetic);
            Assert.EndsWith("(synthetic)", each.DisplayName);
            Assert.Contains("Synthetic", each.Note);
        });
    }

    [Fact]
    public void Every_clip_is_sound_and_none_is_silent_clipped_or_doubled()
    {
        using TemporaryFolder folder = new();
        Corpus corpus = DemoCorpus.Ensure(folder.Path, new DemoCorpusOptions { Speakers = 4, ClipsPerEmotion = 4 },
            cancellation: TestContext.Current.CancellationToken);
        CorpusScanResult scan = CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(scan.Problems);
        Assert.Equal("16000", Assert.Single(scan.BySampleRate).Name);
        Assert.InRange(scan.Seconds.Shortest, 0.8, 1.3);
        Assert.InRange(scan.Seconds.Longest, 1.7, 2.6);
        Assert.All(scan.Clips, clip => Assert.InRange(clip.Peak, 0.01, 0.9));
        // Speech has a crest factor of some 10 to 25 dB; a tone has 3, a click far more.
        Assert.All(scan.Clips, clip => Assert.InRange(20 * Math.Log10(clip.Peak / clip.Rms), 8, 28));
    }

    [Fact]
    public void Ensure_writes_once_and_again_when_asked_for_something_else_or_incomplete()
    {
        using TemporaryFolder folder = new();
        var reports = new List<int>();
        var progress = new Collect(reports);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        DemoCorpus.Ensure(folder.Path, Small, progress, cancel);
        Assert.Equal(Enumerable.Range(1, 32), reports.Order());
        reports.Clear();
        DemoCorpus.Ensure(folder.Path, Small, progress, cancel);
        Assert.Empty(reports);
        // Fewer speakers: the clips of the one left out are gone.
        Assert.Equal(16, DemoCorpus.Ensure(folder.Path, Small with { Speakers = 1 }, progress, cancel).Clips.Count);
        reports.Clear();
        File.Delete(Directory.EnumerateFiles(folder.File("Actor_01")).First());
        Assert.Contains("holds 15", Assert.Throws<CorpusException>(() => CorpusLoader.Load("demo", folder.Path)).Message);
        Assert.Equal(16, DemoCorpus.Ensure(folder.Path, Small with { Speakers = 1 }, progress, cancel).Clips.Count);
        Assert.Equal(16, reports.Count);
    }

    [Fact]
    public void A_folder_with_other_files_is_refused_and_left_alone()
    {
        using var folder = new CorpusFolder();
        string file = folder.Text("Actor_01/03-01-01-01-01-01-01.wav", "a recording");
        CorpusException error = Assert.Throws<CorpusException>(() => Write(folder.Path, Small));
        Assert.Contains("holds other files", error.Message);
        Assert.Equal([file], Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
        Assert.Equal("a recording", File.ReadAllText(file));
        folder.Text("demo.json", "{ not json");
        Assert.Throws<CorpusException>(() => Write(folder.Path, Small));
    }

    [Fact]
    public void Writing_can_be_stopped_and_what_is_left_does_not_pass_for_a_corpus()
    {
        using TemporaryFolder folder = new();
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => DemoCorpus.Write(folder.Path, Small, new Collect([], stop.Cancel), 1,
            stop.Token));
        Assert.Throws<CorpusException>(() => CorpusLoader.Load("demo", folder.Path));
        Assert.True(CorpusLoader.Load("ravdess", folder.Path).IsSynthetic);
        Assert.Equal(32, DemoCorpus.Ensure(folder.Path, Small, null, TestContext.Current.CancellationToken).Clips.Count);
    }

    [Fact]
    public void Defaults_are_pinned_and_options_are_checked()
    {
        Assert.Equal(new DemoCorpusOptions { Speakers = 12, ClipsPerEmotion = 5, SampleRateHz = 16_000, Seed = 42 },
            new DemoCorpusOptions());
        var wrong = new DemoCorpusOptions { Speakers = 25, ClipsPerEmotion = 0, SampleRateHz = 4000 };
        Assert.Equal(3, Assert.Throws<OptionsException>(wrong.Validate).Problems.Count);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(22_050)]
    [InlineData(48_000)]
    public void Other_sample_rates_sound_alike(int sampleRateHz)
    {
        Assert.True(RavdessName.TryParse("03-01-05-01-01-01-01", out RavdessName? name, out _));
        AudioClip reference = SpeechSynthesizer.Speak(name, 16_000, 42), clip = SpeechSynthesizer.Speak(name, sampleRateHz, 42);
        Assert.Equal(sampleRateHz, clip.SampleRateHz);
        // Control steps are 5 ms; at 22,050 Hz one is rounded from 110.25 to 110 samples.
        Assert.Equal(reference.Duration.TotalSeconds, clip.Duration.TotalSeconds, 0.01);
        Assert.All(clip.Samples.ToArray(), sample => Assert.True(Math.Abs(sample) < 0.9f));
    }

    private sealed class Collect(List<int> reports, Action? then = null) : IProgress<int>
    {
        public void Report(int value)
        {
            lock (reports) reports.Add(value);
            then?.Invoke();
        }
    }
}
