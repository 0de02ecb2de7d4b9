using System.Globalization;
using SerPipeline.Reports;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>An epoch's figures in a line, what matters most first: a narrow terminal shows only the beginning.</summary>
internal static class EpochText
{
    /// <summary>The line.</summary>
    /// <param name="epoch">The figures.</param>
    public static string Of(TrainingMetrics epoch)
    {
        string loss = epoch.TrainLoss.ToString("0.000", CultureInfo.InvariantCulture);
        string rate = epoch.ExamplesPerSecond.ToString("0", CultureInfo.InvariantCulture);
        if (epoch.ValidationLoss is not { } validation || epoch.ValidationUar is not { } uar) return $"loss {loss}, {rate} clips/s";
        return string.Create(CultureInfo.InvariantCulture, $"validation UAR {Format.Score(uar)}, {rate} clips/s, loss {loss}, validation loss {validation:0.000}");
    }
}
