using System.Text.Json;
using CsvHelper;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Robustness;

/// <summary>Folders and names as users of audio tools reported them; docs/reliability.md names the reports and what is right.</summary>
public sealed class BadFolderTests(ToneModel tones) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => new(
        "\ud83d\ude20 angry.wav", "trailing .wav ", "two\nlines.wav", "100%d %s.wav", "-i.wav", "--model.wav", "a#t=1,2", "#1.wav",
        "[1]{2}.wav",
        "semi;colon,comma.wav", "quote\"s'.wav", "tab\t.wav", "a\u0308.wav", "\u65e5\u672c\u8a9e.wav", "=1+1.wav", "$HOME `ls`.wav",
        "a&b|c.wav", "UPPER.WAV", "twice.wav.wav", "no extension", "\u202egpj.wav", new string('x', 251) + ".wav");

    public void Dispose() => _folder.Dispose();

    // The name must come out of every way in and every form of answer as it went in.
    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_file_of_any_name_is_predicted_under_its_name(string name)
    {
        string path = Copy(name);
        using (var model = SerPipeline.Prediction.SerModel.Load(tones.Path)) Assert.Equal("low", model.Predict(path).Label);
        ConsoleRun csv = (await ConsoleRun.Of("predict", "--model", tones.Path, "--csv", path)).Succeeds();
        using CsvReader rows = CsvReader.FromText(csv.Output, new CsvReaderOptions());
        Assert.True(rows.Read());
        Assert.Equal(path, rows.GetString(0));
        Assert.False(rows.Read());
        ConsoleRun json = (await ConsoleRun.Of("predict", "--model", tones.Path, "--json", path)).Succeeds();
        Assert.Equal(path, JsonDocument.Parse(json.Output).RootElement.GetProperty("path").GetString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_clip_of_any_name_is_scanned(string name)
    {
        if (!new[] { ".wav" }.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)) name += ".wav";
        Copy("low", name);
        Corpus corpus = CorpusLoader.Load("folder", _folder.Path);
        Assert.Equal($"low/{name}", Assert.Single(corpus.Clips).RelativePath);
        CorpusScanResult scan = CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(scan.Problems, problem => problem.Kind == CorpusProblemKind.Unreadable);
    }

    [Fact]
    public void Links_that_lead_back_or_beside_show_no_clip_twice()
    {
        Copy("low", "a.wav");
        Copy("high", "b.wav");
        foreach ((string link, string target) in new[] { ("low/loop", "."), ("low/up", ".."), ("beside", "high"),
            ("high/there", "../low/back") })
            Directory.CreateSymbolicLink(_folder.File(link), target);
        Directory.CreateSymbolicLink(_folder.File("low", "back"), _folder.Path);
        string elsewhere = _folder.File("..", Path.GetFileName(_folder.Path) + "-more");
        Directory.CreateDirectory(elsewhere);
        try
        {
            File.Copy(tones.Clips[1], Path.Combine(elsewhere, "c.wav"));
            Directory.CreateSymbolicLink(_folder.File("middle"), elsewhere);
            Corpus corpus = CorpusLoader.Load("folder", _folder.Path);
            Assert.Equal(["high/b.wav", "low/a.wav", "middle/c.wav"], corpus.Clips.Select(clip => clip.RelativePath));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
        Assert.Equal(2, AudioFiles.Find([_folder.Path]).Paths.Count);
    }

    [Fact]
    public void A_corpus_reached_through_a_link_is_whole()
    {
        Copy("real", "low", "a.wav");
        Directory.CreateSymbolicLink(_folder.File("link"), _folder.File("real"));
        Assert.Single(CorpusLoader.Load("folder", _folder.File("link")).Clips);
    }

    [Fact]
    public void What_systems_leave_behind_is_no_clip()
    {
        Copy("low", "a.wav");
        Directory.CreateDirectory(_folder.File("__MACOSX", "low"));
        foreach (string[] left in new string[][] { ["low", "._a.wav"], ["low", "Thumbs.db"], ["low", ".DS_Store"], ["desktop.ini"],
            ["__MACOSX", "low", "._a.wav"], ["low", "a.wav.crdownload"], ["low", "a.wav.part"] })
            File.WriteAllBytes(_folder.File(left), [0, 5, 0x16, 7]);
        Corpus corpus = CorpusLoader.Load("folder", _folder.Path);
        Assert.Equal("low/a.wav", Assert.Single(corpus.Clips).RelativePath);
        Assert.Equal(["low"], corpus.Labels);
        Assert.Single(AudioFiles.Find([_folder.Path]).Paths);
    }

    [Fact]
    public async Task A_link_to_nothing_is_one_bad_clip()
    {
        Copy("low", "a.wav");
        File.CreateSymbolicLink(_folder.File("low", "gone.wav"), _folder.File("nowhere.wav"));
        Corpus corpus = CorpusLoader.Load("folder", _folder.Path);
        CorpusScanResult scan = CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken);
        CorpusProblem problem = Assert.Single(scan.Problems, p => p.Kind == CorpusProblemKind.Unreadable);
        Assert.Equal("low/gone.wav", problem.RelativePath);
        ConsoleRun run = await ConsoleRun.Of("predict", "--model", tones.Path, "--csv", _folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("gone.wav", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Contains("a.wav,low", run.Output, StringComparison.Ordinal);
    }

    // A recorder that still writes: what is there is read, or the file is named; never a crash.
    [Fact]
    public void A_file_that_grows_while_it_is_read_is_a_clip_or_a_bad_one()
    {
        byte[] whole = File.ReadAllBytes(tones.Clips[0]);
        string path = _folder.File("growing.wav");
        using var model = SerPipeline.Prediction.SerModel.Load(tones.Path);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        int read = 0;
        for (int at = 0; at < whole.Length; at += 997)
        {
            file.Write(whole.AsSpan(at, Math.Min(997, whole.Length - at)));
            file.Flush();
            try
            {
                Assert.NotNull(model.Predict(path).Scores);
                read++;
            }
            catch (AudioFormatException)
            {
                // Its first samples are still to come.
            }
        }
        Assert.InRange(read, 10, (whole.Length / 997) + 1);
    }

    private string Copy(params string[] name)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(tones.Clips[0], path);
        return path;
    }
}
