using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

/// <summary>Recordings that are no speech, among some that are.</summary>
public sealed class CorpusTroubleTests : IDisposable
{
    private const int Rate = 16_000;
    private readonly TemporaryFolder _folder = new();

    public CorpusTroubleTests()
    {
        DemoCorpus.Write(_folder.File("demo"), new DemoCorpusOptions { Speakers = 2, ClipsPerEmotion = 1 });
        foreach (CorpusClip clip in CorpusLoader.Load("demo", _folder.File("demo")).Clips)
        {
            Directory.CreateDirectory(_folder.File(Path.Combine("clips", clip.Label)));
            File.Copy(clip.Path, _folder.File(Path.Combine("clips", clip.Label, $"s{clip.Speaker}.wav")));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_no_speech_is_named_and_left_out_and_kept_when_asked_for()
    {
        var noise = new Random(1);
        AudioClip speech = AudioFile.Read(_folder.File("clips", "sad", "s01.wav"));
        Write("zeros", new float[Rate]);
        float[] wave = speech.Samples.ToArray();
        WavWriter.Write(Bad("antiphase"), new AudioClip([.. wave.SelectMany(x => new[] { x, -x })], Rate, 2));
        Write("noise", [.. Enumerable.Range(0, 2 * Rate).Select(_ => (float)(0.01 * ((2 * noise.NextDouble()) - 1)))]);
        Write("click", [.. Enumerable.Range(0, 2 * Rate).Select(i => i is > Rate and < Rate + 40 ? 0.8f : 0)]);
        Write("short", wave[..(Rate / 10)]);
        byte[] whole = File.ReadAllBytes(_folder.File("clips", "sad", "s02.wav"));
        File.WriteAllBytes(Bad("truncated"), whole[..(whole.Length / 2)]);

        Corpus corpus = CorpusLoader.Load("folder", _folder.File("clips"));
        (string, CorpusProblemKind, bool)[] expected =
        [
            ("antiphase", CorpusProblemKind.Silent, true), ("click", CorpusProblemKind.NoSpeech, true),
            ("noise", CorpusProblemKind.NoSpeech, true), ("short", CorpusProblemKind.TooShort, true),
            ("truncated", CorpusProblemKind.Truncated, false), ("zeros", CorpusProblemKind.Silent, true),
        ];
        Assert.Equal(expected, Found(corpus, keepDoubtful: false));
        Assert.Equal(expected.Select(found => (found.Item1, found.Item2, false)), Found(corpus, keepDoubtful: true));
        // A corpus published as speech may whisper: what the detector takes for noise is told and stays. A folder that is called like one
        // is none.
        Corpus called = CorpusLoader.Load("folder", _folder.File("clips"), new CorpusLoadOptions { Name = "savee" });
        Assert.Equal(Found(corpus, keepDoubtful: false), Found(called, keepDoubtful: false));
        Corpus published = called.Derive(clips: [.. called.Clips.Select(clip => clip with { SpeakerGroup = "savee" })]);
        Assert.Equal(expected.Select(found => (found.Item1, found.Item2, found.Item3 && found.Item2 != CorpusProblemKind.NoSpeech)),
            Found(published, keepDoubtful: false));
        ClipScan[] clips = [.. CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken).Clips];
        (Corpus used, IReadOnlyList<int> kept) = CorpusTrouble.Apply(corpus, clips, keepDoubtful: false);
        Assert.Equal(corpus.Clips.Count - 5, used.Clips.Count);
        Assert.Equal(used.Clips, kept.Select(i => corpus.Clips[i]));
        Assert.Same(corpus.Clips[^1], CorpusTrouble.Apply(corpus, clips, keepDoubtful: true).Corpus.Clips[^1]);
        Assert.Contains("2 no speech", CorpusTrouble.Summary(used.Problems), StringComparison.Ordinal);
        Assert.Contains("Left out: 5. --keep-doubtful keeps doubtful recordings.", CorpusTrouble.Summary(used.Problems),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_without_a_usable_clip_is_an_error_that_says_why()
    {
        Directory.Delete(_folder.File("clips"), recursive: true);
        Directory.CreateDirectory(_folder.File("clips", "sad"));
        Write("zeros", new float[Rate]);
        Corpus corpus = CorpusLoader.Load("folder", _folder.File("clips"));
        ClipScan[] clips = [.. CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken).Clips];
        CorpusException error = Assert.Throws<CorpusException>(() => CorpusTrouble.Apply(corpus, clips, false));
        Assert.Contains("nothing but zeros. --keep-doubtful", error.Message, StringComparison.Ordinal);
    }

    private static (string, CorpusProblemKind, bool)[] Found(Corpus corpus, bool keepDoubtful) =>
        [.. CorpusScan.Run(corpus, keepDoubtful: keepDoubtful, cancellation: TestContext.Current.CancellationToken).Problems
            .Where(problem => problem.RelativePath.StartsWith("sad/bad-", StringComparison.Ordinal))
            .Select(problem => (Path.GetFileNameWithoutExtension(problem.RelativePath)[4..], problem.Kind, problem.LeftOut))];

    private string Bad(string name) => _folder.File("clips", "sad", $"bad-{name}.wav");

    [Fact]
    public void Names_of_speakers_that_hide_what_a_speaker_protocol_keeps_apart_are_told()
    {
        Corpus corpus = CorpusLoader.Load("demo", _folder.File("demo"));
        ClipScan[] scans = [.. CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken).Clips];
        CorpusProblem[] Of(Func<CorpusClip, int, CorpusClip> change, ClipScan[]? other = null) => [.. CorpusTrouble.Find(
            corpus.Derive(clips: [.. corpus.Clips.Select(change)]), other ?? scans, keepDoubtful: false)];
        CorpusProblemKind[] asked = [CorpusProblemKind.SpeakersOfOneClip, CorpusProblemKind.LabelOfOneSpeaker, CorpusProblemKind.Duplicate];

        Assert.DoesNotContain(Of((clip, _) => clip), problem => asked.Contains(problem.Kind));
        Assert.Contains("16 of 16 speakers have one clip", Assert.Single(Of((clip, i) => clip with { Speaker = $"utterance{i}" }),
            problem => problem.Kind == CorpusProblemKind.SpeakersOfOneClip).Message, StringComparison.Ordinal);
        Assert.EndsWith(": sad (01)", Assert.Single(Of((clip, _) => clip with { Speaker = clip.Label == "sad" ? "01" : clip.Speaker }),
            problem => problem.Kind == CorpusProblemKind.LabelOfOneSpeaker).Message, StringComparison.Ordinal);
        // One recording twice, under two names.
        int second = Enumerable.Range(1, scans.Length - 1).First(i => corpus.Clips[i].Label == corpus.Clips[0].Label);
        ClipScan[] copied = [.. scans];
        copied[second] = copied[second] with { ContentHash = copied[0].ContentHash };
        CorpusProblem twice = Assert.Single(Of((clip, _) => clip, copied), problem => problem.Kind == CorpusProblemKind.Duplicate);
        Assert.True(twice.LeftOut);
        Assert.Contains($"whose speaker is '{corpus.Clips[0].Speaker}' while this one's is '{corpus.Clips[second].Speaker}'", twice.Message,
            StringComparison.Ordinal);
    }

    private void Write(string name, float[] samples) => WavWriter.Write(Bad(name), new AudioClip(samples, Rate));
}
