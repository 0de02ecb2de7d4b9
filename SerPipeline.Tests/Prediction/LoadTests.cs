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

/// <summary>Many predictions: memory that stays flat, and a web app whose model is replaced under hundreds of requests.</summary>
public sealed class LoadTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void Memory_stays_flat_over_a_hundred_thousand_predictions() => Flat(100_000, 20_000_000);

    [Fact]
    public async Task A_web_app_drops_no_request_while_its_model_is_replaced()
    {
        const int Requests = 600, Replacements = 12;
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

        // All at once; the models change while they are answered.
        Task<(int Clip, float[] Scores)>[] requests = [.. Enumerable.Range(0, Requests).Select(async i =>
        {
            using var content = new ByteArrayContent(clips[i % clips.Length]);
            using HttpResponseMessage response = await client.PostAsync(new Uri("/predict", UriKind.Relative), content, Cancel);
            response.EnsureSuccessStatusCode();
            return (i % clips.Length, (await response.Content.ReadFromJsonAsync<float[]>(Cancel))!);
        })];
        Task all = Task.WhenAll(requests);
        int replaced = 0;
        for (; !all.IsCompleted && replaced < Replacements; replaced++)
        {
            string next = folder.File("next.zip");
            File.Copy(replaced % 2 == 0 ? tones.OtherPath : tones.Path, next);
            File.SetLastWriteTimeUtc(next, DateTime.UtcNow.AddSeconds(replaced));
            File.Move(next, path, overwrite: true);
            await Task.WhenAny(all, Task.Delay(40, Cancel));
        }
        await all;
        int ofOld = 0;
        foreach (Task<(int Clip, float[] Scores)> request in requests)
        {
            (int clip, float[] scores) = await request;
            bool isOld = scores.SequenceEqual(old[clip]);
            Assert.True(isOld || scores.SequenceEqual(changed[clip]), "an answer of neither model");
            if (isOld) ofOld++;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{Requests} requests, {replaced} replacements, {ofOld} answers of the first "
            + $"model, {Requests - ofOld} of the second");
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
