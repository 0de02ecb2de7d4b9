namespace SerPipeline.Evaluation;

/// <summary>How a clip's prediction changed from A to B.</summary>
public enum ClipChange
{
    /// <summary>A was wrong, B is right.</summary>
    Fixed,

    /// <summary>A was right, B is wrong.</summary>
    Broken,

    /// <summary>Both are wrong, with different labels.</summary>
    StillWrong,
}

/// <summary>A clip that two systems say different things about.</summary>
/// <param name="Path">The clip's path.</param>
/// <param name="Speaker">Its speaker, or null.</param>
/// <param name="Label">Its true label.</param>
/// <param name="Change">How the prediction changed.</param>
/// <param name="PredictedA">What A says.</param>
/// <param name="ConfidenceA">The probability A gives to what it says; null without probabilities.</param>
/// <param name="PredictedB">What B says.</param>
/// <param name="ConfidenceB">The probability B gives to what it says; null without probabilities.</param>
public sealed record ChangedClip(string Path, string? Speaker, string Label, ClipChange Change, string PredictedA, double? ConfidenceA, string PredictedB, double? ConfidenceB);
