using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

/// <summary>
/// How a stack of stages reads: in parallel, in order, bounded, each stage once a row; and what becomes of clips that cannot be read.
/// </summary>
public sealed class ReadingTests : IDisposable
{
    private static readonly MLContext Ml = new(seed: 1);
    private readonly Recordings _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Parallel_rows_are_serial_rows_in_the_same_order()
    {
        IDataView clips = Ml.Data.LoadCorpus(_files.Corpus(speakers: 3, takes: 3));
        string[] columns = ["RelativePath", "Label", "Waveform", "Spectrogram", "Image", "Features"];
        string[] serial = Chain(clips, new() { DegreeOfParallelism = 1 }).Prints(columns);
        Assert.Equal(27, serial.Length);
        Assert.Equal(clips.Texts("RelativePath"), serial.Select(p => p.Split(';')[0]));
        foreach (int degree in new[] { 2, 8 }) Assert.Equal(serial, Chain(clips, new() { DegreeOfParallelism = degree }).Prints(columns));
    }

    [Fact]
    public void A_stage_that_several_columns_need_runs_once_a_row_and_one_nobody_needs_never()
    {
        float[][] clips = [.. Enumerable.Range(0, 9).Select(i => Recordings.Tone(0, i, 0).Samples.ToArray())];
        var stage = new CountingStage("Waveform");
        IDataView view = Ml.Transforms.CopyColumns("Again", "Out").Fit(stage.Transform(Views.Waveforms(clips)))
            .Transform(stage.Transform(Views.Waveforms(clips)));
        Assert.Equal(9, view.Prints("Out", "Again").Length);
        Assert.Equal(9, stage.Computed);
        Assert.Equal(Enumerable.Range(0, 9), view.Values<int>("Row"));
        Assert.Equal(9, stage.Computed);
    }

    [Fact]
    public void Rows_are_read_ahead_but_never_more_than_four_a_core()
    {
        const int Rows = 500, Degree = 3;
        IDataView paths = new MemoryView(Rows, [MemoryView.Text("Path", [.. Enumerable.Repeat(_files.Corpus(1, 1).Clips[0].Path, Rows)])]);
        var counted = new CountingView(paths);
        IDataView loaded = Ml.Transforms.LoadAudio("Waveform", "Path", reading: new() { DegreeOfParallelism = Degree }).Fit(counted)
            .Transform(counted);
        using (DataViewRowCursor cursor = loaded.GetRowCursor([loaded.Schema["Waveform"]]))
        {
            for (int i = 1; i <= 20; i++)
            {
                Assert.True(cursor.MoveNext());
                // Rows ahead are read whether or not they are asked for.
                if (i == 1) Assert.True(SpinWait.SpinUntil(() => counted.Rows > 2, TimeSpan.FromSeconds(30)), "nothing is read ahead");
                Assert.InRange(counted.Rows, i, i + (4 * Degree));
            }
        }
        // A cursor that is left early gives back its source.
        Assert.Equal(1, counted.Disposed);
    }

    [Fact]
    public void Columns_of_any_type_go_through_unchanged_while_rows_are_read_ahead()
    {
        Row[] rows = [.. Enumerable.Range(0, 40).Select(i => new Row
        {
            Text = $"row {i}", Number = i, Flag = i % 3 == 0, Day = new DateTime(2026, 1, 1)
                .AddDays(i), Vector = [i, -i, 2 * i], Words = [$"a{i}", $"b{i}"],
            Free = [.. Enumerable.Range(0, i).Select(j => (double)j)], Waveform = [.. Recordings.Tone(i % 3, i, 0).Samples],
        })];
        IDataView view = Ml.Data.LoadFromEnumerable(rows);
        view = Ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(view).Transform(view);
        IDataView output = Ml.Transforms.UtteranceFeatures("Features", "Waveform").Fit(view).Transform(view);
        Assert.Equal(view.Prints("Key"), output.Prints("Key", "Features").Select(p => p.Split(';')[0]));
        Row[] back = [.. Ml.Data.CreateEnumerable<Row>(output, reuseRowObject: false)];
        Assert.Equivalent(rows, back, strict: true);
        // Row ids are the source's.
        Assert.Equal(Ids(view), Ids(output));
    }

