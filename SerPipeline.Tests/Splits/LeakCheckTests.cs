using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Splits;

public class LeakCheckTests
{
    /// <summary>Takes of one sentence by one actor, among them the most alike of three corpora: they must be told apart.</summary>
    private static string[] Recordings() =>
    [
        .. new[] { "03-01-01-01-01-01-02", "03-01-01-01-01-02-02", "03-01-03-02-01-01-23", "03-01-03-02-01-02-23", "03-01-04-01-02-01-22",
        "03-01-04-01-02-02-22" }
        .Select(name => Find(Companions.Require("corpora", "RAVDESS"), name + ".flac")),
        .. new[] { "12a07La", "12b10Ld" }.Select(name => Find(Companions.Require("corpora", "EMO-DB"), name + ".flac")),
        .. new[] { "YAF_dab_happy", "YAF_dead_happy", "OAF_came_neutral",
        "OAF_chain_neutral" }.Select(name => Find(Companions.Require("corpora", "TESS"), name + ".flac")),
    ];

    private static string Find(string root, string name) => Directory.EnumerateFiles(root, name, SearchOption.AllDirectories).Single();

    /// <summary>A sentence of tones that nothing else in these tests has.</summary>
    private static AudioClip Melody(int seed, double seconds = 2, int rate = 16000)
    {
        var random = new SeededRandom(seed);
        var samples = new float[(int)(seconds * rate)];
        double[] frequencies = [.. Enumerable.Range(0, 400).Select(_ => random.NextDouble(320, 2800))];
        for (int i = 0; i < samples.Length; i++)
        {
            int note = i / (rate / 8);
            for (int voice = 0; voice < 4; voice++)
                samples[i] += 0.2f * (float)Math.Sin(2 * Math.PI * frequencies[((note * 4) + voice) % 400] * i / rate);
        }
        return new AudioClip(samples, rate);
    }

    private static IReadOnlyList<DuplicatePair> Pairs(params AudioClip[] clips) =>
        LeakCheck.Find([.. clips.Select(ClipFingerprints.Of)]).NearDuplicates;

    [Fact]
    public void Different_real_recordings_are_no_near_duplicates_and_changed_ones_find_their_originals()
    {
        AudioClip[] clips = [.. Recordings().Select(path => AudioFile.Read(path).ToMono())];
        Assert.Empty(Pairs(clips));
        foreach ((string name, Func<AudioClip, AudioClip> change) in Perturbations.All)
        {
            DuplicateIndex index = LeakCheck.Find([.. clips.Concat(clips.Select(change)).Select(ClipFingerprints.Of)]);
            // A clip that has the rate asked for comes back as it was.
            DuplicatePair[] twins = [.. index.NearDuplicates.Concat(index.SameContent).OrderBy(twin => twin.A)];
            Assert.True(Enumerable.Range(0, clips.Length).Select(i => (i, i + clips.Length))
                .SequenceEqual(twins.Select(twin => (twin.A, twin.B))),
                $"{name}: {string.Join("; ", twins)}");
        }
    }

    [Fact]
    public void A_model_knows_changed_versions_of_what_it_heard_and_no_other_take()
    {
        AudioClip[] clips = [.. Recordings().Select(path => AudioFile.Read(path).ToMono())];
        HeardRecordings heard = Kept(clips.Where((_, i) => i % 2 == 0));
        foreach ((string name, Func<AudioClip, AudioClip> change) in Perturbations.All.Prepend(("as it is", clip => clip)))
            for (int i = 0; i < clips.Length; i++)
                Assert.True(heard.Hold(ClipFingerprints.Of(change(clips[i])).Print!) == (i % 2 == 0), $"{name}, clip {i}");
    }

    [Fact]
    public void Of_long_corpora_fewer_frames_are_kept_and_of_the_longest_none()
    {
        Fingerprint print = ClipFingerprints.Of(Melody(1, 20)).Print!;
        int whole = HeardRecordings.ToBytes([print])!.Length;
        Assert.Equal(whole, HeardRecordings.ToBytes([print], whole)!.Length);
        Assert.InRange(HeardRecordings.ToBytes([print], whole - 1)!.Length, whole / 2, (whole / 2) + 16);
        Assert.True(Kept([Melody(1, 20)], whole / 4).Hold(ClipFingerprints.Of(Perturbations.EightBit(Melody(1, 20))).Print!));
        Assert.Null(HeardRecordings.ToBytes([print], whole / 10));
    }

