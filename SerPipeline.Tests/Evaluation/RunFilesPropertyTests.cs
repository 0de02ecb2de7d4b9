using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

/// <summary>What holds for any content of a run's files.</summary>
public class RunFilesPropertyTests
{
    [Fact]
    public void Any_path_and_speaker_survive_predictions_csv()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        // Half a surrogate pair is no text: UTF-8 cannot hold it.
        Gen<string> text = Gen.ListOf(Gen.OneOf(Gen.Elements(',', '"', '\n', '\r', ' ', '\t', ';', '=', '\\', '\'', '\0', 'é', '名'),
            Gen.Choose(0, 0xD7FF).Select(c => (char)c)))
            .Select(chars => new string([.. chars]));
        Config runs = Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20261129UL, 7UL);
        Check.One(runs, Prop.ForAll(Gen.Zip(text, text).ToArbitrary(), pair =>
        {
            (string clip, string speaker) = pair;
            PredictionsCsv.Write(path, new PredictionSet(["a", "b"],
            [
                new() { Path = clip, Speaker = speaker, Label = "a", Predicted = "b", Probabilities = [0.25f, 0.75f] },
                new() { Path = "next", Label = "b", Predicted = "b", Probabilities = [0.5f, 0.5f] },
            ]));
            PredictionSet read = PredictionsCsv.Read(path);
            Assert.Equal(2, read.Rows.Count);
            Assert.Equal(clip, read.Rows[0].Path);
            Assert.Equal(speaker.Length == 0 ? null : speaker, read.Rows[0].Speaker);
        }));
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_but_raise_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string csv = folder.File("predictions.csv"), metrics = folder.File("metrics.json"), run = folder.File("run.json");
        PredictionsCsv.Write(csv, Predictions.Random(1, 5, 3));
        MetricsFile.From([MetricsFileTests.Run(1, 1), MetricsFileTests.Run(2, 1)]).Write(metrics);
        RunRecordTests.Record().Write(run);
        // What is let through hits names, texts and numbers that may be others.
        Assert.InRange(Damage(csv, path => PredictionsCsv.Read(path)), 270, 350);
        Assert.InRange(Damage(metrics, path => MetricsFile.Read(path)), 265, 345);
        Assert.InRange(Damage(run, path => RunRecord.Read(path)), 255, 335);
    }

    /// <summary>Reads 400 damaged copies: bytes changed, removed, or the end cut off.</summary>
    private static int Damage(string path, Action<string> read)
    {
        byte[] whole = File.ReadAllBytes(path);
        var random = new SeededRandom(5);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            var bytes = whole.ToList();
            int place = random.Next(bytes.Count);
            if (i % 3 == 0) bytes[place] = (byte)random.Next(256);
            else if (i % 3 == 1) bytes.RemoveAt(place);
            else bytes.RemoveRange(place, bytes.Count - place);
            File.WriteAllBytes(path, [.. bytes]);
            if (Record.Exception(() => read(path)) is not { } error) continue;
            Assert.IsType<EvaluationException>(error);
            refused++;
        }
        return refused;
    }
}
