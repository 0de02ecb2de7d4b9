using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

/// <summary>Makes predictions for tests.</summary>
internal static class Predictions
{
    public static readonly string[] Emotions = ["angry", "happy", "neutral", "sad"];

    public static ClipPrediction Row(string label, string predicted, params float[] probabilities) =>
        new() { Path = $"{label}-{predicted}.wav", Label = label, Predicted = predicted, Probabilities = probabilities };

    /// <summary>Truth and prediction by index, without probabilities.</summary>
    public static PredictionSet Set(string[] labels, int[] truth, int[] predicted) =>
        new(labels, [.. truth.Zip(predicted, (t, p) => Row(labels[t], labels[p]))]);

    /// <summary>
    /// Random rows with random distributions: a softmax of normal draws; the prediction is the argmax seven times of ten.
    /// </summary>
    public static PredictionSet Random(long seed, int rows, int classes)
    {
        var random = new SeededRandom(seed);
        string[] labels = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];
        return new PredictionSet(labels, [.. Enumerable.Range(0, rows).Select(i =>
        {
            float[] p = Distribution(random, classes);
            int predicted = random.NextDouble() < 0.7 ? Array.IndexOf(p, p.Max()) : random.Next(classes);
            return new ClipPrediction
            {
                Path = $"{i}.wav",
                Speaker = $"speaker {random.Next(3)}",
                Sex = random.Next(2) == 0 ? "female" : "male",
                Label = labels[random.Next(classes)],
                Predicted = labels[predicted],
                Probabilities = p,
            };
        })]);
    }

    public static float[] Distribution(SeededRandom random, int classes)
    {
        double[] e = [.. Enumerable.Range(0, classes).Select(_ => Math.Exp(2 * random.NextNormal()))];
        return [.. e.Select(x => (float)(x / e.Sum()))];
    }
}
