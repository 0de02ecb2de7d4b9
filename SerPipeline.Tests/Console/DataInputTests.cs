using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>Data as people bring them, through the commands.</summary>
public sealed class DataInputTests(TrainedDemo demo)
{
    private static readonly Dictionary<string, string> Nouns = new()
    {
        ["neutral"] = "Neutrality",
        ["calm"] = "calm",
        ["happy"] = "happiness",
        ["sad"] = "sadness ",
        ["angry"] = "anger",
        ["fearful"] = "fear",
        ["disgust"] = "Disgust",
        ["surprised"] = "surprise",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parts_given_by_folders_train_and_test_and_trouble_is_the_same_list_everywhere()
    {
        using var folder = new TemporaryFolder();
        string root = folder.File("hf");
        CorpusClip[] clips = [.. CorpusLoader.Load("demo", await demo.Corpus).Clips];
        string Place(CorpusClip clip, string? label = null) => Path.Combine(root, clip.Speaker switch
        {
            "01" or "02" => "train",
            "03" => "validation",
            _ => "test",
        }, label ?? (clip.Speaker == "02" ? clip.Label.ToUpperInvariant() : clip.Label), Path.GetFileName(clip.Path));
        foreach (CorpusClip clip in clips)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Place(clip))!);
            File.Copy(clip.Path, Place(clip));
        }
        // A training clip under a second label, a test clip twice, silence, a clip outside, a file that is no audio.
        CorpusClip torn = clips.First(clip => clip is { Speaker: "01", Label: "sad" }), twin = clips.First(clip => clip.Speaker == "04");
        File.Copy(torn.Path, Path.ChangeExtension(Place(torn, "angry"), null) + "-again.wav");
        File.Copy(twin.Path, Path.Combine(root, "test", twin.Label, "zz.wav"));
        WavWriter.Write(Path.Combine(root, "train", "sad", "silent.wav"), new AudioClip(new float[16000], 16000));
        File.Copy(twin.Path, Path.Combine(root, "stray.wav"));
        await File.WriteAllTextAsync(Path.Combine(root, "desktop.ini"), "x", Cancellation);
        string[] common = ["--corpus", "folder", "--data", root, "--cache", demo.Cache, "--map", "Calm=neutral"];

        ConsoleRun scan = (await ConsoleRun.Of(["corpora", .. common])).Succeeds();
        ConsoleRun run = (await ConsoleRun.Of(["train", .. common, "--protocol", "given", "--trainer", "mlp", "--epochs", "1", "--out",
            folder.File("run")])).Succeeds();

        string[] told =
        [
            "The folders test, train, validation divide the clips: train 34, validation 16, test 17.",
            "'ANGRY' as angry (2 clips)",
            "7 problems found: 1 label unknown, 1 odd file, 1 duplicate, 2 conflicting labels, 1 silent, 1 few clips. Left out: 5.",
            "stray.wav: expected the file in a subfolder that names the label below one of test, train, validation",
            $"-again.wav: holds the same audio as train/sad/{Path.GetFileName(torn.Path)}, which is labelled 'sad' while this is 'angry'",
            $"test/{twin.Label}/zz.wav: holds the same audio as test/{twin.Label}/{Path.GetFileName(twin.Path)}",
            "train/sad/silent.wav: expected speech, got nothing but zeros",
        ];
        string page = System.Net.WebUtility.HtmlDecode(await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation));
        JsonElement record = RunRecord.Read(folder.File("run", "run.json")).Options["corpus"];
        string recorded = string.Join('\n', record.GetProperty("problems").EnumerateArray().Select(problem =>
            $"{problem.GetProperty("relativePath")}: {problem.GetProperty("message")}").Concat(
            record.GetProperty("remarks").EnumerateArray().Select(remark => remark.GetString())));
        foreach (string sentence in told)
        {
            Assert.Contains(sentence, scan.Output, StringComparison.Ordinal);
            Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
            Assert.Contains(sentence, page, StringComparison.Ordinal);
            if (!sentence.Contains(" found: ", StringComparison.Ordinal)) Assert.Contains(sentence, recorded, StringComparison.Ordinal);
        }
        ConsoleRun strict = await ConsoleRun.Of(["train", .. common, "--protocol", "given", "--trainer", "mlp", "--strict", "--out",
            folder.File("strict")]);
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("which --strict (Strict) does not allow", strict.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("strict")));
        Assert.Contains("Labels: angry 9, neutral 17,", run.Error, StringComparison.Ordinal);
        // Speakers 01 and 02 without the clip of two labels; 03; 04.
        RunMetrics metrics = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0];
        Assert.Equal(("given", 31L, 16L, 16L), (metrics.Protocol, metrics.TrainClips, metrics.ValidationClips, metrics.TestClips));
        Assert.Contains("with the validation part it gives", page, StringComparison.Ordinal);

        // The model is scored on labels mapped as in its training.
        ConsoleRun scored = (await ConsoleRun.Of("evaluate", "--model", folder.File("run", "model.zip"), "--corpus", "demo", "--data",
            await demo.Corpus)).Succeeds();
        Assert.Contains("Labels are mapped as in the model's training, --map Calm=neutral", scored.Error, StringComparison.Ordinal);
        Assert.Contains("'calm' as neutral (8 clips)", scored.Error, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^neutral +\S+ +\S+ +\S+ +16\r?$", scored.Output);
    }

    [Fact]
    public async Task A_model_is_scored_on_labels_in_other_words_and_maps_as_training_does()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(await demo.Runs, "mlp-random", "model.zip");
        CorpusClip[] clips = [.. CorpusLoader.Load("demo", await demo.Corpus).Clips];
        string Table(string name, Func<string, string> label)
        {
            string path = folder.File(name);
            File.WriteAllText(path, "file\temotion\tspeaker_id\n" + string.Concat(clips.Select(clip =>
                $"{clip.RelativePath}\t\"{label(clip.Label)}\"\t{clip.Speaker}\n")));
            return path;
        }
        string[] common = ["evaluate", "--model", model, "--corpus", "manifest", "--audio-root", await demo.Corpus];
        ConsoleRun plain = (await ConsoleRun.Of([.. common, "--data", Table("plain.tsv", label => label)])).Succeeds();
        ConsoleRun nouns = (await ConsoleRun.Of([.. common, "--data", Table("nouns.tsv", label => Nouns[label])])).Succeeds();
        Assert.Contains("'anger' as angry (8 clips)", nouns.Error, StringComparison.Ordinal);
        Assert.Contains("Labels: angry 8, ", nouns.Error, StringComparison.Ordinal);
        Assert.Equal(plain.Output.Split("plain").Length, nouns.Output.Split("nouns").Length);
        Assert.Equal(plain.Output.Replace("plain", "", StringComparison.Ordinal),
            nouns.Output.Replace("nouns", "", StringComparison.Ordinal));

        // What no rule knows is mapped by hand, and dropped.
        string odd = Table("odd.tsv", label => label == "angry" ? "livid" : label);
        ConsoleRun left = (await ConsoleRun.Of([.. common, "--data", odd])).Succeeds();
        Assert.Contains("8 clips with labels the model does not know (livid) are left out.", left.Error, StringComparison.Ordinal);
        ConsoleRun mapped = (await ConsoleRun.Of([.. common, "--data", odd, "--map", "livid=angry,calm="])).Succeeds();
        Assert.Contains("'livid' as angry (8 clips)", mapped.Error, StringComparison.Ordinal);
        Assert.Contains("8 clips labelled 'calm' were left out, as the label map says", mapped.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await ConsoleRun.Of([.. common, "--data", odd, "--map", "livid"])).ExitCode);
        ConsoleRun wrong = await ConsoleRun.Of([.. common, "--data", odd, "--map", "lived=angry"]);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("names 'lived', which is no label of 'odd'", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_files_are_counted_and_strict_refuses_before_any_audio_is_read()
    {
        using var folder = new TemporaryFolder();
        string clip = CorpusLoader.Load("demo", await demo.Corpus).Clips[0].Path;
        await File.WriteAllTextAsync(folder.File("m.csv"), $"path,label,speaker\n{clip},sad,1\nnope.wav,sad,1\n", Cancellation);
        string[] common = ["--corpus", "manifest", "--data", folder.File("m.csv")];
        ConsoleRun scan = (await ConsoleRun.Of(["corpora", .. common])).Succeeds();
        Assert.Contains("1 file missing", scan.Output, StringComparison.Ordinal);
        Assert.Contains("nope.wav: row 3: no file at nope.wav", scan.Output, StringComparison.Ordinal);
        ConsoleRun train = await ConsoleRun.Of(["train", .. common, "--strict", "--out", folder.File("run")]);
        Assert.Equal(1, train.ExitCode);
        Assert.Contains("1 row(s) that would be left out, which --strict (Strict) does not allow", train.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapping_can_stand_in_a_data_set()
    {
        using var folder = new TemporaryFolder();
        string audio = await demo.Corpus;
        CorpusClip[] clips = [.. CorpusLoader.Load("demo", audio).Clips.Where(clip => clip.Label is "happy" or "sad" or "calm")];
        await File.WriteAllTextAsync(folder.File("calls.csv"), "path,label,speaker\n" + string.Concat(clips.Select(clip =>
            $"{clip.RelativePath},{(clip.Label == "happy" ? "upbeat" : clip.Label)},{clip.Speaker}\n")), Cancellation);
        await File.WriteAllTextAsync(folder.File("own.json"), $$"""
            { "version": 1, "datasets": { "calls": { "description": "calls", "corpora": [
              { "name": "calls", "format": "manifest", "path": "calls.csv", "audioRoot": {{JsonSerializer.Serialize(audio)}},
                "map": { "upbeat": "happy", "calm": "" } }] } } }
            """, Cancellation);
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--dataset", "calls", "--datasets", folder.File("own.json"))).Succeeds();
        Assert.Contains("'upbeat' as happy (8 clips)", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^happy +8 ", run.Output);
        Assert.DoesNotMatch(@"(?m)^calm ", run.Output);
    }
}
