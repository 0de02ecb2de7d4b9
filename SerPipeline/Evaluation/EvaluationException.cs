namespace SerPipeline.Evaluation;

/// <summary>
/// Predictions, metrics or run files that cannot be used: the message says what was expected, what was found, where, and what to do.
/// </summary>
public sealed class EvaluationException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public EvaluationException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public EvaluationException(string message, Exception? innerException) : base(message, innerException) { }
}
