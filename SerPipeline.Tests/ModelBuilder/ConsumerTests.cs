using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>Generated apps at work, with ML.NET and ONNX Runtime and nothing of this library: they give the scores that this library
/// gives.</summary>
[Collection(BuiltProject.Collection)]
public sealed class ConsumerTests(BuiltProject project)
{
    // Spectra in double precision, a network in float32: what two engines differ by.
    private const float Tolerance = 1e-4f;

    [Fact]
    public async Task The_console_app_gives_the_scores_of_this_library_whatever_the_file()
    {
        string app = await project.ConsoleAppAsync();
        string[] clips = [.. Clips()];
        (int code, string output) = Run(app, clips);
        Assert.True(code == 0, output);
        using var model = SerModel.Load(project.ModelPath, new SerModelOptions { MinimumSeconds = 0 });
        string[] blocks = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(clips.Length, blocks.Length);
        foreach ((string clip, string block) in clips.Zip(blocks))
        {
            EmotionPrediction expected = model.Predict(clip);
            string[] lines = block.Split('\n');
            // Some of the tones have nothing above 4.6 kHz, and the app says it as this library does.
            string notes = string.Join(", ", expected.Quality.Notes.ToWords());
            Assert.Equal($"{clip}: {expected.Label}{(notes.Length == 0 ? "" : $" ({notes})")}", lines[0].TrimEnd());
            var found = lines.Skip(3).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .ToDictionary(words => words[0], words => float.Parse(words[1], CultureInfo.InvariantCulture));
            Assert.Equal(model.Labels.Count, found.Count);
            foreach ((string label, float score) in model.Labels.Zip(expected.Scores)) Assert.Equal(score, found[label], Tolerance);
        }
    }