    [Fact]
    public void Prints_in_a_model_that_are_damaged_are_refused()
    {
        byte[] whole = HeardRecordings.ToBytes([ClipFingerprints.Of(Melody(1)).Print!, ClipFingerprints.Of(Melody(2)).Print!])!;
        Assert.Null(HeardRecordings.Find(new Dictionary<string, ReadOnlyMemory<byte>>(), "m.zip"));
        Assert.False(Kept([]).Hold(ClipFingerprints.Of(Melody(1)).Print!));
        for (int length = 0; length < whole.Length; length++) Refused(whole[..length]);
        foreach (int word in new[] { 0, 1, 2, 3 })
        {
            foreach (int value in new[] { -1, 0x7fffffff })
            {
                byte[] damaged = [.. whole];
                BitConverter.TryWriteBytes(damaged.AsSpan(4 * word), value);
                Refused(damaged);
            }
        }

        static void Refused(byte[] bytes) => Assert.Contains("'m.zip' has a prints.bin", Assert.Throws<ModelFormatException>(() =>
            HeardRecordings.Find(new Dictionary<string, ReadOnlyMemory<byte>> { [HeardRecordings.FileName] = bytes }, "m.zip")).Message,
            StringComparison.Ordinal);
    }

    private static HeardRecordings Kept(IEnumerable<AudioClip> clips, long mostBytes = long.MaxValue) => HeardRecordings.Find(
        new Dictionary<string, ReadOnlyMemory<byte>>
        {
            [HeardRecordings.FileName] = HeardRecordings.ToBytes(clips.Select(clip => ClipFingerprints.Of(clip).Print!), mostBytes),
        }, "m.zip")!;

    [Fact]
    public void Stretches_of_one_voice_that_overlap_repeat_each_other()
    {
        (string Path, string Speaker)[] rows = [("a.wav#t=0,3", "x"), ("a.wav#t=1.5,4.5", "x"), ("a.wav#t=4,7", "x"), ("a.wav#t=5,6", "y"),
            ("b.wav#t=1,4", "x"), ("a.wav#t=6.9", "x"), ("a.wav#t=0,3", "x")];
        CorpusClip[] clips = [.. rows.Select(row => new CorpusClip
        {
            Path = row.Path,
            RelativePath = row.Path,
            Label = "sad",
            Speaker = row.Speaker,
            Corpus = "calls",
        })];
        // 1.5 s of 3 s are shared, .5 s and .1 s are not enough, another voice and another file are no repetition.
        DuplicateIndex index = LeakCheck.Find([.. rows.Select((row, i) => new ClipFingerprint($"{i % 6}", null))], clips);
        Assert.Equal([(0, 1), (1, 6)], index.NearDuplicates.Select(pair => (pair.A, pair.B)));
        Assert.Equal([(0, 6)], index.SameContent.Select(pair => (pair.A, pair.B)));
        // Windows that each overlap the next are not all one recording, and what cannot be read repeats nothing.
        Assert.Equal([0, 1, 2, 3, 4, 5, 0], index.Recordings);
        Assert.Empty(LeakCheck.Find([.. rows.Select(_ => new ClipFingerprint(null, null))], clips).NearDuplicates);
    }

    [Fact]
    public void Silence_is_like_nothing()
    {
        var random = new SeededRandom(3);
        AudioClip silence = new(new float[48000], 16000), other = new(new float[60000], 16000), empty = new([], 16000);
        AudioClip dither = new([.. Enumerable.Range(0, 48000).Select(_ => (float)Math.Round(random.NextNormal()) / 32768)], 16000);
        Assert.Equal(0, Fingerprinter.Compute(silence).Sounding);
        Assert.Equal(0, Fingerprinter.Compute(dither).Sounding);
        Assert.Equal(0, Fingerprinter.Compute(empty).Frames);
        Assert.Empty(Pairs(silence, other, dither, empty, Melody(1)));
        // Two melodies between long silences share the silence only.
        Assert.Empty(Pairs(Perturbations.Pad(Melody(1, 1), 3), Perturbations.Pad(Melody(2, 1), 3)));
    }

    [Fact]
    public void Clips_shorter_than_half_a_second_are_compared_by_content_only()
    {
        AudioClip brief = Melody(1, 0.3);
        DuplicateIndex twins = LeakCheck.Find([ClipFingerprints.Of(brief), ClipFingerprints.Of(Perturbations.Map(brief, (x, _) => x / 2)),
            ClipFingerprints.Of(Melody(1, 0.3))]);
        Assert.Empty(twins.NearDuplicates);
        Assert.Equal([new DuplicatePair(0, 2, 1)], twins.SameContent);
    }

    [Fact]
    public void A_part_of_a_recording_is_found_where_most_of_it_is_left()
    {
        AudioClip whole = Melody(5, 4);
        DuplicatePair twin = Assert.Single(Pairs(whole, Perturbations.Cut(whole, 1.5, 0.5), Melody(6, 4)));
        Assert.Equal((0, 1), (twin.A, twin.B));
        Assert.InRange(twin.Similarity, 0.9, 1);
    }

