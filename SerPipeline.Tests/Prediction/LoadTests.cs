using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>Many predictions: memory that stays flat, and a web app whose model is replaced under callers that never pause.</summary>
public sealed class LoadTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void Memory_stays_flat_over_a_hundred_thousand_predictions() => Flat(100_000, 20_000_000);

    [Fact]
    public async Task A_web_app_drops_no_request_while_its_model_is_replaced()
    {
        const int Callers = 24, Replacements = 12;
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.Copy(tones.Path, path);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSerModel(options => (options.Path, options.ReloadInterval) = (path, TimeSpan.FromMilliseconds(10)));
        await using WebApplication app = builder.Build();
        app.MapPost("/predict", async (HttpRequest request, IEmotionPredictor emotions) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            body.Position = 0;
            EmotionPrediction found = await emotions.PredictAsync(body, "body", request.HttpContext.RequestAborted);
            return Results.Ok(found.Scores);
        });
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromMinutes(5) };
        byte[][] clips = [.. tones.Clips.Select(File.ReadAllBytes)];
        float[][] old = Scores(tones.Path), changed = Scores(tones.OtherPath);

        // Callers ask again and again; the models change while they are answered.
        int[] answers = new int[2];
        bool enough = false;
        Task all = Task.WhenAll(Enumerable.Range(0, Callers).Select(async i =>
        {
            for (int clip = i % clips.Length; !Volatile.Read(ref enough); clip = (clip + 1) % clips.Length)
            {
                using var content = new ByteArrayContent(clips[clip]);
                using HttpResponseMessage response = await client.PostAsync(new Uri("/predict", UriKind.Relative), content, Cancel);
                response.EnsureSuccessStatusCode();
                float[] scores = (await response.Content.ReadFromJsonAsync<float[]>(Cancel))!;
                bool isOld = scores.SequenceEqual(old[clip]);
                Assert.True(isOld || scores.SequenceEqual(changed[clip]), "an answer of neither model");
                Interlocked.Increment(ref answers[isOld ? 0 : 1]);
            }
        }));
        var watch = Stopwatch.StartNew();
        for (int replaced = 0; replaced < Replacements; replaced++)
        {
            int model = 1 - (replaced % 2), before = Volatile.Read(ref answers[model]);
            string next = folder.File("next.zip");
            File.Copy(model == 1 ? tones.OtherPath : tones.Path, next);
            File.SetLastWriteTimeUtc(next, DateTime.UtcNow.AddSeconds(replaced));
            File.Move(next, path, overwrite: true);
            // More answers of the new model than can have been on their way.
            while (!all.IsCompleted && Volatile.Read(ref answers[model]) <= before + Callers)
            {
                Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"replacement {replaced} has not been loaded");
                await Task.WhenAny(all, Task.Delay(2, Cancel));
            }
        }
        Volatile.Write(ref enough, true);
        await all;
        TestContext.Current.TestOutputHelper?.WriteLine($"{answers[0]} answers of the first model, {answers[1]} of the second");
        await app.StopAsync(Cancel);
    }

    private float[][] Scores(string path)
    {
        using SerModel model = SerModel.Load(path);
        return [.. tones.Clips.Select(clip => model.Predict(clip).Scores.ToArray())];
    }

    private void Flat(int predictions, long bytes)
    {
        using SerModel model = SerModel.Load(tones.Path);
        AudioClip[] clips = [.. Enumerable.Range(0, 9).Select(i => ToneModel.Tone(i % 3, 1, i, 0.3 + (0.02 * i)))];
        var watch = Stopwatch.StartNew();
        long before = 0;
        for (int i = 0; i < predictions; i++)
        {
            model.Predict(clips[i % clips.Length]);
            // The pools of both memories are full by then.
            if (i == predictions / 5) before = Taken();
        }
        long grown = Taken() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{predictions} predictions in {watch.Elapsed.TotalSeconds:0} s: {before >> 20} "
            + $"MB, {grown >> 10} KB more over the last four fifths");
        Assert.True(grown < bytes, $"{grown} bytes");
    }

    // Of the whole process, after a collection: other tests may run beside the short one.
    private static long Taken()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
