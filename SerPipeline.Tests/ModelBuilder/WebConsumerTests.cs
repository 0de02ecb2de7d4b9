using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>The generated web API at work, with ML.NET and ONNX Runtime and nothing of this library.</summary>
[Collection(BuiltProject.Collection)]
public sealed class WebConsumerTests(BuiltProject project)
{
    // Spectra in double precision, a network in float32: what two engines differ by.
    private const float Tolerance = 1e-4f;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // What curl --data-binary sends, and a body that says nothing of itself.
    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("audio/wav")]
    [InlineData(null)]
    public async Task A_file_as_the_body_gets_the_scores_of_this_library(string? type)
    {
        WebApi api = await project.RunningApiAsync();
        string[] many = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var content = new ByteArrayContent(await ClipAsync());
            content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            return (await PostAsync(api, content)).Text;
        }));
        Assert.All(many, Check);
    }

    [Fact]
    public async Task A_file_in_a_form_gets_the_scores_of_this_library_and_labels_are_told()
    {
        WebApi api = await project.RunningApiAsync();
        Check((await PostAsync(api, new MultipartFormDataContent { { new ByteArrayContent(await ClipAsync()), "file", "clip.wav" } }))
            .Text);
        using var model = SerModel.Load(project.ModelPath);
        Assert.Equal(model.Labels, JsonSerializer.Deserialize<string[]>(await api.Client.GetStringAsync("/labels", Cancellation)));
    }

    [Fact]
    public async Task What_is_no_clip_or_too_much_is_refused_with_its_reason()
    {
        WebApi api = await project.RunningApiAsync();
        await Refuses(new ByteArrayContent("no audio"u8.ToArray()), HttpStatusCode.BadRequest, "The upload is no WAV file");
        await Refuses(new MultipartFormDataContent { { new StringContent("x"), "text" } }, HttpStatusCode.BadRequest,
            "The form holds 0 files");
        var cut = new StringContent("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF");
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        await Refuses(cut, HttpStatusCode.BadRequest, "end of Stream");
        // Few bytes at few samples a second.
        await Refuses(new ByteArrayContent(WavBytes.Of(1, 20, 1, 1, 8, new byte[20 * 301])), HttpStatusCode.BadRequest,
            "301.0 s, expected at most 300");
        await Refuses(new ByteArrayContent(WavBytes.Of(1, 1, 1, 1, 8, new byte[16])), HttpStatusCode.BadRequest, "within a factor of 1024");
        await Refuses(new ByteArrayContent(new byte[(64 << 20) + 1]), HttpStatusCode.RequestEntityTooLarge, "too large");
        Check((await PostAsync(api, new ByteArrayContent(await ClipAsync()))).Text);

        async Task Refuses(HttpContent content, HttpStatusCode status, string reason)
        {
            (HttpStatusCode found, string text) = await PostAsync(api, content);
            Assert.Equal(status, found);
            Assert.Contains(reason, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Copies_of_the_network_among_temporary_files_are_gone_when_the_server_has_stopped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "stops the server by a signal");
        string app = await project.WebApiAsync(), temporary = Directory.CreateDirectory(project.File("web-temporary")).FullName;
        await using WebApi api = await WebApi.StartAsync(app, Cancellation, temporary);
        byte[] wav = await ClipAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(api, new ByteArrayContent(wav))));
        Assert.NotEmpty(Models());
        await api.StopAsync(Cancellation);
        Assert.Empty(Models());

        IEnumerable<string> Models() => Directory.EnumerateFiles(temporary, "*",
            SearchOption.AllDirectories).Where(path => new FileInfo(path).Length > 10_000);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(WebApi api, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/predict") { Content = content };
        // A server that refuses by the length alone is asked before anything is sent.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private void Check(string json)
    {
        using var model = SerModel.Load(project.ModelPath);
        EmotionPrediction expected = model.Predict(Clip());
        JsonElement found = JsonDocument.Parse(json).RootElement;
        Assert.Equal(expected.Label, found.GetProperty("label").GetString());
        foreach ((string label, float score) in model.Labels.Zip(expected.Scores))
            Assert.Equal(score, found.GetProperty("scores").GetProperty(label).GetSingle(), Tolerance);
    }

    private string Clip()
    {
        string path = project.File("web.wav");
        if (!File.Exists(path)) WavWriter.Write(path, ToneModel.Recording(1.2, 48000), WavEncoding.Pcm16);
        return path;
    }

    private Task<byte[]> ClipAsync() => File.ReadAllBytesAsync(Clip(), Cancellation);
}
