using SerPipeline.Pipeline;

namespace SerPipeline.Console.Prediction;

/// <summary>What a model says about one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">The most probable label.</param>
/// <param name="Probabilities">One a label, in the model's order.</param>
internal sealed record FilePrediction(string Path, string Label, float[] Probabilities)
{
    /// <summary>The probability of <see cref="Label"/>.</summary>
    public float Probability => Probabilities.Max();

    /// <summary>Reads scored rows.</summary>
    /// <param name="scored">What a model's <c>Transform</c> gave.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static IReadOnlyList<FilePrediction> Of(IDataView scored, CancellationToken cancellation)
    {
        DataViewSchema.Column path = scored.Schema["Path"], label = scored.Schema["PredictedLabel"], score = scored.Schema["Score"];
        using DataViewRowCursor cursor = scored.GetRowCursor([path, label, score]);
        ValueGetter<string> getPath = cursor.GetGetter<string>(path), getLabel = cursor.GetGetter<string>(label);
        ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(score);
        var predictions = new List<FilePrediction>();
        string file = "", predicted = "";
        VBuffer<float> scores = default;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            getPath(ref file);
            getLabel(ref predicted);
            getScore(ref scores);
            predictions.Add(new FilePrediction(file, predicted, scores.GetValues().ToArray()));
        }
        return predictions;
    }
}