    [Fact]
    public void Images_of_other_stages_go_through_and_belong_to_who_asked()
    {
        IDataView frames = Views.Frames(6);
        IDataView images = Ml.Transforms.SpectrogramImage("Image", "Spectrogram", new() { Width = 12 }).Fit(frames).Transform(frames);
        // Between them stands a stage of ML.NET, so the second stage reads images that are not its own.
        IDataView resized = Ml.Transforms.ResizeImages("Small", 5, 4, "Image").Fit(images).Transform(images);
        IDataView again = Ml.Transforms.SpectrogramImage("Other", "Spectrogram", new() { Width = 9 }).Fit(resized).Transform(resized);
        Assert.Equal(resized.Prints("Small", "Image"), again.Prints("Small", "Image", "Other").Select(p => p[..p.LastIndexOf(';')]));
    }

    [Fact]
    public void A_shuffled_reading_has_the_same_rows_in_another_order()
    {
        IDataView clips = Ml.Data.LoadCorpus(_files.Corpus(2, 2)), output = Chain(clips, new());
        Assert.True(output.CanShuffle);
        string[] Read(Random? random)
        {
            DataViewSchema.Column[] columns = [output.Schema["RelativePath"], output.Schema["Features"]];
            using DataViewRowCursor cursor = output.GetRowCursor(columns, random);
            Func<string> path = Views.Printer(cursor, columns[0]), features = Views.Printer(cursor, columns[1]);
            var rows = new List<string>();
            while (cursor.MoveNext()) rows.Add($"{path()} {features()}");
            return [.. rows];
        }
        string[] plain = Read(null), shuffled = Read(new Random(3));
        Assert.NotEqual(plain, shuffled);
        Assert.Equal(plain.Order(), shuffled.Order());
        Assert.Equal(shuffled, Read(new Random(3)));
    }

