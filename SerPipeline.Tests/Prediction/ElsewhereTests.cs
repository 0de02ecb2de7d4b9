using System.Globalization;
using Microsoft.ML;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>A whole chain, saved by ml.Model.Save, in a process of its own.</summary>
public sealed class ElsewhereTests(FittedChains chains)
{
    private const string Variable = "SER_TEST_CHAIN";

    /// <summary>The other process: opens the chain that the environment names, and scores the clips beside it from their paths.</summary>
    [Fact(Explicit = true)]
    public void Opened()
    {
        string path = Environment.GetEnvironmentVariable(Variable) ?? "";
        Assert.SkipWhen(path.Length == 0, "started by another test");
        var ml = new MLContext();
        ITransformer loaded = ml.Model.Load(path, out DataViewSchema input);
        using PredictionEngine<FittedChains.Clip, Prediction> engine =
            ml.Model.CreatePredictionEngine<FittedChains.Clip, Prediction>(loaded, inputSchema: input);
        File.WriteAllLines(path + ".scores", File.ReadAllLines(path + ".clips")
            .Select(clip => engine.Predict(new() { File = clip, Emotion = "sad" }))
            .Select(p => string.Join(' ', p.Score.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))));
    }

    [Theory]
    [InlineData("images")]
    [InlineData("linear")]
    public void The_whole_chain_predicts_from_a_path(string name)
    {
        ITransformer model = chains.Named(name);
        string path = chains.File($"elsewhere-{name}.zip");
        chains.Context.Model.Save(model, chains.Clips.Schema, path);
        File.WriteAllLines(path + ".clips", chains.Paths.Take(6));
        (int code, string output, string error) = Programs.RunApart("env", $"{Variable}={path}", "dotnet", "exec",
            typeof(ElsewhereTests).Assembly.Location, "-explicit", "only",
            "-method", $"{typeof(ElsewhereTests).FullName}.{nameof(Opened)}");
        Assert.True(code == 0, output + error);
        Assert.Matches("Total: 1,.*Skipped: 0", output);
        Assert.Equal("", error);
        float[][] expected = chains.Scores(name)[..6],
            found = [.. File.ReadLines(path + ".scores")
                .Select(line => line.Split(' ').Select(score => float.Parse(score, CultureInfo.InvariantCulture)).ToArray())];
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], (a, b) => Math.Abs(a - b) <= 1e-4);
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