    [Fact]
    public void Random_protocols_count_twins_and_speaker_protocols_stop_at_them()
    {
        AudioClip song = Melody(1), quiet = Perturbations.Map(song, (x, _) => x / 3);
        ClipFingerprint[] prints = [ClipFingerprints.Of(song), ClipFingerprints.Of(Melody(2)), ClipFingerprints.Of(song),
            ClipFingerprints.Of(quiet), ClipFingerprints.Of(Melody(3)), new(null, null)];
        DuplicateIndex twins = LeakCheck.Find(prints);
        // What the original resembles its copy resembles.
        Assert.Equal([(0, 3), (2, 3)], twins.NearDuplicates.Select(twin => (twin.A, twin.B)));
        Assert.Equal([new DuplicatePair(0, 2, 1)], twins.SameContent);
        SplitItem[] items = [.. Enumerable.Range(0, 6).Select(i => new SplitItem("a", $"s{i}", Key: $"{i}.wav"))];

        var random = new Split { Train = [0, 1], Test = [2, 3, 4, 5], Protocol = SplitProtocol.Random };
        LeakReport report = twins.Check(items, random);
        Assert.Equal((1, 1, 2, 1), (report.SameContent, report.NearDuplicates, report.Touched, report.Unreadable));
        Assert.Equal(0, SplitCheck.Verify(items, random).TestClipsOfTrainingSpeakers);
        Assert.Equal([("2.wav", "0.wav", "same-content"), ("3.wav", "0.wav", "near-duplicate")],
            report.Examples.Select(twin => (twin.Test, twin.Train, twin.Kind)));
        Assert.Equal(1, report.Examples[0].Similarity);
        Assert.InRange(report.Examples[1].Similarity, NearDuplicateFinder.MinSimilarity, 1);

        foreach (string protocol in new[] { SplitProtocol.SpeakerIndependent, SplitProtocol.SpeakerFolds, SplitProtocol.LeaveOneSpeakerOut,
            SplitProtocol.CrossCorpus })
        {
            string message = Assert.Throws<CorpusException>(() => twins.Check(items,
                new Split { Train = [0, 1], Test = [2, 3, 4, 5], Protocol = protocol })).Message;
            Assert.Contains("1 test clip with the same audio content as a training clip: 2.wav = 0.wav", message);
            Assert.Contains("1 test clip close in sound to a training clip: 3.wav ~ 0.wav", message);
            Assert.Equal(0, twins.Check(items, new Split { Train = [1, 4], Test = [0, 2, 3], Protocol = protocol }).Touched);
        }
        Assert.Throws<ArgumentException>(() => twins.Check(items[..5],
            new Split { Train = [0], Test = [1], Protocol = SplitProtocol.Random }));
    }

    [Fact]
    public void The_papers_doubled_set_shows_its_32_twins_on_the_real_recordings()
    {
        // The copies name the files of their originals, as an oversampled corpus does; two takes of RAVDESS are one recording.
        string root = Companions.Require("corpora", "RAVDESS");
        Dictionary<string, string> files = Directory.EnumerateFiles(root, "*.flac", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path));
        string[] hashed = ["03-01-03-01-02-01-07", "03-01-03-01-02-02-07"];
        IReadOnlyList<ClipFingerprint> takes = ClipFingerprints.Compute([.. hashed.Select(name => files[name])], null,
            TestContext.Current.CancellationToken);
        Assert.Equal(takes[0].ContentHash, takes[1].ContentHash);

        string[] names = [.. PaperRows.Originals, .. PaperRows.Copies];
        ClipFingerprint[] prints = [.. names.Select(name => new ClipFingerprint(name == hashed[1] ? hashed[0] : name, null))];
        SplitItem[] items = [.. names.Select((name, i) => new SplitItem("any", name[^2..], Key: i < 1440 ? $"{name}.wav"
            : $"{name}.wav#copy-{i - 1439:00}"))];
        Split split = PaperSplit.Create(items);
        LeakReport report = LeakCheck.Find(prints).Check(items, split);
        Assert.Equal((32, 32), (report.SameContent, report.Touched));
        Assert.Equal(308, SplitCheck.Verify(items, split).TestClipsOfTrainingSpeakers);
        Assert.Equal(32, report.Examples.Count);
    }

    [Fact]
    public void Files_are_read_once_reported_and_missed_ones_are_null()
    {
        using var folder = new TemporaryFolder();
        string good = Path.Combine(folder.Path, "good.wav"), bad = Path.Combine(folder.Path, "bad.wav");
        WavWriter.Write(good, Melody(1));
        File.WriteAllText(bad, "no audio");
        var reported = new System.Collections.Concurrent.ConcurrentBag<int>();
        IReadOnlyList<ClipFingerprint> prints = ClipFingerprints.Compute([good, bad, good, Path.Combine(folder.Path, "absent.wav")],
            new Relay(reported.Add), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], reported.Order());
        Assert.Same(prints[0], prints[2]);
        Assert.Equal(AudioContent.Hash(AudioFile.Read(good)), prints[0].ContentHash);
        Assert.All(new[] { prints[1], prints[3] }, print => Assert.Equal(new ClipFingerprint(null, null), print));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => ClipFingerprints.Compute([good], null, stop.Token));
    }

    private sealed class Relay(Action<int> action) : IProgress<int>
    {
        public void Report(int value) => action(value);
    }
}
