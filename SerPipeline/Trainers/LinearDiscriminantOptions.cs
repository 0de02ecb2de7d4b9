namespace SerPipeline.Trainers;

/// <summary>Options of <c>Trainers.LinearDiscriminant</c>.</summary>
public sealed record LinearDiscriminantOptions
{
    /// <summary>The key column with the truth.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The vector column to learn from; standardise it first, or the shrinkage weighs slots by their units.</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// How far the covariance is drawn towards a multiple of the identity, from 0 (not at all) to 1. 0 needs more clips than slots.
    /// </summary>
    public double Shrinkage { get; init; } = 0.3;

    /// <summary>
    /// What divides the scores: with many features a discriminant is far surer of itself than it is right. Null, the default: fitted (Guo
    /// et al. 2017, "On Calibration of Modern Neural Networks") on scores of five folds of the training rows, each scored by a discriminant
    /// of the others; folds of speakers where a split keeps speakers apart. With one to four speakers, and where no such
    /// discriminant can be fitted, it is 3. 1 leaves the scores as Fisher's analysis gives them. Predicted labels are the same with any.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(LinearDiscriminantOptions))
        .Require(!string.IsNullOrWhiteSpace(LabelColumnName), LabelColumnName, "name a column")
        .Require(!string.IsNullOrWhiteSpace(FeatureColumnName), FeatureColumnName, "name a column")
        .Require(FeatureColumnName != LabelColumnName, FeatureColumnName, "differ from LabelColumnName")
        .Require(Shrinkage is >= 0 and <= 1, Shrinkage, "be between 0 and 1")
        .Require(Temperature is null || (Temperature > 0 && double.IsFinite(Temperature.Value)), Temperature, "be above 0, or null")
        .ThrowIfAny();
}
