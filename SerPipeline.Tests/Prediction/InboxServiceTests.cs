using System.Text.Json;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>The sample service as a program of its own: another process, another output folder, the public API alone.</summary>
public sealed class InboxServiceTests(ToneModel tones) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_consumer_predicts_what_this_process_predicts_and_names_what_it_cannot_read()
    {
        foreach (string clip in tones.Clips) File.Copy(clip, _folder.File(Path.GetFileName(clip)));
        await File.WriteAllTextAsync(_folder.File("notes.txt"), "no audio", TestContext.Current.CancellationToken);
        (int code, string output) = Programs.Run("dotnet", "exec", Assembly(), "--Emotion:Path", tones.Path, "--Inbox:Folder",
            _folder.Path, "--Inbox:Once", "true", "--Inbox:Interval", "00:00:00.05");
        Assert.True(code == 0, output);

        using SerModel model = SerModel.Load(tones.Path);
        JsonElement[] lines = [.. output.Split('\n').Where(line => line.StartsWith('{'))
            .Select(line => JsonDocument.Parse(line).RootElement)];
        string[] expected = [.. tones.Clips.Select(clip => _folder.File(Path.GetFileName(clip))).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, lines.Select(line => line.GetProperty("Path").GetString()));
        foreach (JsonElement line in lines)
        {
            EmotionPrediction said = model.Predict(line.GetProperty("Path").GetString()!);
            Assert.Equal((said.Label, said.Probability),
                (line.GetProperty("Label").GetString(), line.GetProperty("Probability").GetSingle()));
        }
        Assert.Contains("notes.txt is left out: ", output, StringComparison.Ordinal);
    }

    // Built with the tests, in the same configuration.
    internal static string Assembly()
    {
        string[] folders = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        return Path.Combine([Companions.Repository(), "samples", "InboxService", "bin", .. folders[^2..], "InboxService.dll"]);
    }
}
