using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

public class CorpusScanTests
{
    private static CorpusScanResult Scan(Corpus corpus, int threads = -1, IProgress<CorpusScanProgress>? progress = null) =>
        CorpusScan.Run(corpus, progress, threads, cancellation: TestContext.Current.CancellationToken);

    private static Corpus MakeCorpus(CorpusFolder folder)
    {
        folder.Tone("angry/s1_good.wav", 200, seconds: 1.0);
        folder.Tone("angry/s2_twin.wav", 300, seconds: 0.5, sampleRateHz: 16000);
        folder.Tone("angry/s2_twin_copy.wav", 300, seconds: 0.5, sampleRateHz: 16000);
        folder.Text("angry/s1_broken.wav", "RIFF this is no audio");
        folder.Tone("sad/s1_clipped.wav", 200, amplitude: 3);
        folder.Tone("sad/s1_relabelled.wav", 200, seconds: 1.0);
        folder.Tone("sad/s2_short.wav", 200, seconds: 0.1);
        folder.Tone("sad/s2_silent.wav", 200, amplitude: 0);
        folder.Tone("sad/s2_stereo.wav", 250, channels: 2);
        folder.Text("sad/s3_empty.wav", "");
        return CorpusLoader.Load("folder", folder.Path, new CorpusLoadOptions { SpeakerPattern = "/(?<speaker>s\\d)_" });
    }

    [Fact]
    public void Every_problem_is_reported_and_the_rest_is_counted()
    {
        using var folder = new CorpusFolder();
        CorpusScanResult scan = Scan(MakeCorpus(folder));

        Assert.Equal([
                (CorpusProblemKind.Unreadable, "angry/s1_broken.wav"),
                (CorpusProblemKind.ConflictingLabels, "angry/s1_good.wav"),
                (CorpusProblemKind.Duplicate, "angry/s2_twin_copy.wav"),
                (CorpusProblemKind.Clipped, "sad/s1_clipped.wav"),
                (CorpusProblemKind.ConflictingLabels, "sad/s1_relabelled.wav"),
                (CorpusProblemKind.TooShort, "sad/s2_short.wav"),
                (CorpusProblemKind.Silent, "sad/s2_silent.wav"),
                (CorpusProblemKind.Unreadable, "sad/s3_empty.wav"),
                // Tones are no speech; but as nearly all are, the detector is not believed.
                (CorpusProblemKind.NoSpeech, "angry/s1_good.wav"),
                (CorpusProblemKind.WrongRate, "sad/s1_clipped.wav"),
                (CorpusProblemKind.FewClips, scan.Corpus),
                (CorpusProblemKind.LabelOfOneSpeaker, scan.Corpus),
                (CorpusProblemKind.FewSpeakers, scan.Corpus),
            ],
            scan.Problems.Select(problem => (problem.Kind, problem.RelativePath)));
        Assert.Contains("angry/s2_twin.wav", scan.Problems[2].Message);
        // Two takes of one speaker stay.
        Assert.False(scan.Problems[2].LeftOut);
        Assert.Contains("'angry'", scan.Problems[4].Message);
        Assert.Contains("0.100 s", scan.Problems[5].Message);

        Assert.Equal([("angry", 4), ("sad", 6)], scan.ByLabel.Select(count => (count.Name, count.Clips)));
        Assert.Equal([("s1", 4), ("s2", 5), ("s3", 1)], scan.BySpeaker.Select(count => (count.Name, count.Clips)));
        Assert.Equal(("unknown", 10), (scan.BySex[0].Name, scan.BySex[0].Clips));
        Assert.Equal([("8000", 6), ("16000", 2)], scan.BySampleRate.Select(count => (count.Name, count.Clips)));
        Assert.Equal([("1", 7), ("2", 1)], scan.ByChannels.Select(count => (count.Name, count.Clips)));
        Assert.Equal([[2, 2], [2, 3], [0, 1]], scan.LabelBySpeaker.Clips);
        // 1 + 1 + 5 clips of 0.5 s + 0.1 s.
        Assert.Equal(4.6 / 3600, scan.Hours, 1e-9);
        Assert.Equal(new ClipDurations(0.1, 1.0), scan.Seconds);
    }

