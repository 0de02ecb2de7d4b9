namespace SerPipeline.Audio;

/// <summary>How samples are stored in a WAV file.</summary>
public enum WavEncoding
{
    /// <summary>16-bit integers: what nearly every program reads.</summary>
    Pcm16,

    /// <summary>24-bit integers.</summary>
    Pcm24,

    /// <summary>32-bit floats: every sample bit for bit, also beyond [-1, 1].</summary>
    IeeeFloat,
}
