namespace SerPipeline.Audio;

/// <summary>How the samples of headerless audio are stored; little-endian.</summary>
public enum PcmEncoding
{
    /// <summary>Signed, 16 bits: what <c>arecord</c>, <c>sox</c> and <c>ffmpeg</c> call <c>s16le</c>.</summary>
    Signed16,

    /// <summary>Signed, 24 bits in three bytes: <c>s24le</c>.</summary>
    Signed24,

    /// <summary>Signed, 32 bits: <c>s32le</c>.</summary>
    Signed32,

    /// <summary>Floating point, 32 bits: <c>f32le</c>.</summary>
    IeeeFloat,

    /// <summary>Unsigned, 8 bits: <c>u8</c>.</summary>
    Unsigned8,
}
