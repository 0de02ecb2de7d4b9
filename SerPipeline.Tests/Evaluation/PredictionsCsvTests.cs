using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

public class PredictionsCsvTests
{
    [Fact]
    public void The_layout_is_the_contract()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        PredictionsCsv.Write(path, new PredictionSet(["happy", "sad"],
        [
            new() { Path = "a/1.wav", Speaker = "01", Label = "happy", Predicted = "sad", Probabilities = [0.25f, 0.75f] },
            new() { Path = "a/2, take \"b\".wav", Label = "sad", Predicted = "sad", Probabilities = [0.1f, 0.9f] },
        ]));
        Assert.Equal(
            "path,speaker,label,predicted,probability_happy,probability_sad\n" +
            "a/1.wav,01,happy,sad,0.25,0.75\n" +
            "\"a/2, take \"\"b\"\".wav\",,sad,sad,0.1,0.9\n", File.ReadAllText(path));
    }

    [Fact]
    public void Rows_read_back_as_they_were_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        PredictionSet random = Predictions.Random(11, 100, 5);
        string[] paths = ["a,b.wav", "\"quoted\".wav", "été/名前 😀.wav", " spaces around ", "line\nbreak.wav", "=formula.wav",
            "back\\slash.wav", "'", "a\"b"];
        var written = new PredictionSet(random.Labels,
            [.. random.Rows.Select((row, i) =>
                row with { Path = i < paths.Length ? paths[i] : row.Path, Speaker = i % 7 == 0 ? null : row.Speaker })]);
        PredictionsCsv.Write(path, written);
        PredictionSet read = PredictionsCsv.Read(path);
        Assert.Equal(written.Labels, read.Labels);
        Assert.Equal(written.Rows.Count, read.Rows.Count);
        foreach ((ClipPrediction a, ClipPrediction b) in written.Rows.Zip(read.Rows))
        {
            Assert.Equal(a.Probabilities, b.Probabilities);
            Assert.Equal(a, b with { Probabilities = a.Probabilities });
        }
        Assert.Equal(written.ToReport().LogLoss, read.ToReport().LogLoss);
    }

    [Fact]
    public void Labels_may_hold_commas_and_column_names()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        PredictionsCsv.Write(path, new PredictionSet(["path", "calm, or bored"], [Predictions.Row("path", "calm, or bored", 0.5f, 0.5f)]));
        Assert.Equal(["path", "calm, or bored"], PredictionsCsv.Read(path).Labels);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("path,speaker,predicted,probability_a\n", "'label'")]
    [InlineData("path,path,speaker,label,predicted,probability_a\n", "'path'")]
    [InlineData("path,speaker,label,predicted\nx,,a,a\n", "probability_LABEL")]
    [InlineData("path,speaker,label,probability_a,predicted\n", "last columns")]
    [InlineData("path,speaker,label,predicted,probability_a,probability_a\n", "twice")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,a,a\n", "line 2, as its header has; found 4")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,a,a,1\ny,,a,a,1,9\n", "line 3")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,a,a,one\n", "'one'")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,a,a,\"1,0\"\n", "'1,0'")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,a,a,NaN\n", "clip 'x'")]
    [InlineData("path,speaker,label,predicted,probability_a\nx,,b,a,1\n", "found 'b'")]
    [InlineData("path,speaker,label,predicted,probability_a\n\"x,,a,a,1\n", "malformed")]
    [InlineData("path;speaker;label;predicted;probability_a\nx;;a;a;1\n", "'path'")]
    public void A_malformed_file_is_refused_with_its_place(string content, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        File.WriteAllText(path, content);
        var error = Assert.Throws<EvaluationException>(() => PredictionsCsv.Read(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf_8_and_absent_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("predictions.csv");
        File.WriteAllBytes(path, [.. "path,speaker,label,predicted,probability_a\n"u8, 0xFF, 0xFE, .. ",,a,a,1\n"u8]);
        Assert.Contains("UTF-8", Assert.Throws<EvaluationException>(() => PredictionsCsv.Read(path)).Message, StringComparison.Ordinal);
        Assert.Throws<EvaluationException>(() => PredictionsCsv.Read(folder.File("absent.csv")));
    }

    [Fact]
    public void Predictions_without_probabilities_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<EvaluationException>(() => PredictionsCsv.Write(folder.File("p.csv"), Predictions.Set(["a", "b"], [0], [1])));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
