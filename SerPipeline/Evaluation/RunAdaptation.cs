namespace SerPipeline.Evaluation;

/// <summary>How a run's model adapted to test speakers: what <c>metrics.json</c> calls <c>adaptation</c>.</summary>
/// <param name="Clips">Clips that it heard of each test speaker before, without their emotions.</param>
/// <param name="Uars">The UAR of each random draw of those clips, on the clips that were not drawn.</param>
public sealed record RunAdaptation(int Clips, IReadOnlyList<double> Uars)
{
    /// <summary>The mean over the draws. The run's own <see cref="RunMetrics.Uar"/> is over every clip once, each from the first draw that
    /// left it out.</summary>
    public double Uar => Uars.Average();

    internal static RunAdaptation? Of(int clips, IReadOnlyList<PredictionSet> draws) => clips == 0 || draws.Count == 0 ? null
        : new(clips, [.. draws.Select(draw => draw.ToReport().Uar)]);
}
