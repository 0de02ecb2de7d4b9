namespace SerPipeline.Corpora.Download;

/// <summary>A corpus that could not be downloaded, verified or unpacked.</summary>
public sealed class DownloadException : SerPipelineException
{
    /// <inheritdoc cref="SerPipelineException(string)"/>
    public DownloadException(string message) : base(message) { }

    /// <inheritdoc cref="SerPipelineException(string, Exception)"/>
    public DownloadException(string message, Exception? innerException) : base(message, innerException) { }
}
