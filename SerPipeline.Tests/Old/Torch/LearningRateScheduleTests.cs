using SerPipeline.Old.Torch.Optimizers;


namespace SerPipeline.Tests.Old.Torch;

public class LearningRateScheduleTests
{
    [Fact]
    public void Constant_and_step_rates()
    {
        Assert.Equal(0.3, LearningRateSchedule.Constant(0.3).At(1_000_000));
        LearningRateSchedule step = LearningRateSchedule.Step(1, everySteps: 10, factor: 0.5);
        Assert.Equal([1, 1, 0.5, 0.25], new long[] { 0, 9, 10, 29 }.Select(step.At));
    }

    [Fact]
    public void Cosine_warms_up_in_a_line_and_falls_along_half_a_cosine()
    {
        LearningRateSchedule schedule = LearningRateSchedule.Cosine(1, totalSteps: 14, warmupSteps: 4, finalRate: 0.2);
        double[] expected = [0.2, 0.4, 0.6, 0.8, 1, 0.2 + (0.8 * (1 + Math.Cos(Math.PI * 0.1)) / 2)];
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], schedule.At(i), 1e-12);
        Assert.Equal(0.6, schedule.At(9), 1e-12);
        Assert.Equal(schedule.At(13), schedule.At(99), 1e-12);
        for (long step = 5; step < 14; step++) Assert.True(schedule.At(step) < schedule.At(step - 1));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void A_final_rate_lies_between_zero_and_the_highest(double finalRate) =>
        Assert.Contains("finalRate", Assert.Throws<TorchException>(() => LearningRateSchedule.Cosine(1, 10, finalRate: finalRate)).Message, StringComparison.Ordinal);

    [Fact]
    public void One_cycle_meets_its_corners()
    {
        // By the definition of PyTorch's OneCycleLR(max_lr=1, total_steps=10): it starts at 1/25, tops at step 0.3 * 10 - 1 = 2,
        // and ends at 1/25e4 at step 9; half way down, step 5.5, lies half way between.
        LearningRateSchedule schedule = LearningRateSchedule.OneCycle(1, 10);
        Assert.Equal(0.04, schedule.At(0), 1e-12);
        Assert.Equal(0.52, schedule.At(1), 1e-12);
        Assert.Equal(1, schedule.At(2), 1e-12);
        Assert.Equal(1 + 4e-6, schedule.At(5) + schedule.At(6), 1e-9);
        Assert.Equal(4e-6, schedule.At(9), 1e-12);
        Assert.Equal(1, LearningRateSchedule.OneCycle(1, 10, warmupFraction: 0.1).At(0), 1e-12);
    }

    [Fact]
    public void Unusable_settings_are_refused()
    {
        Assert.Throws<TorchException>(() => LearningRateSchedule.Constant(0));
        Assert.Throws<TorchException>(() => LearningRateSchedule.Cosine(1, totalSteps: 5, warmupSteps: 5));
        Assert.Throws<TorchException>(() => LearningRateSchedule.OneCycle(1, 10, warmupFraction: 1));
        Assert.Throws<TorchException>(() => LearningRateSchedule.Step(1, 0));
        Assert.Throws<TorchException>(() => LearningRateSchedule.Constant(1).At(-1));
    }
}
