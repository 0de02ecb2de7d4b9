namespace SerPipeline.Evaluation;

/// <summary>Predictions, metrics or run files that cannot be used.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class EvaluationException(string message, Exception? innerException = null) : SerPipelineException(message, innerException);
