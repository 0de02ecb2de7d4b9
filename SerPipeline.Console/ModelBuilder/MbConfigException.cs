namespace SerPipeline.Console.ModelBuilder;

/// <summary>A configuration of Model Builder that cannot be read, or asks for what cannot be done here.</summary>
/// <param name="message">Which file, what was expected, what was found, and what to do.</param>
internal sealed class MbConfigException(string message) : SerPipelineException(message);
