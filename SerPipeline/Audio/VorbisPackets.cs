using NVorbis;
using NVorbis.Contracts;
using IPacketProvider = NVorbis.Contracts.IPacketProvider;

namespace SerPipeline.Audio;

/// <summary>
/// Packets for NVorbis's decoder without their places in the file: its own reader of Ogg looks for some of them without end where pages
/// contradict each other, or where a file ends earlier than its last packet.
/// </summary>
internal sealed class VorbisPackets(IEnumerable<byte[]> packets) : IPacketProvider, IDisposable
{
    private readonly IEnumerator<byte[]> _packets = packets.GetEnumerator();
    private VorbisPacket? _next;

    public bool CanSeek => false;

    public int StreamSerial => 0;

    public IPacket? GetNextPacket()
    {
        IPacket? packet = PeekNextPacket();
        _next = null;
        return packet;
    }

    public IPacket? PeekNextPacket() => _next ??= _packets.MoveNext() ? new VorbisPacket(_packets.Current) : null;

    public long SeekTo(long granulePos, int preRoll, GetPacketGranuleCount getPacketGranuleCount) => throw new NotSupportedException();

    public long GetGranuleCount() => throw new NotSupportedException();

    public void Dispose() => _packets.Dispose();

    private sealed class VorbisPacket(byte[] bytes) : DataPacket
    {
        private int _at;

        protected override int TotalBits => 8 * bytes.Length;

        public override void Reset()
        {
            _at = 0;
            base.Reset();
        }

        protected override int ReadNextByte() => _at < bytes.Length ? bytes[_at++] : -1;
    }
}