    [Fact]
    public async Task A_bad_file_among_good_ones_is_named_and_the_rest_is_done()
    {
        string app = await project.ConsoleAppAsync(), good = Clips().First();
        string text = project.File("text.wav"), law = project.File("law.wav"), empty = project.File("empty.wav");
        await File.WriteAllTextAsync(text, "no audio", TestContext.Current.CancellationToken);
        byte[] bytes = await File.ReadAllBytesAsync(good, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(empty, bytes[..44], TestContext.Current.CancellationToken);
        // The format's tag: A-law.
        bytes[20] = 6;
        await File.WriteAllBytesAsync(law, bytes, TestContext.Current.CancellationToken);
        (int code, string output) = Run(app, text, law, project.File("absent.wav"), empty, good);
        Assert.Equal(1, code);
        Assert.Contains($"error: {text} is no WAV file", output, StringComparison.Ordinal);
        Assert.Contains($"error: {law} holds samples of format 6", output, StringComparison.Ordinal);
        Assert.Contains("absent.wav", output, StringComparison.Ordinal);
        Assert.Contains($"error: {empty} is a WAV file without samples", output, StringComparison.Ordinal);
        Assert.Contains($"{good}: ", output, StringComparison.Ordinal);
        Assert.Equal(2, Run(app).Code);
    }

    [Fact]
    public async Task The_last_step_is_retrained_on_labels_of_ones_own_and_evaluated()
    {
        string app = await project.ConsoleAppAsync(), folder = project.File("own"), output = project.File("own.zip");
        foreach ((string label, int tone) in new[] { ("dark", 0), ("bright", 2) })
            for (int take = 0; take < 6; take++)
                Write(Path.Combine(folder, label, $"{take}.wav"), ToneModel.Tone(tone, take % 3, take, 0.6), WavEncoding.Pcm16);
        // What macOS leaves in archives.
        Directory.CreateDirectory(Path.Combine(folder, "__MACOSX"));
        foreach (string fork in (string[])["__MACOSX", "dark"])
            await File.WriteAllTextAsync(Path.Combine(folder, fork, "._0.wav"), "no audio", TestContext.Current.CancellationToken);

        (int code, string text) = Run(app, "retrain", folder, output);
        Assert.True(code == 0, text);
        Assert.Contains("UAR (macro accuracy)      1.000, chance 0.500", text, StringComparison.Ordinal);
        Assert.True(new FileInfo(output).Length > 0);
        // Whoever speaks both labels is heard in two parts and tested in the third.
        (code, text) = Run(app, "crossvalidate", folder, "^[0-9]", "3");
        Assert.True(code == 0, text);
        Assert.Equal(3, text.Split('\n').Count(line => line.StartsWith("Part ", StringComparison.Ordinal)
            && line.TrimEnd().EndsWith("clips 4", StringComparison.Ordinal)));
        Assert.Contains("Mean: UAR 1.000", text, StringComparison.Ordinal);
        // The model as it came knows other labels.
        (code, text) = Run(app, "evaluate", folder);
        Assert.Equal(1, code);
        Assert.Contains("The clips' labels bright, dark are none of the model's", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_trained_or_tested_is_refused_with_its_reason()
    {
        string app = await project.ConsoleAppAsync(), folder = project.File("odd"), output = project.File("odd.zip");
        for (int take = 0; take < 3; take++)
            Write(Path.Combine(folder, "low", $"a{take}.wav"), ToneModel.Tone(0, 0, take, 0.6), WavEncoding.Pcm16);
        Refuses("low alone", "retrain", folder, output);
        Refuses("low alone", "crossvalidate", folder, "[0-9]", "3");
        // One label of three: the others are named, and guessing has nothing to choose from.
        (int code, string text) = Run(app, "evaluate", folder);
        Assert.True(code == 0, text);
        Assert.Contains("chance 1.000", text, StringComparison.Ordinal);
        Assert.Contains("No clips of: middle, high.", text, StringComparison.Ordinal);

        for (int take = 0; take < 2; take++)
            Write(Path.Combine(folder, "middle", $"b{take}.wav"), ToneModel.Tone(2, 0, take, 0.6), WavEncoding.Pcm16);
        // The speakers a and b say one label each; 2 speaks only one of them.
        Refuses("Only speakers of one fold speak 'low'", "crossvalidate", folder, "^.", "2");
        Refuses("There are 3 speakers for 5 folds", "crossvalidate", folder, "[0-9]", "5");
        Refuses("A clip has no speaker", "crossvalidate", folder, "^c", "2");
        Refuses("Invalid pattern", "crossvalidate", folder, "(", "2");

        await File.WriteAllTextAsync(Path.Combine(folder, "middle", "text.wav"), "no audio", TestContext.Current.CancellationToken);
        Refuses("text.wav is no WAV file", "evaluate", folder);
        Refuses("text.wav is no WAV file", "retrain", folder, output);

        void Refuses(string reason, params string[] args)
        {
            (int exit, string said) = Run(app, args);
            Assert.Contains(reason, said, StringComparison.Ordinal);
            Assert.Equal(1, exit);
            // One line, and no stack of calls.
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Copies_of_the_network_among_temporary_files_are_gone_at_the_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sets the folder of temporary files by TMPDIR");
        string app = await project.ConsoleAppAsync(), temporary = Directory.CreateDirectory(project.File("temporary")).FullName,
            folder = project.File("two");
        foreach ((string label, int tone) in new[] { ("low", 0), ("high", 2) })
            for (int take = 0; take < 3; take++)
                Write(Path.Combine(folder, label, $"{take}.wav"), ToneModel.Tone(tone, 0, take, 0.6), WavEncoding.Pcm16);
        foreach (string[] args in new[] { [Clips().First()], ["evaluate", folder], ["retrain", folder, project.File("two.zip")],
            new[] { "crossvalidate", folder, "[0-9]", "3" } })
        {
            (int code, string text) = Programs.Run("env", ["TMPDIR=" + temporary, "dotnet", "exec", app, .. args]);
            Assert.True(code == 0, text);
            Assert.DoesNotContain(Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories),
                path => new FileInfo(path).Length > 10_000);
        }
    }

    [Fact]
    public async Task Help_is_no_clip()
    {
        (int code, string text) = Run(await project.ConsoleAppAsync(), "--help");
        Assert.Equal(0, code);
        Assert.Contains("retrain FOLDER OUT.zip", text, StringComparison.Ordinal);
    }

    // Rates above, below and equal to the model's, one with no small ratio to it; every encoding; one and two channels; a real recording
    // where there is one.
    private IEnumerable<string> Clips()
    {
        yield return Write(project.File("a.wav"), Stereo(ToneModel.Recording(1.2, 48000)), WavEncoding.Pcm16);
        yield return Write(project.File("b.wav"), ToneModel.Recording(0.6, 44100), WavEncoding.Pcm24);
        yield return Write(project.File("c.wav"), ToneModel.Recording(3.2, 8000), WavEncoding.IeeeFloat);
        yield return Write(project.File("d.wav"), ToneModel.Recording(1.5, 16000), WavEncoding.Pcm16);
        yield return Write(project.File("e.wav"), Stereo(ToneModel.Recording(2.1, 24414)), WavEncoding.IeeeFloat);
    }

    [Fact]
    public async Task Real_recordings_get_the_scores_of_this_library()
    {
        string app = await project.ConsoleAppAsync();
        string[] clips = [.. Directory.EnumerateFiles(Companions.Require("clips"),
            "*.wav").Where(path => !path.Contains("aiff-named", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(clips);
        (int code, string output) = Run(app, clips);
        Assert.True(code == 0, output);
        using var model = SerModel.Load(project.ModelPath, new SerModelOptions { MinimumSeconds = 0 });
        foreach ((string clip, string block) in clips.Zip(output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)))
        {
            EmotionPrediction expected = model.Predict(clip);
            float found = float.Parse(block.Split('\n')[3].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture);
            Assert.StartsWith($"{clip}: {expected.Label}", block, StringComparison.Ordinal);
            Assert.Equal(expected.Scores.Max(), found, Tolerance);
        }
    }

    // The second channel is half as loud, so that an average is neither of the two.
    private static AudioClip Stereo(AudioClip mono) => new([.. mono.Samples.ToArray().SelectMany(sample => new[] { sample, sample / 2 })],
        mono.SampleRateHz, 2);

    private static string Write(string path, AudioClip clip, WavEncoding encoding)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WavWriter.Write(path, clip, encoding);
        return path;
    }

    private static (int Code, string Output) Run(string app, params string[] args) => Programs.Run("dotnet", ["exec", app, .. args]);
}
