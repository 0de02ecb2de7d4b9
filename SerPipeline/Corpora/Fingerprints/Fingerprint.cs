using System.Numerics;

namespace SerPipeline.Corpora.Fingerprints;

/// <summary>
/// What a recording sounds like, robust to level, sample rate, coding and a cut or padded edge: 32 bits a frame after Haitsma and Kalker 2002, "A Highly Robust Audio
/// Fingerprinting System" (ISMIR). Made by <see cref="Fingerprinter"/>; 9 bytes of memory a frame of 16 ms, about 2 kB for 3.7 s.
/// </summary>
public sealed class Fingerprint
{
    private readonly uint[] _bits;
    private readonly uint[] _weak;
    private readonly bool[] _voiced;

    internal Fingerprint(uint[] bits, uint[] weak, bool[] voiced)
    {
        (_bits, _weak, _voiced) = (bits, weak, voiced);
        Sounding = voiced.Count(frame => frame);
    }

    /// <summary>Frames in all.</summary>
    public int Frames => _bits.Length;

    /// <summary>Frames that are no silence, the only ones compared; 0 for a silent clip, which resembles nothing.</summary>
    public int Sounding { get; }

    /// <summary>The frames' bits.</summary>
    internal ReadOnlySpan<uint> Bits => _bits;

    /// <summary>The bits of each frame that were decided by least, and so are the first to flip.</summary>
    internal ReadOnlySpan<uint> Weak => _weak;

    /// <summary>Which frames are no silence.</summary>
    internal ReadOnlySpan<bool> IsSounding => _voiced;

    /// <summary>The share of equal bits over the frames that sound in both, with this clip's frame <c>t</c> beside the other's <c>t + offset</c>.</summary>
    /// <param name="other">The other clip.</param>
    /// <param name="offset">Frames that the other lies behind.</param>
    /// <returns>The share, and how many frames were compared.</returns>
    internal (double Similarity, int Compared) Compare(Fingerprint other, int offset)
    {
        int from = Math.Max(0, -offset), to = Math.Min(_bits.Length, other._bits.Length - offset), compared = 0, differing = 0;
        for (int t = from; t < to; t++)
        {
            if (!_voiced[t] || !other._voiced[t + offset]) continue;
            compared++;
            differing += BitOperations.PopCount(_bits[t] ^ other._bits[t + offset]);
        }
        return (compared == 0 ? 0 : 1 - (differing / (32.0 * compared)), compared);
    }
}
