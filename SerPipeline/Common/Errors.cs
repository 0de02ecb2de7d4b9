namespace SerPipeline;

/// <summary>Base of all exceptions of this library.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public class SerPipelineException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A file is not audio that can be decoded, or is damaged.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class AudioFormatException(string message, Exception? innerException = null)
    : SerPipelineException(message, innerException);

/// <summary>A corpus, manifest or split cannot be used as requested.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class CorpusException(string message, Exception? innerException = null) : SerPipelineException(message, innerException)
{
    /// <summary>Whether the folder or file was found and read, but contains no usable clip.</summary>
    public bool HasNoClips { get; init; }
}

/// <summary>A model file is damaged, truncated, of another format, or of a newer version.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class ModelFormatException(string message, Exception? innerException = null)
    : SerPipelineException(message, innerException);

/// <summary>A chain, stage or layer has no ONNX form.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class ModelExportException(string message, Exception? innerException = null)
    : SerPipelineException(message, innerException);

/// <summary>Columns of a chain do not fit together; thrown before any data is read.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class SchemaException(string message, Exception? innerException = null) : SerPipelineException(message, innerException);

/// <summary>libtorch cannot be loaded or does not support an operation.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class TorchException(string message, Exception? innerException = null) : SerPipelineException(message, innerException);

/// <summary>A file of features or labels is missing, damaged, of another type, or does not match the file it belongs to.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class FeatureFileException(string message, Exception? innerException = null)
    : SerPipelineException(message, innerException);

/// <summary>A checkpoint or an unfinished run cannot be gone on with: it is damaged, in use, or belongs to another training.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class ResumeException(string message, Exception? innerException = null) : SerPipelineException(message, innerException);
