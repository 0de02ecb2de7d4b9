using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>WAV files as the wild has them, in a generated app and in this library.</summary>
[Collection(BuiltProject.Collection)]
public sealed class ConsumerFileTests(BuiltProject project)
{
    // Spectra in double precision, a network in float32: what two engines differ by.
    private const float Tolerance = 1e-4f;
    private const int Rate = 16000;

    [Fact]
    public async Task Samples_in_wider_words_and_chunks_out_of_the_ordinary_are_read_as_this_library_does()
    {
        string app = await project.ConsoleAppAsync();
        ReadOnlySpan<float> tone = ToneModel.Recording(1.2, Rate).Samples;
        byte[] pcm = WavBytes.Integers(tone, 16, 2), format = WavBytes.Format(1, Rate, 1, 2, 16),
            list = WavBytes.Chunk("LIST", new byte[400]), data = WavBytes.Chunk("data", pcm);
        string[] clips =
        [
            Save("24in32", WavBytes.Of(1, Rate, 1, 4, 24, WavBytes.Integers(tone, 24, 4))),
            Save("16in32", WavBytes.Of(1, Rate, 1, 4, 16, WavBytes.Integers(tone, 16, 4))),
            Save("12in16", WavBytes.Of(1, Rate, 1, 2, 12, WavBytes.Integers(tone, 12, 2))),
            Save("20in24", WavBytes.Of(1, Rate, 1, 3, 20, WavBytes.Integers(tone, 20, 3))),
            Save("empty-data-first", WavBytes.File("RIFF", format, WavBytes.Chunk("data", []), list, data)),
            Save("odd-unpadded", WavBytes.File("RIFF", format, WavBytes.Chunk("note", new byte[33], padded: false), data)),
            Save("odd-padded", WavBytes.File("RIFF", format, WavBytes.Chunk("note", new byte[33]), data)),
            Save("piped", WavBytes.File("RIFF", format, WavBytes.Chunk("data", pcm, stated: 0))),
            Save("rf64", WavBytes.File("RF64",
                WavBytes.Chunk("ds64", [.. new byte[8], .. BitConverter.GetBytes((long)pcm.Length), .. new byte[12]]), format,
                WavBytes.Chunk("data", pcm, stated: uint.MaxValue), list)),
        ];
        Alike(app, project.ModelPath, clips);
    }

    // 47999 and 16000 have no common factor: the filter for every phase of them would take 6 million taps, and 8192 phases are interpolated
    // instead.
    [Theory]
    [InlineData("mlp")]
    [InlineData("lbfgs")]
    public async Task Features_of_voices_are_alike_after_resampling(string trainer)
    {
        string app = await project.ConsoleAppAsync(), copy = project.File(trainer + "-app"), model = project.File(trainer + ".zip");
        Folders.Copy(Path.GetDirectoryName(app)!, copy);
        if (trainer == "mlp") TinyModels.Mlp(model);
        else TinyModels.Lbfgs(model);
        File.Copy(model, Path.Combine(copy, "Emotion.mlnet"), overwrite: true);
        string[] clips = [.. new[] { 48000, 47999, 44100, 8000 }.Select(rate =>
        {
            string path = project.File($"voice-{rate}.wav");
            WavWriter.Write(path, ToneModel.Recording(1.5, rate), WavEncoding.Pcm16);
            return path;
        })];
        Alike(Path.Combine(copy, Path.GetFileName(app)), model, clips);
    }

    // A second of 1 Hz would become 16000 samples, and a filter for every phase between two odd rates near a million would take half a
    // gigabyte.
    [Fact]
    public async Task Rates_far_from_the_models_are_refused_and_odd_ones_take_little_memory()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sets the limit of memory by env");
        string app = await project.ConsoleAppAsync(), slow = Save("slow", WavBytes.Of(1, 1, 1, 2, 16, new byte[32000])),
            endless = Save("endless", WavBytes.Of(1, 20, 1, 1, 8, new byte[20 * 3601]));
        int[] rates = [999_983, 999_979, 999_961, .. Enumerable.Range(0, 6).Select(i => 15101 - (2 * i))];
        string[] odd = [.. rates.Select(rate => Save($"odd-{rate}",
            WavBytes.Of(1, rate, 1, 2, 16, WavBytes.Integers(ToneModel.Recording(0.6, rate).Samples, 16, 2))))];
        // 256 MiB, in hexadecimal digits.
        Alike(app, project.ModelPath, odd, "DOTNET_GCHeapHardLimit=10000000");
        (int code, string output) = Programs.Run("dotnet", "exec", app, slow, endless);
        Assert.Equal(1, code);
        Assert.Contains($"{slow} states a sample rate of 1 Hz, expected one within a factor of 1024 of 16000", output,
            StringComparison.Ordinal);
        Assert.Contains($"{endless} takes 3601.0 s, expected at most 3600 s", output, StringComparison.Ordinal);
    }

    private static void Alike(string app, string modelPath, string[] clips, string? variable = null)
    {
        (int code, string output) = variable is null ? Programs.Run("dotnet", ["exec", app, .. clips])
            : Programs.Run("env", [variable, "dotnet", "exec", app, .. clips]);
        Assert.True(code == 0, output);
        using var model = SerModel.Load(modelPath, new SerModelOptions { MinimumSeconds = 0 });
        string[] blocks = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(clips.Length, blocks.Length);
        foreach ((string clip, string block) in clips.Zip(blocks))
        {
            EmotionPrediction expected = model.Predict(clip);
            var found = block.Split('\n').Skip(3).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .ToDictionary(words => words[0], words => float.Parse(words[1], CultureInfo.InvariantCulture));
            foreach ((string label, float score) in model.Labels.Zip(expected.Scores))
                Assert.True(Math.Abs(score - found[label]) <= Tolerance, $"{clip}: {label} {found[label]}, expected {score}");
        }
    }

    private string Save(string name, byte[] bytes)
    {
        string path = project.File(name + ".wav");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