    [Theory]
    [InlineData(BadClipRule.Skip)]
    [InlineData(BadClipRule.Throw)]
    public void A_clip_that_cannot_be_read_is_left_out_and_reported_or_stops_the_reading(BadClipRule rule)
    {
        Corpus corpus = _files.Corpus(2, 2);
        string noise = corpus.Clips[3].Path, missing = corpus.Clips[7].Path;
        File.WriteAllText(noise, "no audio");
        File.Delete(missing);
        IDataView clips = Ml.Data.LoadCorpus(corpus);
        var found = new List<BadClip>();
        IDataView output = Chain(clips, new() { BadClips = rule, BadClipFound = found.Add });
        if (rule == BadClipRule.Throw)
        {
            Assert.Equal(12, output.GetRowCount());
            Assert.Contains(noise, Assert.Throws<AudioFormatException>(() => output.Prints("Features")).Message, StringComparison.Ordinal);
            Assert.Equal(12, output.Texts("Path").Length);
            return;
        }
        Assert.Null(output.GetRowCount());
        string[] expected = [.. corpus.Clips.Select(c => c.Path).Where(p => p != noise && p != missing)];
        // Whichever columns are read, and in whatever order, the rows are the same: a cache of ML.NET's reads them one by one.
        Assert.Equal(expected, output.Texts("Path"));
        Assert.Equal(10, output.Prints("Features", "Label").Length);
        Assert.Equal(10, output.Values<VBuffer<float>>("Spectrogram").Length);
        Assert.Equal(expected, output.Texts("Path"));
        Assert.Equal([noise, missing], found.Take(2).Select(b => b.Path));
        Assert.All(found, b => Assert.NotEmpty(b.Reason));
        IDataView cached = Ml.Data.Cache(output, "Features", "Label", "Path");
        Assert.Equal(output.Prints("Path", "Label", "Features"), cached.Prints("Path", "Label", "Features"));
        // A division reads no audio: it must choose the same rows as those who do.
        DataOperationsCatalog.TrainTestData split = Ml.Data.SpeakerSplit(output, testSpeakers: ["s1"]);
        foreach ((IDataView part, string speaker) in new[] { (split.TrainSet, "s0"), (split.TestSet, "s1") })
        {
            string[] good = [.. corpus.Clips.Where(c => c.Speaker == speaker && expected.Contains(c.Path)).Select(c => c.Path)];
            Assert.Equal(good, part.Texts("Path"));
            Assert.Equal(good, part.Prints("Path", "Features").Select(p => p.Split(';')[0]));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cache")]
    public void A_row_without_a_path_is_a_bad_clip(string? cache)
    {
        string good = _files.Corpus(1, 1).Clips[0].Path;
        IDataView files = Ml.Data.LoadFromEnumerable(
            [new MlNetTests.Clip { Path = good }, new MlNetTests.Clip { Path = null! }, new MlNetTests.Clip { Path = "a\0b" },
                new MlNetTests.Clip { Path = good }]);
        var found = new List<BadClip>();
        var reading = new AudioReading
        {
            CacheDirectory = cache is null ? null : _files.File(cache),
            BadClips = BadClipRule.Skip,
            BadClipFound = found.Add
        };
        // Twice: the second time it is known which files are good.
        IDataView loaded = Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading).Fit(files).Transform(files);
        for (int i = 0; i < 2; i++) Assert.Equal([good, good], loaded.Texts("Path"));
        Assert.Equal(2, loaded.Vectors("Waveform").Length);
        Assert.Contains("empty or missing", found[0].Reason, StringComparison.Ordinal);
        Assert.Contains("null character", found[1].Reason, StringComparison.Ordinal);
        IDataView strict = Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading with { BadClips = BadClipRule.Throw }).Fit(files)
            .Transform(files);
        Assert.Throws<AudioFormatException>(() => strict.Vectors("Waveform"));
    }

    [Fact]
    public void Without_a_listener_the_log_of_the_context_has_what_was_left_out()
    {
        var ml = new MLContext();
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        IDataView files = ml.Data.LoadFiles([_files.File("nowhere.wav"), _files.Corpus(1, 1).Clips[0].Path]);
        IDataView loaded = ml.Transforms.LoadAudio("Waveform", "Path", reading: new() { BadClips = BadClipRule.Skip }).Fit(files)
            .Transform(files);
        Assert.Single(loaded.Vectors("Waveform"));
        Assert.Contains(log, m => m.Contains("nowhere.wav", StringComparison.Ordinal));
    }

    [Fact]
    public void The_row_mapper_throws_for_a_clip_that_cannot_be_read_whatever_the_rule()
    {
        IDataView files = Ml.Data.LoadFiles([_files.Corpus(1, 1).Clips[0].Path]);
        ITransformer model = Ml.Transforms.LoadAudio("Waveform", "Path", reading: new() { BadClips = BadClipRule.Skip }).Fit(files);
        using PredictionEngine<MlNetTests.Clip, MlNetTests.Loaded> engine = Ml.Model.CreatePredictionEngine<MlNetTests.Clip,
            MlNetTests.Loaded>(model);
        string path = _files.File("noise.wav");
        File.WriteAllText(path, "no audio");
        Assert.Contains(path, Assert.Throws<AudioFormatException>(() => engine.Predict(new() { Path = path }))
            .Message, StringComparison.Ordinal);
        Assert.NotEmpty(engine.Predict(new() { Path = _files.Corpus(1, 1).Clips[0].Path }).Waveform);
    }

