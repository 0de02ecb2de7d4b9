using System.IO.Compression;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Prediction;

public sealed class SerModelTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_form_gives_the_same_probabilities_to_the_last_bit()
    {
        using SerModel model = SerModel.Load(tones.Path);
        float[][] expected = [.. tones.Clips.Select(path => model.Predict(path).Scores.ToArray())];
        AudioClip[] clips = [.. tones.Clips.Select(p => AudioFile.Read(p))];
        for (int i = 0; i < clips.Length; i++)
        {
            string path = tones.Clips[i];
            using FileStream file = File.OpenRead(path), again = File.OpenRead(path);
            EmotionPrediction[] predictions =
            [
                model.Predict(path), model.Predict(file), model.Predict(clips[i].Samples, clips[i].SampleRateHz), model.Predict(clips[i]),
                await model.PredictAsync(path, Cancel), await model.PredictAsync(again, cancellation: Cancel),
                    await model.PredictAsync(clips[i], Cancel),
            ];
            Assert.All(predictions, p => Assert.Equal(expected[i], p.Scores));
            Assert.All(predictions, p => Assert.Equal((ToneModel.Labels[i], PredictionNotes.None, 0.7),
                (p.Label, p.Notes, p.Duration.TotalSeconds)));
            Assert.Equal(model.Labels, predictions[0].Probabilities.Keys);
            Assert.Equal(expected[i], predictions[0].Probabilities.Values);
        }
        Assert.Equal(expected, model.Predict(clips).Select(p => p.Scores));
        Assert.Equal(expected, (await model.PredictFilesAsync(tones.Clips, Cancel).ToListAsync(Cancel)).Select(p => p.Prediction!.Scores));
        Assert.Equal("model.zip", model.Notes["note"]);
        Assert.Equal("model.zip"u8.ToArray(), model.Attachments["README.md"].ToArray());
        Assert.Equal(16000, model.SampleRateHz);
    }

    [Fact]
    public void A_model_in_a_stream_is_the_same_model()
    {
        using SerModel file = SerModel.Load(tones.Path);
        using SerModel memory = SerModel.Load(new MemoryStream(File.ReadAllBytes(tones.Path)));
        Assert.Equal(file.Predict(tones.Clips[0]).Scores, memory.Predict(tones.Clips[0]).Scores);
    }

    [Fact]
    public void Sixteen_threads_get_what_one_gets()
    {
        using SerModel model = SerModel.Load(tones.Path);
        AudioClip[] clips = [.. Enumerable.Range(0, 12).Select(i => ToneModel.Tone(i % 3, 2, i, 0.4 + (0.05 * i)))];
        IReadOnlyList<float>[] alone = [.. clips.Select(c => model.Predict(c).Scores)];
        const int Threads = 16, Each = 30;
        var found = new IReadOnlyList<float>[Threads * Each];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            for (int i = t; i < found.Length; i += Threads) found[i] = model.Predict(clips[i % clips.Length]).Scores;
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        for (int i = 0; i < found.Length; i++) Assert.Equal(alone[i % clips.Length], found[i]);
    }

    [Fact]
    public void Notes_say_what_was_done()
    {
        using SerModel model = SerModel.Load(tones.Path, new() { AnswerAnyway = true });
        AudioClip tone = ToneModel.Tone(1, 0, 0, 1);
        AudioClip stereo = new([.. Enumerable.Range(0, 2000).Select(i => (float)Math.Sin(i / 9.0))], 8000, 2);
        Assert.Equal(PredictionNotes.None, model.Predict(tone).Notes);
        Assert.Equal(PredictionNotes.Resampled, model.Predict(tone.Resample(48000)).Notes);
        Assert.Equal(PredictionNotes.MixedDown | PredictionNotes.Resampled | PredictionNotes.Padded, model.Predict(stereo).Notes);
        Assert.Equal(["mixed-down", "resampled", "padded"], model.Predict(stereo).Notes.ToWords());
        Assert.Equal(QualityNotes.Silent, model.Predict(new float[16000], 16000).Quality.Notes);
        EmotionPrediction one = model.Predict([0.5f], 16000);
        Assert.Equal(PredictionNotes.Padded, one.Notes);
        Assert.True(float.IsFinite(one.Probability));
    }

    [Fact]
    public void Padding_puts_silence_on_both_sides()
    {
        using SerModel model = SerModel.Load(tones.Path);
        AudioClip shortTone = ToneModel.Tone(0, 0, 0, 0.3);
        var padded = new float[8000];
        shortTone.Samples.CopyTo(padded.AsSpan((8000 - 4800) / 2));
        // Trimming would take the silence away again, so the clip beside it goes to the later stages alone.
        using NetworkScorer scorer = NetworkScorer.Create(ModelRecord.Read(tones.Path), "model");
        Assert.Equal(scorer.Score(shortTone, new AudioClip(padded, 16000)), model.Predict(shortTone).Scores);
    }

    [Fact]
    public void Below_the_threshold_it_abstains_and_still_tells_the_probabilities()
    {
        using SerModel sure = SerModel.Load(tones.Path), never = SerModel.Load(tones.Path, new() { Threshold = 1 });
        EmotionPrediction prediction = sure.Predict(tones.Clips[0]), abstained = never.Predict(tones.Clips[0]);
        Assert.NotNull(prediction.Label);
        Assert.Null(abstained.Label);
        Assert.True(abstained.Notes.HasFlag(PredictionNotes.Abstained));
        Assert.Equal(prediction.Scores, abstained.Scores);
        Assert.Equal(prediction.Label, abstained.MostProbable);
        using SerModel exact = SerModel.Load(tones.Path, new() { Threshold = prediction.Probability });
        Assert.NotNull(exact.Predict(tones.Clips[0]).Label);
    }

    [Fact]
    public void Bad_audio_is_refused_with_the_reason()
    {
        using SerModel model = SerModel.Load(tones.Path);
        float[] nan = new float[100];
        nan[42] = float.NaN;
        Assert.Contains("NaN at sample 42", Assert.Throws<AudioFormatException>(() => model.Predict(nan, 16000)).Message,
            StringComparison.Ordinal);
        nan[42] = float.NegativeInfinity;
        Assert.Contains("-Infinity at sample 42", Assert.Throws<AudioFormatException>(() => model.Predict(nan, 16000)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no samples", Assert.Throws<AudioFormatException>(() => model.Predict([], 16000)).Message,
            StringComparison.Ordinal);
        Assert.Contains("A sample rate is", Assert.Throws<ArgumentOutOfRangeException>(() => model.Predict([0.1f], 0)).Message,
            StringComparison.Ordinal);
        Assert.Contains("sample rate of 3 Hz", Assert.Throws<AudioFormatException>(() => model.Predict(new float[9], 3)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Clip 1, counted from 0, holds no samples",
            Assert.Throws<AudioFormatException>(() => model.Predict([ToneModel.Tone(0, 0, 0), new([], 16000)])).Message,
                StringComparison.Ordinal);
        // A filter read from a table reaches less far than others.
        Assert.Contains("sample rate of 12000000 Hz",
            Assert.Throws<AudioFormatException>(() => ClipCheck.RequireRate(12_000_000, 22050, ResamplerOptions.KaiserFast, "The clip"))
            .Message, StringComparison.Ordinal);
        ClipCheck.RequireRate(12_000_000, 22050, null, "The clip");
        Assert.Contains("Clip 1, counted from 0, is null",
            Assert.Throws<ArgumentNullException>(() => model.Predict([ToneModel.Tone(0, 0, 0), null!])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => model.Predict("nowhere.wav"));
        Assert.Contains("my upload", Assert.Throws<AudioFormatException>(() => model.Predict(new MemoryStream(new byte[50]), "my upload"))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_among_good_ones_is_told_of_in_its_place()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("text.wav"), "no audio", Cancel);
        using SerModel model = SerModel.Load(tones.Path);
        string[] paths = [tones.Clips[0], folder.File("text.wav"), tones.Clips[1], folder.File("absent.wav"), tones.Clips[2], "",
            tones.Clips[0], "a\0b"];
        List<FilePrediction> results = await model.PredictFilesAsync(paths, Cancel).ToListAsync(Cancel);
        Assert.Equal(paths, results.Select(r => r.Path));
        Assert.Equal([true, false, true, false, true, false, true, false], results.Select(r => r.Prediction is not null));
        Assert.Contains("text.wav", results[1].Error, StringComparison.Ordinal);
        Assert.All([results[5], results[7]], r => Assert.Contains("no path of a file", r.Error, StringComparison.Ordinal));
        Assert.Contains("there is no such file", results[3].Error, StringComparison.Ordinal);
        Assert.All(results.Where((_, i) => i % 2 == 0), r => Assert.Null(r.Error));
    }

    [Fact]
    public async Task What_is_no_model_of_audio_is_refused()
    {
        using var folder = new TemporaryFolder();
        string text = folder.File("text.zip"), zip = folder.File("other.zip");
        await File.WriteAllTextAsync(text, "no zip", Cancel);
        await using (ZipArchive archive = await ZipFile.OpenAsync(zip, ZipArchiveMode.Create, Cancel)) archive.CreateEntry("readme.txt");
        Assert.Contains("There is no model file",
            Assert.Throws<ModelFormatException>(() => SerModel.Load(folder.File("absent.zip"))).Message, StringComparison.Ordinal);
        Assert.Contains("no model that can be read", Assert.Throws<ModelFormatException>(() => SerModel.Load(text)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no SerPipeline model", Assert.Throws<ModelFormatException>(() => SerModel.Load(zip)).Message,
            StringComparison.Ordinal);
        Assert.Contains("does not predict from audio",
            Assert.Throws<ModelFormatException>(() => SerModel.Load(ToneModel.Zip(ToneModel.Record(1, "") with { Stages = [] }))).Message,
            StringComparison.Ordinal);
        Assert.Equal(3, Assert.Throws<OptionsException>(() => SerModel.Load(tones.Path,
            new() { Threshold = 2, MinimumSeconds = -1, DegreeOfParallelism = 0 })).Problems.Count);
    }

    [Fact]
    public async Task A_disposed_model_refuses_calls_and_ends_those_under_way()
    {
        SerModel model = SerModel.Load(tones.Path);
        float[] expected = [.. model.Predict(tones.Clips[0]).Scores];
        EmotionTimeline open = model.OpenTimeline(16000);
        using var slow = new SlowStream(await File.ReadAllBytesAsync(tones.Clips[0], Cancel));
        Task<EmotionPrediction> underWay = Task.Run(() => model.Predict(slow), Cancel);
        await slow.Started.Task.WaitAsync(Cancel);
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Predict(tones.Clips[0]));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.PredictAsync(tones.Clips[0], Cancel));
        slow.Go.Set();
        Assert.Equal(expected, (await underWay).Scores);
        Assert.Single(open.Push(ToneModel.Tone(0, 0, 0, 3)), s => s.Prediction is not null);
        open.Dispose();
    }

    [Fact]
    public async Task A_cancelled_call_ends()
    {
        using SerModel model = SerModel.Load(tones.Path);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.PredictAsync(tones.Clips[0], cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await model.PredictFilesAsync(tones.Clips,
            cancelled.Token).ToListAsync(Cancel));
        Assert.NotNull(model.Predict(tones.Clips[0]).Label);
    }

    /// <summary>Gives its bytes when told to.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public TaskCompletionSource Started { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        public override void CopyTo(Stream destination, int bufferSize)
        {
            Started.TrySetResult();
            Go.Wait(TimeSpan.FromSeconds(60));
            base.CopyTo(destination, bufferSize);
        }

        protected override void Dispose(bool disposing)
        {
            Go.Dispose();
            base.Dispose(disposing);
        }
    }
}
