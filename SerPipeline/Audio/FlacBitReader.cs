using System.Runtime.CompilerServices;

namespace SerPipeline.Audio;

/// <summary>Reads big-endian bit fields from a span through a 64-bit window.</summary>
internal ref struct FlacBitReader(ReadOnlySpan<byte> data, int position, string name)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _name = name;
    private int _position = position;
    // The next bits, first bit in the highest place. Bits below the valid ones may hold data already: refilling ORs in the same bits.
    private ulong _window;
    private int _valid;

    /// <summary>Index of the byte that holds the next bit.</summary>
    public readonly int BytePosition => _position - (_valid >> 3);

    /// <summary>Reads an unsigned integer of 0 to 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Read(int bits)
    {
        if (_valid < bits) Refill(bits);
        // C# takes shift counts modulo 64, so a shift by 64 needs two steps.
        uint value = (uint)(_window >> 1 >> (63 - bits));
        Consume(bits);
        return value;
    }

    /// <summary>Reads a two's complement integer of 0 to 33 bits.</summary>
    public long ReadSigned(int bits)
    {
        if (bits == 0) return 0;
        long high = bits > 32 ? Read(bits - 32) : 0;
        long value = (high << 32) | Read(Math.Min(bits, 32));
        return value << (64 - bits) >> (64 - bits);
    }

    /// <summary>Reads a unary code: the number of zeros before the next one.</summary>
    public uint ReadUnary()
    {
        uint zeros = 0;
        while (true)
        {
            if (_valid == 0) Refill(1);
            int run = BitOperations.LeadingZeroCount(_window);
            if (run < _valid)
            {
                Consume(run + 1);
                return zeros + (uint)run;
            }
            zeros += (uint)_valid;
            Consume(_valid);
        }
    }

    public void ReadRice(Span<long> residuals, int parameter)
    {
        for (int i = 0; i < residuals.Length; i++)
        {
            if (_valid < 56 && _position + 8 <= _data.Length) RefillWord();
            int run = BitOperations.LeadingZeroCount(_window);
            ulong folded;
            if (run + 1 + parameter <= _valid)
            {
                ulong rest = _window << run << 1;
                folded = ((ulong)run << parameter) | (rest >> 1 >> (63 - parameter));
                Consume(run + 1 + parameter);
            }
            else
            {
                folded = ((ulong)ReadUnary() << parameter) | Read(parameter);
            }
            residuals[i] = (long)(folded >> 1) ^ -(long)(folded & 1);
        }
    }

    public void AlignToByte() => Consume(_valid & 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Consume(int bits)
    {
        // At most 63 bits are valid, so the shift is below 64.
        _window <<= bits;
        _valid -= bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RefillWord()
    {
        _window |= BinaryPrimitives.ReadUInt64BigEndian(_data[_position..]) >> _valid;
        int bytes = (63 - _valid) >> 3;
        _position += bytes;
        _valid += bytes << 3;
    }

    private void Refill(int bits)
    {
        if (_position + 8 <= _data.Length)
        {
            RefillWord();
            return;
        }
        // Near the end, byte by byte; first clear what an earlier word left below the valid bits.
        _window = _valid == 0 ? 0 : _window & (ulong.MaxValue << (64 - _valid));
        while (_valid <= 55 && _position < _data.Length)
        {
            _window |= (ulong)_data[_position++] << (56 - _valid);
            _valid += 8;
        }
        if (_valid < bits)
            throw new AudioFormatException($"{_name}: this FLAC stream ends in the middle of a frame, at byte {_data.Length}: "
                + "the file is cut short; fetch it again.");
    }
}
