using System.Buffers.Binary;
using System.Text;

namespace SerPipeline.Tests.Audio;

/// <summary>Builds audio files byte by byte, so that a reader is tested against the formats' definitions and not against our own
/// writer.</summary>
internal static class AudioBytes
{
    public static byte[] Chunk(string id, byte[] body, uint? statedSize = null, bool pad = true) =>
        [.. Encoding.Latin1.GetBytes(id), .. U32(statedSize ?? (uint)body.Length), .. body, .. new byte[pad ? body.Length & 1 : 0]];

    public static byte[] BigChunk(string id, byte[] body) =>
        [.. Encoding.Latin1.GetBytes(id), .. BigU32((uint)body.Length), .. body, .. new byte[body.Length & 1]];

    public static byte[] Riff(params byte[][] chunks) => Riff("RIFF", null, chunks);

    public static byte[] Riff(string id, uint? statedSize, params byte[][] chunks)
    {
        byte[] body = [.. chunks.SelectMany(c => c)];
        return [.. Encoding.Latin1.GetBytes(id), .. U32(statedSize ?? (uint)body.Length + 4), .. "WAVE"u8, .. body];
    }

    public static byte[] Format(int tag, int channels, int rate, int bits, int? blockAlign = null, byte[]? extension = null)
    {
        int align = blockAlign ?? channels * ((bits + 7) / 8);
        byte[] rates = [.. U32((uint)rate), .. U32((uint)(rate * align))];
        return Chunk("fmt ", [.. U16(tag), .. U16(channels), .. rates, .. U16(align), .. U16(bits), .. extension ?? []]);
    }

    /// <summary>The extension of WAVE_FORMAT_EXTENSIBLE: valid bits, speaker mask, and a GUID that begins with the format tag.</summary>
    public static byte[] Extensible(int tag, int validBits) =>
        [.. U16(22), .. U16(validBits), .. U32(0), .. U16(tag), .. Convert.FromHexString("000000001000800000AA00389B71")];

    public static byte[] Wav16(int rate, int channels, params short[] samples) =>
        Riff(Format(1, channels, rate, 16), Chunk("data", Pcm16(samples)));

    public static byte[] Pcm16(params short[] samples) => [.. samples.SelectMany(s => U16(s))];

    public static byte[] U16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, unchecked((ushort)value));
        return bytes;
    }

    public static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] BigU32(uint value) => [.. U32(value).Reverse()];

    public static byte[] BigU16(int value) => [.. U16(value).Reverse()];

    public static byte[] Aiff(string? compression, int channels, int frames, int bits, byte[] rate, byte[] data, params byte[][] before)
    {
        byte[] common = [.. BigU16(channels), .. BigU32((uint)frames), .. BigU16(bits), .. rate];
        if (compression is not null) common = [.. common, .. Encoding.Latin1.GetBytes(compression), 0, 0];
        byte[] body =
        [
            .. Encoding.Latin1.GetBytes(compression is null ? "AIFF" : "AIFC"), .. before.SelectMany(c => c),
            .. BigChunk("COMM", common), .. BigChunk("SSND", [.. BigU32(0), .. BigU32(0), .. data]),
        ];
        return [.. "FORM"u8, .. BigU32((uint)body.Length), .. body];
    }

    /// <summary>22,050 and 44,100 Hz as 80-bit extended numbers, from the AIFF specification's own examples.</summary>
    public static readonly byte[] Rate22050 = Convert.FromHexString("400DAC44000000000000");
    public static readonly byte[] Rate44100 = Convert.FromHexString("400EAC44000000000000");
}
