using System.Buffers.Binary;
using System.Text;

namespace SerPipeline.Old.Models.MlNet;

/// <summary>
/// One component of an ML.NET model: its <c>Model.key</c> stream, a header of 256 bytes, a body, the strings that the body names by number, and the assembly that reads
/// it. The layout is that of ML.NET's ModelHeader, unchanged since 1.0.
/// </summary>
internal sealed class ModelKeyWriter
{
    internal const int HeaderBytes = 256;
    internal const ulong Magic = 0x4C45444F4D004C4D, TailMagic = 0x4D4C004D4F44454C;
    internal const uint FormatVersion = 0x00010002;
    internal const int SignatureAt = 0x40, LoaderAt = 0x50, NameBytes = 24;

    private readonly string _signature, _loader, _assembly;
    private readonly uint _written, _readable;
    private readonly List<byte> _body = [];
    private readonly List<string> _strings = [];

    /// <param name="signature">Eight characters; a space is written as 0.</param>
    /// <param name="written">The version of the body.</param>
    /// <param name="readable">The oldest version whose readers take it.</param>
    /// <param name="loader">What ML.NET registers its reader under.</param>
    /// <param name="assembly">The simple name of the assembly that holds it.</param>
    public ModelKeyWriter(string signature, uint written, uint readable, string loader, string assembly)
    {
        (_signature, _written, _readable, _loader) = (signature, written, readable, loader);
        // The name and key that Microsoft's builds carry; their assembly version has stood at 1.0.0.0 since 1.0.
        _assembly = $"{assembly}, Version=1.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51";
    }

    public ModelKeyWriter Int32(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _body.AddRange(bytes);
        return this;
    }

    public ModelKeyWriter Single(float value) => Int32(BitConverter.SingleToInt32Bits(value));

    public ModelKeyWriter Byte(byte value)
    {
        _body.Add(value);
        return this;
    }

    /// <summary>A string, kept once however often it is named.</summary>
    public ModelKeyWriter Text(string value)
    {
        int id = _strings.IndexOf(value);
        if (id < 0)
        {
            id = _strings.Count;
            _strings.Add(value);
        }
        return Int32(id);
    }

    public byte[] ToArray()
    {
        byte[] characters = Encoding.Unicode.GetBytes(string.Concat(_strings)), assembly = Encoding.Unicode.GetBytes(_assembly);
        long body = _body.Count, table = HeaderBytes + body, chars = table + (sizeof(long) * _strings.Count), name = chars + characters.Length, tail = name + assembly.Length;
        byte[] all = new byte[tail + sizeof(ulong)];
        void UInt32(long at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(all.AsSpan((int)at), value);
        void Int64(long at, long value) => BinaryPrimitives.WriteInt64LittleEndian(all.AsSpan((int)at), value);
        // 1. Header.
        Int64(0x00, unchecked((long)Magic));
        UInt32(0x08, FormatVersion);
        UInt32(0x0C, FormatVersion);
        Int64(0x10, HeaderBytes);
        Int64(0x18, body);
        if (_strings.Count > 0)
        {
            Int64(0x20, table);
            Int64(0x28, sizeof(long) * _strings.Count);
            Int64(0x30, chars);
            Int64(0x38, characters.Length);
        }
        Encoding.ASCII.GetBytes(_signature.Replace(' ', '\0')).CopyTo(all, SignatureAt);
        UInt32(0x48, _written);
        UInt32(0x4C, _readable);
        Encoding.ASCII.GetBytes(_loader).CopyTo(all, LoaderAt);
        Int64(0x80, tail);
        Int64(0x88, all.Length);
        Int64(0x90, name);
        UInt32(0x98, (uint)assembly.Length);
        // 2. Body, ends of the strings, strings, assembly, tail.
        _body.CopyTo(all, HeaderBytes);
        long end = 0;
        for (int i = 0; i < _strings.Count; i++) Int64(table + (sizeof(long) * i), end += 2 * _strings[i].Length);
        characters.CopyTo(all, chars);
        assembly.CopyTo(all, name);
        Int64(tail, unchecked((long)TailMagic));
        return all;
    }
}
