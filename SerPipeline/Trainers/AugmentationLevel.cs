namespace SerPipeline.Trainers;

/// <summary>What is done to training images, as one choice.</summary>
public enum AugmentationLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Time roll and masks; mixup too, but not in <c>SpectrogramRecipe</c>.</summary>
    Masks,

    /// <summary>These, and speed perturbation.</summary>
    Full,
}
