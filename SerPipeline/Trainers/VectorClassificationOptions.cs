using SerPipeline.Networks;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of the networks that read one vector a clip and are trained as plainly as the models they follow. Defaults that differ from
/// other trainers: a
/// constant learning rate, no weight decay, label smoothing or limit on gradients, no validation part, the last epoch kept, float32. The
/// vectors are taken as
/// they are; put a normalisation before for values far from 0.
/// </summary>
public abstract record VectorClassificationOptions : NeuralTrainerOptions
{
    private protected VectorClassificationOptions()
    {
        LearningRateSchedule = LearningRateScheduleKind.Constant;
        GradientClipNorm = 0;
        KeepLastEpoch = true;
        Precision = ComputePrecision.Float32;
    }

    internal override bool EpsilonHat => true;

    private protected virtual int LeastInputs => 1;

    internal override ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs)
    {
        int size = inputs[0].Size;
        if (size < LeastInputs)
            throw new SchemaException($"{Stage} needs vectors of at least {LeastInputs} values, but column '{FeatureColumnName}' is "
                + $"{inputs[0].Type}. "
                + "Shorten KernelSize or Filters.");
        return new VectorEncoder(size);
    }
}
