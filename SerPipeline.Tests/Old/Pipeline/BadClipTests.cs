using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;


namespace SerPipeline.Tests.Old.Pipeline;

public sealed class BadClipTests : IDisposable
{
    private readonly Recordings _files = new();
    private readonly Corpus _corpus;
    private readonly string _noise, _truncated, _missing;

    public BadClipTests()
    {
        Corpus good = _files.Corpus(speakers: 2, takes: 1);
        _noise = _files.File("s0", "low-x.wav");
        _truncated = _files.File("s1", "high-x.wav");
        _missing = _files.File("s1", "low-y.wav");
        File.WriteAllText(_noise, "this is no audio");
        File.WriteAllBytes(_truncated, File.ReadAllBytes(good.Clips[0].Path)[..30]);
        CorpusClip Bad(string path, string label, string speaker) => good.Clips[0] with { Path = path, RelativePath = $"{speaker}/{Path.GetFileName(path)}", Label = label, Speaker = speaker };
        _corpus = new Corpus("tones", _files.Folder, [.. good.Clips, Bad(_noise, "low", "s0"), Bad(_truncated, "high", "s1"), Bad(_missing, "low", "s1")], good.Labels);
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Clips_that_cannot_be_read_are_reported_with_path_and_reason_and_left_out()
    {
        var ser = new SerContext();
        var found = new List<BadClip>();
        ser.BadClipFound += (_, e) => found.Add(e.Clip);
        IDataView audio = Audio(ser);
        string[] read = [.. audio.GetRowCursorOf("Path", "Audio")];
        Assert.Equal(_corpus.Clips.Select(c => c.Path).Except([_noise, _truncated, _missing]), read);
        Assert.Equal(new[] { _noise, _truncated, _missing }.Order(StringComparer.Ordinal), found.Select(b => b.Path).Order(StringComparer.Ordinal));
        Assert.All(found, b => Assert.NotEmpty(b.Reason));
        Assert.Null(audio.GetRowCount());
        // Every reading reports them; what reads no audio meets none.
        Assert.Equal(9, audio.GetColumn<string>("Label").Count());
        Assert.Equal(3, found.Count);
    }

    [Fact]
    public void The_path_is_reported_wherever_its_column_stands()
    {
        var ser = new SerContext();
        var found = new List<string>();
        ser.BadClipFound += (_, e) => found.Add(e.Clip.Path);
        IDataView rows = Views.Of([new("Remark", TextDataViewType.Instance), new("Path", TextDataViewType.Instance)], [["a remark", _noise]]);
        IDataView audio = ser.Transforms.LoadAudio().Fit(rows).Transform(rows);
        Assert.Empty(RowPrints.Of(audio, "Remark", "Audio"));
        Assert.Equal(_noise, Assert.Single(found));
    }

    [Fact]
    public void Under_the_strict_rule_the_first_bad_clip_ends_the_reading_with_its_own_error()
    {
        var ser = new SerContext(0, new() { BadClips = BadClipRule.Throw });
        IDataView audio = Audio(ser);
        Assert.Equal(9, audio.GetRowCount());
        Assert.Throws<AudioFormatException>(() => audio.GetColumn<AudioClip>("Audio").Count());
    }

    [Fact]
    public void A_clip_too_short_for_a_frame_is_a_bad_clip()
    {
        var ser = new SerContext();
        IDataView rows = Views.Of([new("Audio", new AudioDataViewType(16000))], [[Recordings.Tone(0, 0, 0, seconds: 0.01)], [Recordings.Tone(0, 0, 0)]]);
        IDataView frames = ser.Transforms.LogMelSpectrogram(new() { Center = false }).Fit(rows).Transform(rows);
        var found = new List<BadClip>();
        ser.BadClipFound += (_, e) => found.Add(e.Clip);
        Assert.Single(frames.GetColumn<VBuffer<float>>("LogMel"));
        Assert.Contains("160 samples", Assert.Single(found).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_wrong_with_a_clip_is_skipped()
    {
        var ser = new SerContext();
        IDataView rows = Views.Of([new("N", NumberDataViewType.Int32)], [[1]]);
        IDataView failing = new FunctionStage<int, int>(ser, "N", new("M", NumberDataViewType.Int32), _ => throw new InvalidOperationException("a bug")).Transform(rows);
        Assert.Throws<InvalidOperationException>(() => failing.GetColumn<int>("M").Count());
    }

    // Reading labels meets no bad clip, reading audio does: the same split must choose the same rows either way.
    [Fact]
    public void A_split_of_a_transformed_view_holds_the_same_rows_whatever_columns_are_read()
    {
        var ser = new SerContext(4);
        IDataView audio = Audio(ser);
        TrainTestData split = ser.Data.SpeakerIndependentSplit(audio, heldOutSpeakers: ["s1"]);
        foreach ((IDataView part, string speaker) in new[] { (split.TrainSet, "s0"), (split.TestSet, "s1") })
        {
            string[] good = [.. _corpus.Clips.Where(c => c.Speaker == speaker && c.Path != _noise && c.Path != _truncated && c.Path != _missing).Select(c => c.Path)];
            Assert.Equal(good, part.GetRowCursorOf("Path", "Audio"));
            Assert.Superset(good.ToHashSet(), part.GetColumn<string>("Path").ToHashSet());
            Assert.All(part.GetColumn<string>("Speaker"), s => Assert.Equal(speaker, s));
            Assert.True(part.Schema["Speaker"].Annotations.IsSamplingKey);
            Assert.Null(part.GetRowCount());
        }
    }

    [Fact]
    public void Clips_too_short_to_analyse_or_silent_do_not_stop_a_chain()
    {
        float[][] clips = [[0.5f], new float[10], new float[8000], [.. Enumerable.Repeat(1f, 300)]];
        string[] paths = [.. clips.Select((samples, i) =>
        {
            string path = _files.File($"odd-{i}.wav");
            WavWriter.Write(path, new AudioClip(samples, 16000), WavEncoding.IeeeFloat);
            return path;
        })];
        var ser = new SerContext();
        var found = new List<string>();
        ser.BadClipFound += (_, e) => found.Add(e.Clip.Path);
        IDataView files = ser.Data.LoadFiles(paths);
        var images = ser.Transforms.LoadAudio().Append(ser.Transforms.LogMelSpectrogram()).Append(ser.Transforms.SpectrogramImage());
        var vectors = ser.Transforms.LoadAudio().Append(ser.Transforms.UtteranceFeatures());
        Assert.Equal(4, images.Fit(files).Transform(files).GetColumn<GrayImage>("Image").Count() + found.Count);
        found.Clear();
        VBuffer<float>[] features = [.. vectors.Fit(files).Transform(files).GetColumn<VBuffer<float>>("Features")];
        Assert.Equal(4, features.Length + found.Count);
        Assert.All(features, f => Assert.All(f.DenseValues(), v => Assert.True(float.IsFinite(v))));
    }

    private IDataView Audio(SerContext ser)
    {
        IDataView clips = ser.Data.LoadCorpus(_corpus);
        return ser.Transforms.LoadAudio().Fit(clips).Transform(clips);
    }
}

/// <summary>Reads one text column while another column is computed too.</summary>
internal static class TwoColumns
{
    public static IEnumerable<string> GetRowCursorOf(this IDataView view, string text, string computed)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[text], view.Schema[computed]]);
        ValueGetter<string> getter = cursor.GetGetter<string>(view.Schema[text]);
        string value = "";
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return value;
        }
    }
}