    [Fact]
    public void Measures_are_those_of_the_signal()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = MakeCorpus(folder);
        ClipScan tone = Assert.Single(Scan(corpus).Clips, clip => clip.RelativePath == "angry/s1_good.wav");
        // A sine of amplitude 0.3 over whole periods; 16 bits round by at most 1/65536.
        Assert.Equal(0.3, tone.Peak, 2e-5);
        Assert.Equal(0.3 / Math.Sqrt(2), tone.Rms, 2e-5);
        Assert.Equal((1.0, 8000, 1, 0), (tone.Seconds, tone.SampleRateHz, tone.Channels, tone.ClippedSamples));
    }

    [Fact]
    public void Threads_do_not_change_the_result_and_progress_reaches_the_end()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = MakeCorpus(folder);
        var steps = new List<CorpusScanProgress>();
        CorpusScanResult one = Scan(corpus, 1, new Collect(steps));
        CorpusScanResult many = Scan(corpus, 4);
        Assert.Equal(one.Clips, many.Clips);
        Assert.Equal(one.Problems, many.Problems);
        Assert.Equal(Enumerable.Range(1, 10).Select(done => new CorpusScanProgress(done, 10)), steps);
    }

    [Fact]
    public void A_scan_can_be_stopped()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = MakeCorpus(folder);
        using var stop = new CancellationTokenSource();
        var steps = new List<CorpusScanProgress>();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            CorpusScan.Run(corpus, new Collect(steps, stop.Cancel), 1, cancellation: stop.Token));
        Assert.InRange(steps.Count, 1, 9);
    }

    [Fact]
    public void Content_hash_sees_through_the_container_but_not_through_the_signal()
    {
        var clip = new AudioClip([0.5f, -0.25f, 0, 0.125f], 8000);
        Assert.Equal(AudioContent.Hash(clip), AudioContent.Hash(new AudioClip([0.5f, -0.25f, 0, 0.125f], 8000)));
        Assert.NotEqual(AudioContent.Hash(clip), AudioContent.Hash(new AudioClip([0.5f, -0.25f, 0, 0.125f], 16000)));
        Assert.NotEqual(AudioContent.Hash(clip), AudioContent.Hash(new AudioClip([0.5f, -0.25f, 0, 0.125f], 8000, 2)));
        Assert.NotEqual(AudioContent.Hash(clip), AudioContent.Hash(new AudioClip([0.5f, -0.25f, 0, 0.25f], 8000)));

        // The same recording as the corpus's WAV and as its lossless FLAC.
        string wav = Companions.Require("clips", "ravdess-mono-48k-FLLR-chunk.wav");
        string hash = AudioContent.Hash(AudioFile.Read(wav));
        string actor = Path.GetDirectoryName(Companions.Require("corpora", "RAVDESS", "Actor_01", "03-01-01-01-01-01-01.flac"))!;
        Assert.Contains(hash, Directory.EnumerateFiles(Path.GetDirectoryName(actor)!, "*.flac", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Take(60).Select(path => AudioContent.Hash(AudioFile.Read(path))));
    }

    [Fact(Explicit = true)]
    [Trait("Speed", "slow")]
    public void Ravdess_is_scanned_whole()
    {
        CorpusScanResult scan = Scan(CorpusLoader.Load("ravdess", Companions.Require("corpora", "RAVDESS")));
        // 48 kHz throughout and five stereo files: known of the published corpus.
        Assert.Equal(("48000", 1440), (scan.BySampleRate.Single().Name, scan.BySampleRate.Single().Clips));
        Assert.Equal([("1", 1435), ("2", 5)], scan.ByChannels.Select(count => (count.Name, count.Clips)));
        Assert.All(scan.LabelBySpeaker.Clips, row => Assert.Equal([4, 8, 8, 8, 8, 8, 8, 8], row));
        Assert.InRange(scan.Hours, 1.4, 1.6); // 1440 clips of 3 to 5 seconds
        Assert.DoesNotContain(scan.Problems,
            problem => problem.Kind is CorpusProblemKind.Unreadable or CorpusProblemKind.TooShort or CorpusProblemKind.Silent);
    }

    private sealed class Collect(List<CorpusScanProgress> steps, Action? then = null) : IProgress<CorpusScanProgress>
    {
        public void Report(CorpusScanProgress value)
        {
            lock (steps) steps.Add(value);
            then?.Invoke();
        }
    }
}
