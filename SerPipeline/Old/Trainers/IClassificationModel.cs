using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>A fitted stage that classifies: one trained network, or several as one.</summary>
public interface IClassificationModel
{
    /// <summary>What the classes are called, in the order of the scores.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>How the training went.</summary>
    TrainingHistory History { get; }

    /// <summary>Every layer.</summary>
    IReadOnlyList<LayerDescription> Describe();
}
