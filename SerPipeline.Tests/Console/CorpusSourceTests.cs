using System.Text.Json;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>How commands find corpora and data sets: by name, below a folder of corpora, by a file of definitions.</summary>
public sealed class CorpusSourceTests
{
    [Fact]
    public async Task Without_a_corpus_the_known_ones_are_listed_with_their_licences()
    {
        using TemporaryFolder folder = SmallCorpora();
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--data", folder.Path)).Succeeds();
        Assert.Matches(@"(?m)^tess +\S*TESS +CC BY-NC-ND 4\.0 +Toronto Emotional Speech Set\r?$", run.Output);
        Assert.Matches(@"(?m)^savee +- +free for research use", run.Output);
        using JsonDocument json = JsonDocument.Parse((await ConsoleRun.Of("corpora", "--data", folder.Path, "--json")).Succeeds().Output);
        Assert.Equal(["tess", "emodb"],
            json.RootElement.EnumerateArray().Where(corpus => corpus.GetProperty("folder").ValueKind == JsonValueKind.String)
            .Select(corpus => corpus.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Combined_corpora_show_counts_a_label_a_speaker_and_a_sex_and_their_own_labels()
    {
        using TemporaryFolder folder = SmallCorpora();
        foreach (string data in new[] { folder.Path, $"tess={folder.File("TESS")},emodb={folder.Path}" })
        {
            ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "tess+emodb", "--data", data)).Succeeds();
            Assert.Matches(@"(?m)^angry +2 +\S+ +emodb: W \(Ärger \(Wut\)\); tess: angry \(anger\)\r?$", run.Output);
            Assert.Matches(@"(?m)^female +1 ", run.Output);
            Assert.Matches(@"(?m)^emodb/03 +male +1 +1 +2\r?$", run.Output);
            Assert.Contains("only 'emodb' has the label 'bored'", run.Output, StringComparison.Ordinal);
            // None of the files is audio, which is a finding and no failure.
            Assert.Matches(@"(?m)^  unreadable +tess/OAF_back_angry\.wav: ", run.Output);
        }
        ConsoleRun common = (await ConsoleRun.Of("corpora", "--corpus", "tess+emodb", "--data", folder.Path, "--combine", "common"))
            .Succeeds();
        Assert.Contains("1 clip labelled 'bored' was left out", common.Output, StringComparison.Ordinal);
        ConsoleRun labels = (await ConsoleRun.Of("corpora", "--corpus", "emodb", "--data", folder.Path, "--labels", "bored")).Succeeds();
        Assert.Contains("1 clip, ", labels.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_clips_is_a_finding()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "emodb", "--data", folder.Path)).Succeeds();
        Assert.StartsWith("No clips: ", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await ConsoleRun.Of("corpora", "--corpus", "emodb", "--data", folder.File("nowhere"))).ExitCode);
    }

    [Fact]
    public async Task A_missing_part_of_a_combination_ends_like_a_single_missing_corpus()
    {
        using TemporaryFolder folder = SmallCorpora();
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "tess+savee", "--data", folder.Path)).Succeeds();
        Assert.StartsWith("No clips: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("no folder named SAVEE", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("No clips: ", (await ConsoleRun.Of("corpora", "--corpus", "savee", "--data", folder.Path)).Succeeds().Output,
            StringComparison.Ordinal);
        Assert.Equal(1, (await ConsoleRun.Of("train", "--corpus", "tess+savee", "--data", folder.Path)).ExitCode);
        Assert.Equal(1, (await ConsoleRun.Of("train", "--corpus", "savee", "--data", folder.Path)).ExitCode);
    }

    [Fact]
    public async Task Data_sets_come_from_the_file_of_the_program_or_from_ones_own()
    {
        using TemporaryFolder folder = SmallCorpora();
        Directory.CreateDirectory(folder.File("RAVDESS"));
        foreach (string name in new[] { "03-01-01-01-01-01-01", "03-01-05-01-01-01-01", "03-01-05-01-01-02-01" })
            await File.WriteAllTextAsync(Path.Combine(folder.File("RAVDESS"), name + ".wav"), "x", TestContext.Current.CancellationToken);
        ConsoleRun over = (await ConsoleRun.Of("corpora", "--dataset", "original,over", "--data", folder.Path)).Succeeds();
        Assert.Contains("Data set over (leaks: true): ", over.Output, StringComparison.Ordinal);
        Assert.Contains("LEAKS BY DESIGN (leaks: true): 1 clip was doubled before the split", over.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^neutral +1 +[\s\S]*^neutral +2 ", over.Output);

        string own = folder.File("own.json");
        await File.WriteAllTextAsync(own, """
            { "version": 1,
              "datasets": { "anger": { "description": "anger twice", "corpora": ["tess", "emodb"], "labels": "common" } } }
            """, TestContext.Current.CancellationToken);
        ConsoleRun anger = (await ConsoleRun.Of("corpora", "--dataset", "anger", "--datasets", own, "--data", folder.Path)).Succeeds();
        Assert.Contains("Corpus anger in ", anger.Output, StringComparison.Ordinal);
        Assert.Contains("2 clips, ", anger.Output, StringComparison.Ordinal);
    }

    // None of the files is audio: whatever came after reading names would complain of that first.
    [Theory]
    [InlineData("path,mood\na.wav,sad\n", "manifest", null, "the header lacks label")]
    [InlineData("path,label,speaker\na.wav,sad,1\nb.wav,furious,1\n", "manifest", "sad,happy",
        "has no label 'happy': its labels are furious, sad")]
    [InlineData("path,label,speaker\nc.wav,sad,1\n", "manifest", null, "row 2: no file at c.wav")]
    [InlineData("", "tess", null, "looked for .wav or .flac files with names like OAF_back_angry.wav")]
    [InlineData("", "folder", null, "looked for one subfolder for each label")]
    public async Task Bad_data_are_refused_before_any_audio_is_read(string manifest, string corpus, string? labels, string expected)
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a.wav", "b.wav" })
            await File.WriteAllTextAsync(folder.File(name), "no audio", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("manifest.csv"), manifest, TestContext.Current.CancellationToken);
        string[] restriction = labels is null ? [] : ["--labels", labels];
        ConsoleRun run = await ConsoleRun.Of(["train", "--corpus", corpus, "--data", folder.Path, "--out", folder.File("run"),
            .. restriction]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public async Task A_label_that_no_corpus_has_is_named_with_those_there_are()
    {
        using TemporaryFolder folder = SmallCorpora();
        ConsoleRun run = await ConsoleRun.Of("train", "--corpus", "tess+emodb", "--data", folder.Path, "--labels", "angry,furious");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("has the label 'furious': tess has angry; emodb has angry, bored", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_corpora_are_found_below_their_common_folder()
    {
        string corpora = Companions.Require("corpora");
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "emodb", "--data", corpora)).Succeeds();
        Assert.Matches(@"(?m)^angry +127 +\S+ +W \(Ärger \(Wut\)\)\r?$", run.Output);
        Assert.Matches(@"(?m)^female +302 ", run.Output);
        Assert.Contains("0.86", run.Output, StringComparison.Ordinal);
    }

    private static TemporaryFolder SmallCorpora()
    {
        var folder = new TemporaryFolder();
        foreach (string file in new[] { "TESS/OAF_back_angry.wav", "EmoDB/wav/03a01Wa.wav", "EmoDB/wav/03a01La.wav" })
        {
            string path = folder.File(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "no audio");
        }
        return folder;
    }
}