    [Fact]
    public void Odd_clips_do_not_stop_a_chain()
    {
        float[][] odd = [[0.5f], new float[10], new float[8000], [.. Enumerable.Repeat(1f, 300)]];
        string[] paths = [.. odd.Select((samples, i) =>
        {
            string path = _files.File($"odd-{i}.wav");
            WavWriter.Write(path, new AudioClip(samples, 16000), WavEncoding.IeeeFloat);
            return path;
        })];
        var found = new List<BadClip>();
        IDataView output = Chain(Ml.Data.LoadFiles(paths), new() { BadClips = BadClipRule.Skip, BadClipFound = found.Add });
        float[][] features = output.Vectors("Features");
        // Odd as they are, none is left out.
        Assert.Equal(4, features.Length);
        Assert.Empty(found);
        Assert.All(features.SelectMany(f => f), v => Assert.True(float.IsFinite(v)));
        Assert.Equal(features.Length, output.Prints("Image").Length);
    }

    [Fact]
    public void An_error_in_a_row_comes_out_at_that_row_and_the_rows_before_it_are_given()
    {
        float[][] clips = [.. Enumerable.Range(0, 9).Select(i => new float[] { i, i })];
        IDataView view = new CountingStage("Waveform", onMap: samples =>
        {
            if (samples[0] == 5) throw new InvalidOperationException("a bug");
        }).Transform(Views.Waveforms(clips));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Out"]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Out"]);
        VBuffer<float> value = default;
        var found = new List<float>();
        // No clip is to blame: nothing is left out.
        Assert.Equal("a bug", Assert.Throws<InvalidOperationException>(() =>
        {
            while (cursor.MoveNext())
            {
                getter(ref value);
                found.Add(value.GetValues()[1]);
            }
        }).Message);
        Assert.Equal([0, 1, 2, 3, 4], found);
    }

    // Outer rows must not hold what inner rows wait for.
    [Fact]
    public async Task A_row_may_itself_read_a_view()
    {
        IDataView inner = new CountingStage("Waveform")
            .Transform(Views.Waveforms([.. Enumerable.Range(0, 20).Select(i => new float[] { i })]));
        IDataView outer = new CountingStage("Waveform", onMap: samples => samples[0] = inner.Vectors("Out").Sum(v => v[1]))
            .Transform(Views.Waveforms([.. Enumerable.Range(0, 10).Select(_ => new float[1])]));
        Task<float[][]> reading = Task.Run(() => outer.Vectors("Out"), TestContext.Current.CancellationToken);
        float[][] rows = await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.All(rows, row => Assert.Equal([1, 190], row));
        Assert.Equal(10, rows.Length);
    }

    [Fact]
    public void A_getter_asked_outside_of_a_row_or_for_another_type_or_column_says_so()
    {
        IDataView view = new CountingStage("Waveform").Transform(Views.Waveforms(new float[20]));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Out"]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Out"]);
        VBuffer<float> value = default;
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.Contains("Out", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Out"]))
            .Message, StringComparison.Ordinal);
        Assert.Contains("Row", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Row"]))
            .Message, StringComparison.Ordinal);
        Assert.True(cursor.MoveNext());
        getter(ref value);
        // What a caller does to its buffer is not seen by the next.
        VBuffer<float> other = default;
        VBufferEditor.CreateFromBuffer(ref value).Values.Fill(7);
        getter(ref other);
        Assert.Equal([20, 0], other.DenseValues());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
    }

    internal static IDataView Chain(IDataView clips, AudioReading reading) => Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading)
        .Append(Ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform", new() { MelBands = 16 }))
        .Append(Ml.Transforms.SpectrogramImage("Image", "Spectrogram", new() { Width = 24 }))
        .Append(Ml.Transforms.UtteranceFeatures("Features", "Waveform")).Fit(clips).Transform(clips);

    private static ulong[] Ids(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema.Where(c => !c.IsHidden));
        ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
        var ids = new List<ulong>();
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getter(ref id);
            ids.Add(id.Low);
        }
        return [.. ids];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public int Number { get; set; }

        public bool Flag { get; set; }

        public DateTime Day { get; set; }

        [VectorType(3)]
        public float[] Vector { get; set; } = [];

        [VectorType(2)]
        public string[] Words { get; set; } = [];

        public double[] Free { get; set; } = [];

        public float[] Waveform { get; set; } = [];
    }
}
