namespace SerPipeline;

/// <summary>The base of every error this library raises on purpose: the message says what was expected, what was found, where, and what to do.</summary>
public class SerPipelineException : Exception
{
    /// <summary>Creates the error with its message.</summary>
    /// <param name="message">What was expected, what was found, where, and what to do.</param>
    public SerPipelineException(string message) : base(message) { }

    /// <summary>Creates the error with its message and the error that caused it.</summary>
    /// <param name="message">What was expected, what was found, where, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public SerPipelineException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>Bytes that are no audio this library can read, or audio that is damaged.</summary>
public sealed class AudioFormatException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public AudioFormatException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public AudioFormatException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A corpus, manifest or split that cannot be used as asked.</summary>
public sealed class CorpusException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public CorpusException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public CorpusException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>Whether the place named was found and read, but held no usable clip.</summary>
    public bool HasNoClips { get; init; }
}

/// <summary>A model file that is damaged, truncated, foreign or newer than this library.</summary>
public sealed class ModelFormatException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public ModelFormatException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public ModelFormatException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A chain, stage or layer that has no form in ONNX; the message says which, and why.</summary>
public sealed class ModelExportException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public ModelExportException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public ModelExportException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A chain whose columns do not fit together: raised before any data is read.</summary>
public sealed class SchemaException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public SchemaException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public SchemaException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>libtorch could not be loaded, or was asked for something it cannot do.</summary>
public sealed class TorchException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public TorchException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public TorchException(string message, Exception? innerException) : base(message, innerException) { }
}

/// <summary>A file of features or labels that is absent, damaged, of another kind, or does not fit the file beside it.</summary>
public sealed class FeatureFileException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public FeatureFileException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public FeatureFileException(string message, Exception? innerException) : base(message, innerException) { }
}
