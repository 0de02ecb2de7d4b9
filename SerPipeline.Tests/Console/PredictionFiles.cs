using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Console;

/// <summary>Files of predictions of one model by different ways.</summary>
internal static class PredictionFiles
{
    /// <summary>
    /// Asserts that two files say the same of the same clips. A training scores through ML.NET's softmax, a model file through its graph's:
    /// float32's last bits may differ.
    /// </summary>
    public static void AreAlike(string one, string other)
    {
        PredictionSet a = PredictionsCsv.Read(one), b = PredictionsCsv.Read(other);
        Assert.Equal(a.Labels, b.Labels);
        Assert.Equal(a.Rows.Select(r => (r.Path, r.Speaker, r.Label, r.Predicted)),
            b.Rows.Select(r => (r.Path, r.Speaker, r.Label, r.Predicted)));
        Assert.Equal(a.Rows.SelectMany(r => r.Probabilities), b.Rows.SelectMany(r => r.Probabilities), (x, y) => Math.Abs(x - y) <= 1e-6);
    }
}
