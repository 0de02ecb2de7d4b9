using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

public class RunDetailsTests
{
    [Fact]
    public void Details_hold_intervals_speakers_and_sexes()
    {
        PredictionSet set = Predictions.Random(2, 60, 4);
        RunMetrics run = RunMetrics.From(MetricsFileTests.Protocol(null, 1), set.ToReport()).WithDetails(set);
        Assert.InRange(run.Uar, run.Intervals!.Uar[0], run.Intervals.Uar[1]);
        Assert.Equal(["speaker 0", "speaker 1", "speaker 2"], run.BySpeaker.Select(group => group.Name));
        Assert.Equal(["female", "male"], run.BySex.Select(group => group.Name));
        Assert.Equal(60, run.BySpeaker.Sum(group => group.Clips));
        Assert.Equal(run.Accuracy, run.BySpeaker.Sum(group => group.Accuracy * group.Clips) / 60, 1e-12);
    }

    [Fact]
    public void Predictions_of_another_run_are_refused() =>
        Assert.Throws<EvaluationException>(() => RunMetrics.From(MetricsFileTests.Protocol(null, 1),
            Predictions.Random(2, 60, 4).ToReport()).WithDetails(Predictions.Random(3, 60, 4)));

    [Fact]
    public void The_worst_group_has_the_lowest_uar_then_the_most_clips()
    {
        RunGroup[] groups = [new("a", 10, 0.5, 0, 0), new("b", 10, 0.4, 0, 0), new("c", 20, 0.4, 0, 0), new("d", 30, 0.9, 0, 0)];
        Assert.Equal("c", groups.WorstGroup()!.Name);
        Assert.Null(Array.Empty<RunGroup>().WorstGroup());
    }

    [Fact]
    public void Folds_are_put_together_once_each()
    {
        PredictionSet set = Predictions.Random(2, 60, 4);
        PredictionSet[] folds =
            [.. Enumerable.Range(0, 3).Select(fold => new PredictionSet(set.Labels, [.. set.Rows.Where((_, i) => i % 3 == fold)]))];
        Assert.Equal(set.ToReport().Confusion.Counts, PredictionPool.Pool(folds).ToReport().Confusion.Counts);
        Assert.Contains("in fold 1 and again in fold 4", Assert.Throws<EvaluationException>(() => PredictionPool.Pool([.. folds, folds[0]]))
            .Message, StringComparison.Ordinal);
        Assert.Contains("fold 2 has", Assert.Throws<EvaluationException>(() => PredictionPool.Pool([folds[0], Predictions.Random(1, 5, 3)]))
            .Message, StringComparison.Ordinal);
        Assert.Throws<EvaluationException>(() => PredictionPool.Pool([]));
    }
}
