using SerPipeline.Old.Torch.Optimizers;


namespace SerPipeline.Old.Trainers;

/// <summary>Makes the schedule that a trainer's options name.</summary>
internal static class Schedules
{
    public static LearningRateSchedule Create(NeuralTrainerOptions options, int steps) => options.LearningRateSchedule switch
    {
        // One step leaves nothing to go up or down over: a tiny data set for one epoch.
        _ when steps == 1 => LearningRateSchedule.Constant(options.LearningRate),
        LearningRateScheduleKind.Constant => LearningRateSchedule.Constant(options.LearningRate),
        LearningRateScheduleKind.Cosine => LearningRateSchedule.Cosine(options.LearningRate, steps, warmupSteps: steps / 10),
        LearningRateScheduleKind.OneCycle => LearningRateSchedule.OneCycle(options.LearningRate, steps),
        LearningRateScheduleKind.Step => LearningRateSchedule.Step(options.LearningRate, everySteps: Math.Max(1, (steps + 2) / 3), factor: 0.1),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.LearningRateSchedule, "Unknown schedule."),
    };
}
