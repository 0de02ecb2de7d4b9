using System.IO.Hashing;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Features;

namespace SerPipeline.Transforms;

/// <summary>
/// Computed features on disk, one small file a value, under a name made of the audio's content and every parameter that shaped them. A
/// damaged or
/// half-written entry is as good as none: its checksum fails and it is computed again.
/// </summary>
internal sealed class FeatureCache(string folder)
{
    // Layout: magic, version, kind, two sizes, checksum of the payload, payload.
    private const uint Magic = 0x46524553; // "SERF"
    private const int Version = 1;
    private const int HeaderBytes = 28;
    private const int VectorKind = 1, ImageKind = 2;

    /// <summary>Whether a stage's values have a place here: audio is larger than what it is made of.</summary>
    public static bool Holds(RowTransformer stage) => stage is not (LoadAudioTransformer or PrepareWaveformTransformer);

    /// <summary>A value: float[], or a grey image; null when there is none of that type.</summary>
    public object? TryRead(string key, DataViewType type)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(PathOf(key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        if (bytes.Length < HeaderBytes) return null;
        ReadOnlySpan<byte> header = bytes.AsSpan(0, HeaderBytes), payload = bytes.AsSpan(HeaderBytes);
        int kind = Int(header, 8), first = Int(header, 12), second = Int(header, 16);
        if (Int(header, 0) != unchecked((int)Magic) || Int(header, 4) != Version) return null;
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[20..]) != XxHash3.HashToUInt64(payload)) return null;
        return (kind, type) switch
        {
            (VectorKind, VectorDataViewType) when (long)first * sizeof(float) == payload.Length =>
                MemoryMarshal.Cast<byte, float>(payload).ToArray(),
            (ImageKind, ImageDataViewType) when (long)first * second == payload.Length => new GrayImage(first, second, payload.ToArray()),
            _ => null,
        };
    }

    public void Write(string key, object value)
    {
        (int kind, int first, int second) = value switch
        {
            float[] vector => (VectorKind, vector.Length, 1),
            GrayImage image => (ImageKind, image.Height, image.Width),
            _ => throw new InvalidOperationException(
                $"A {value.GetType().Name} cannot be cached: {nameof(Holds)} must leave out the stage that gives it."),
        };
        ReadOnlySpan<byte> payload = value is float[] floats ? MemoryMarshal.AsBytes<float>(floats) : ((GrayImage)value).Pixels;
        var bytes = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), kind);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), first);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), second);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(20), XxHash3.HashToUInt64(payload));
        payload.CopyTo(bytes.AsSpan(HeaderBytes));
        Store(PathOf(key), bytes);
    }

    // No flush to disk here, unlike AtomicFile: the checksum makes a torn entry harmless, and a flush a clip would cost more than the
    // feature.
    private static void Store(string path, byte[] bytes)
    {
        string temporary = AtomicFile.Beside(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            // Windows refuses to replace a file that is being read: somebody else has just stored the same value.
            if (File.Exists(path)) return;
            // An error of the disk must not be taken for one of the clip, which would be left out.
            throw new SerPipelineException(
                $"The feature cache could not write '{path}': {e.Message} "
                + "Make room there, or set CacheDirectory to a folder that can be written, or to null.", e);
        }
    }

    private static int Int(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt32LittleEndian(header[at..]);

    private string PathOf(string key) => Path.Combine(folder, key[..2], key + ".bin");
}
