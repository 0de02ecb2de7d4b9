using System.Buffers.Binary;
using System.Text;
using SerPipeline.Old.Torch;

namespace SerPipeline.Tests.Old.Torch;

public class SafeTensorsTests
{
    [Fact]
    public void Tensors_of_every_type_come_back_with_their_text()
    {
        using var scope = TensorScope.New();
        var tensors = new Dictionary<string, TensorData>
        {
            ["flag"] = new(ScalarType.Bool, [3], new byte[] { 1, 0, 1 }),
            ["weight"] = TensorData.From([1.5f, float.NaN, -0f, 4f], 2, 2),
            ["count"] = TensorData.From([7L], []),
            ["half"] = Tensor.From([1f, -2f], 2).To(ScalarType.BFloat16).ToData(),
            ["none"] = TensorData.From(Array.Empty<float>(), 0, 5),
        };
        byte[] file = Bytes(tensors, new Dictionary<string, string> { ["format"] = "pt", ["naïve \"name\""] = "ü" });
        IReadOnlyDictionary<string, TensorData> read = SafeTensors.Read(new MemoryStream(file), out IReadOnlyDictionary<string, string> metadata);
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        foreach ((string name, TensorData data) in tensors)
        {
            Assert.Equal(data.ToString(), read[name].ToString());
            Assert.Equal(data.Bytes.ToArray(), read[name].Bytes.ToArray());
        }
        Assert.Equal("ü", metadata["naïve \"name\""]);
        Assert.Equal(file, Bytes(tensors.Reverse().ToDictionary(), new Dictionary<string, string> { ["naïve \"name\""] = "ü", ["format"] = "pt" }));
    }

    [Fact]
    public void The_layout_is_the_published_one()
    {
        byte[] file = Bytes(new() { ["b"] = TensorData.From([1f, 2f], 2), ["a"] = TensorData.From([3f], 1) }, null);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, (8 + length) % 8);
        Assert.Equal("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
            Encoding.UTF8.GetString(file, 8, length).TrimEnd());
        Assert.Equal(3f, BitConverter.ToSingle(file, 8 + length));
        Assert.Equal(8 + length + 12, file.Length);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "bytes follow")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8, "got F64")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "8 bytes long for float32[2], got 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "at least 0 in 'shape', got -1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "got 1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "fits in memory")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "placed at 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "placed at 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}""", 8, "[begin, end]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "'data_offsets'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":7}""", 0, "a JSON object")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "must be text")]
    [InlineData("[1]", 0, "a JSON object")]
    [InlineData("{\"a\"", 0, "no JSON")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "no JSON")]
    [InlineData("{\"\u00ff\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "no JSON")]
    [InlineData("{\"a\":{\"dtype\":\"\u00ff\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "no JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]}}""", 100, "ends after 100")]
    public void Damaged_files_are_refused(string header, int dataBytes, string message)
    {
        // Latin-1 lets a row hold bytes that are no UTF-8.
        byte[] json = Encoding.Latin1.GetBytes(header), file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        Assert.Contains(message, Assert.Throws<ModelFormatException>(() => SafeTensors.Read(new MemoryStream(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused()
    {
        byte[] file = Bytes(new() { ["a"] = TensorData.From([1f, 2f], 2) }, null);
        for (int length = 0; length < file.Length; length++)
            Assert.Throws<ModelFormatException>(() => SafeTensors.Read(new MemoryStream(file[..length])));
        byte[] huge = [.. file];
        BinaryPrimitives.WriteUInt64LittleEndian(huge, ulong.MaxValue);
        Assert.Contains("no safetensors file", Assert.Throws<ModelFormatException>(() => SafeTensors.Read(new MemoryStream(huge))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_must_be_as_long_as_its_shape_says()
    {
        Assert.Contains("must have 8 bytes, got 7", Assert.Throws<TorchException>(() => new TensorData(ScalarType.Float32, [2], new byte[7])).Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => TensorData.From([1L], 1).ToFloats());
        Assert.Throws<TorchException>(() => SafeTensors.Write(new MemoryStream(), new Dictionary<string, TensorData> { ["__metadata__"] = TensorData.From([1f], 1) }));
    }

    private static byte[] Bytes(Dictionary<string, TensorData> tensors, Dictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
