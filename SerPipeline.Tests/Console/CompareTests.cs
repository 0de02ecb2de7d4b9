using System.Text.Json;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class CompareTests
{
    [Fact]
    public async Task Two_files_are_compared_with_table_verdict_and_changed_clips()
    {
        using var folder = new TemporaryFolder();
        (string a, string b) = Write(folder, speakers: 8);
        ConsoleRun run = (await ConsoleRun.Of("compare", a, b, "--out", folder.File("changed.csv"))).Succeeds();
        Assert.Contains("80 clips in both", run.Output, StringComparison.Ordinal);
        Assert.Contains("UAR", run.Output, StringComparison.Ordinal);
        // B wins with each of 8 speakers: 2 of 256 swaps are as extreme.
        Assert.Contains("Verdict: B has the higher UAR, and swaps of whole speakers reach as large a difference rarely (p = 0.0078).",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("48 clips changed: 48 fixed, 0 broken", run.Output, StringComparison.Ordinal);
        Assert.Contains("and 28 more; --all lists them.", run.Output, StringComparison.Ordinal);
        Assert.Contains("8 speakers only", run.Output, StringComparison.Ordinal);
        Assert.Contains("run.json is absent", run.Error, StringComparison.Ordinal);
        int Listed(ConsoleRun one) => one.Output.Split('\n').Count(line => line.Contains(".wav", StringComparison.Ordinal));
        ConsoleRun all = (await ConsoleRun.Of("compare", a, b, "--all", "--draws", "300", "--permutations", "100")).Succeeds();
        Assert.Equal((20, 48), (Listed(run), Listed(all)));
        Assert.DoesNotContain("--all", all.Output, StringComparison.Ordinal);
        Assert.Contains("Intervals: 300 draws of 8 speakers, seed 0.", all.Output, StringComparison.Ordinal);
        Assert.Contains("Intervals: 2000 draws of 8 speakers, seed 0.", run.Output, StringComparison.Ordinal);
        string[] lines = await File.ReadAllLinesAsync(folder.File("changed.csv"), TestContext.Current.CancellationToken);
        Assert.Equal(49, lines.Length);
        Assert.Equal("0/2.wav,speaker 00,a,fixed,b,0.75,a,0.75", lines[1]);
    }

    [Fact]
    public async Task Few_speakers_cannot_decide_and_the_verdict_says_so()
    {
        using var folder = new TemporaryFolder();
        (string a, string b) = Write(folder, speakers: 3);
        ConsoleRun run = (await ConsoleRun.Of("compare", a, b)).Succeeds();
        Assert.Contains("3 speakers cannot decide it: no result of this test could have a p-value below 0.2500", run.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_labels_need_partial_and_both_chances_are_printed()
    {
        using var folder = new TemporaryFolder();
        (string a, string b) = Write(folder, speakers: 8);
        PredictionSet set = PredictionsCsv.Read(b);
        PredictionsCsv.Write(b, new PredictionSet([.. set.Labels, "c", "d"],
            [.. set.Rows.Select(row => row with { Probabilities = [.. row.Probabilities, 0, 0] })]));
        ConsoleRun refused = await ConsoleRun.Of("compare", a, b);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("choose among the same labels", refused.Error, StringComparison.Ordinal);
        ConsoleRun run = (await ConsoleRun.Of("compare", a, b, "--partial")).Succeeds();
        Assert.Contains("The runs choose among different labels: A a, b; B a, b, c, d.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Chance: A 0.500, B 0.250.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_holds_the_comparison()
    {
        using var folder = new TemporaryFolder();
        (string a, string b) = Write(folder, speakers: 3);
        ConsoleRun run = (await ConsoleRun.Of("compare", a, b, "--json", "--seed", "4")).Succeeds();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(0.6, json.RootElement.GetProperty("uarDifference").GetDouble(), 1e-12);
        Assert.Equal(4, json.RootElement.GetProperty("seed").GetInt64());
        Assert.Equal(0.25, json.RootElement.GetProperty("permutation").GetProperty("pValue").GetDouble());
        Assert.Equal("fixed", json.RootElement.GetProperty("changed")[0].GetProperty("change").GetString());
    }

    [Fact]
    public async Task Run_folders_of_other_data_are_refused_and_other_protocols_warned_of()
    {
        using var folder = new TemporaryFolder();
        (string a, string b) = Write(folder, speakers: 3);
        string runA = Folder("a", a, "random", 'a'), runB = Folder("b", b, "speaker-independent", 'b');
        ConsoleRun refused = await ConsoleRun.Of("compare", runA, runB);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("The data set 'demo' differs between the runs", refused.Error, StringComparison.Ordinal);
        ConsoleRun run = (await ConsoleRun.Of("compare", runA, runB, "--partial")).Succeeds();
        Assert.Contains("The protocols differ: A random, B speaker-independent. A difference may come from what each was trained on.",
            run.Error, StringComparison.Ordinal);
        Assert.Contains("A: mlp on demo, protocol random, seed 1", run.Output, StringComparison.Ordinal);
        // Equal paths in folders of other names and content are other clips.
        string other = Folder("c", b, "includes-training-clips", 'b', "calls");
        Assert.Contains("The runs name different data sets: A demo, B calls, with other content.",
            (await ConsoleRun.Of("compare", runA, other)).Error, StringComparison.Ordinal);
        ConsoleRun memory = (await ConsoleRun.Of("compare", runB, other)).Succeeds();
        Assert.Contains("A demo, B calls; their content is the same.", memory.Error, StringComparison.Ordinal);
        Assert.Contains("B was trained on some of these clips: a higher score may be memory", memory.Error, StringComparison.Ordinal);
        string known = Folder("d", b, "random", 'b', shared: ["s1"]), apart = Folder("e", b, "speaker-independent", 'b', shared: []);
        Assert.Contains("A was trained on speakers that it was tested on, B may have been trained on the speakers tested: the two scores "
            + "do not mean the same.", (await ConsoleRun.Of("compare", known, runB)).Error, StringComparison.Ordinal);
        Assert.Contains("A was tested on new speakers, B was trained on speakers", (await ConsoleRun.Of("compare", apart, known)).Error,
            StringComparison.Ordinal);

        string Folder(string name, string predictions, string protocol, char print, string data = "demo", string[]? shared = null)
        {
            string path = Directory.CreateDirectory(folder.File("run-" + name)).FullName;
            PredictionSet set = PredictionsCsv.Read(predictions);
            File.Copy(predictions, Path.Combine(path, "predictions.csv"));
            MetricsFile.From([RunMetrics.From(new RunProtocol { Dataset = "demo", Trainer = "mlp", Protocol = protocol, Seed = 1,
                TrainClips = 9, SharedSpeakers = shared }, set.ToReport())]).Write(Path.Combine(path, "metrics.json"));
            new RunRecord
            {
                CommandLine = ["ser"],
                Protocol = protocol,
                Seed = 1,
                Started = DateTimeOffset.UnixEpoch,
                Finished = DateTimeOffset.UnixEpoch,
                Environment = RunEnvironment.Current(),
                Data = new Dictionary<string,
                    DataFingerprint>
                {
                    [data] = new()
                    {
                        Sha256 = new string(print, 64),
                        Clips = 30,
                        Content = FingerprintContent.Bytes
                    }
                },
                Options = RunRecord.Describe(),
            }.Write(Path.Combine(path, "run.json"));
            return path;
        }
    }

    [Fact]
    public async Task Wrong_operands_are_named()
    {
        using var folder = new TemporaryFolder();
        (string a, _) = Write(folder, speakers: 3);
        ConsoleRun one = await ConsoleRun.Of("compare", a);
        Assert.Equal(2, one.ExitCode);
        Assert.Contains("takes two runs, A and B; got 1", one.Error, StringComparison.Ordinal);
        ConsoleRun empty = await ConsoleRun.Of("compare", a, folder.Path);
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains("Expected predictions.csv in the run folder", empty.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await ConsoleRun.Of("compare", a, folder.File("nowhere.csv"))).ExitCode);
        Assert.Equal(2, (await ConsoleRun.Of("compare", a, a, "--permutations", "5")).ExitCode);
    }

    private static (string A, string B) Write(TemporaryFolder folder, int speakers)
    {
        return (One("a.csv", 2), One("b.csv", 8));

        string One(string name, int right)
        {
            PredictionSet set = Evaluation.SpeakerBootstrapTests.Speakers([.. Enumerable.Repeat(right, speakers)], 10);
            PredictionsCsv.Write(folder.File(name),
                new PredictionSet(set.Labels,
                [.. set.Rows.Select(row => row with { Probabilities = row.Predicted == "a" ? [0.75f, 0.25f] : [0.25f, 0.75f] })]));
            return folder.File(name);
        }
    }
}
