using System.Numerics;

namespace SerPipeline.Corpora.Fingerprints;

/// <summary>
/// Finds clips that have a frame in common, exactly or but for one weak bit: of two versions of one recording some frame nearly always comes through whole, and few
/// other clips have it. Each hit also tells how the two are aligned.
/// </summary>
internal sealed class FingerprintIndex
{
    private readonly IReadOnlyList<Fingerprint> _prints;
    private readonly uint[] _values;
    private readonly long[] _places; // clip * 2^32 + frame, in the order of the values

    public FingerprintIndex(IReadOnlyList<Fingerprint> prints)
    {
        _prints = prints;
        int count = prints.Sum(print => print.Sounding), n = 0;
        (_values, _places) = (new uint[count], new long[count]);
        for (int clip = 0; clip < prints.Count; clip++)
        {
            for (int frame = 0; frame < prints[clip].Frames; frame++)
            {
                if (!prints[clip].IsSounding[frame]) continue;
                _values[n] = prints[clip].Bits[frame];
                _places[n++] = ((long)clip << 32) | (uint)frame;
            }
        }
        Array.Sort(_values, _places);
    }

    /// <summary>Every other clip with a frame like one of this clip's, and the offsets at which the two are alike there.</summary>
    /// <param name="clip">The clip's position.</param>
    public HashSet<(int Clip, int Offset)> Candidates(int clip)
    {
        var found = new HashSet<(int, int)>();
        Fingerprint print = _prints[clip];
        for (int frame = 0; frame < print.Frames; frame++)
        {
            if (!print.IsSounding[frame]) continue;
            uint value = print.Bits[frame];
            AddEqual(value, clip, frame, found);
            for (uint weak = print.Weak[frame]; weak != 0; weak &= weak - 1) AddEqual(value ^ (1u << BitOperations.TrailingZeroCount(weak)), clip, frame, found);
        }
        return found;
    }

    private void AddEqual(uint value, int clip, int frame, HashSet<(int, int)> found)
    {
        for (int i = First(value); i < _values.Length && _values[i] == value; i++)
            if ((int)(_places[i] >> 32) is var other && other != clip) found.Add((other, (int)(uint)_places[i] - frame));
    }

    private int First(uint value)
    {
        int low = 0, high = _values.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_values[middle] < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
