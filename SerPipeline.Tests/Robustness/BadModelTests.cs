using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.ML;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;

namespace SerPipeline.Tests.Robustness;

/// <summary>Model files as users of ML.NET reported them, and as an attacker would make them; docs/reliability.md names the
/// reports.</summary>
public sealed class BadModelTests(ToneModel tones)
{
    // In the program's folder, and used by no test of this class.
    private const string Unloaded = "ICSharpCode.SharpZipLib";

    private byte[] Whole { get; } = File.ReadAllBytes(tones.Path);

    [Fact]
    public void What_is_no_model_is_named()
    {
        byte[] inner = ZipCases.Zip([("model.zip", Whole)]);
        byte[] below = ZipCases.Zip(ZipCases.Entries(Whole).Select(entry => ("run-1/" + entry.Key, entry.Value)));
        Assert.Contains("a zip around 'model.zip'", Refused(inner), StringComparison.Ordinal);
        Assert.Contains("in its folder 'run-1/'", Refused(below), StringComparison.Ordinal);
        byte[] pointer = Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n");
        Assert.Contains("git lfs pull", Refused(pointer), StringComparison.Ordinal);
        Assert.Contains("HTML page", Refused(Encoding.ASCII.GetBytes("<!DOCTYPE html><html></html>")), StringComparison.Ordinal);
        Assert.Contains("an empty file", Refused([]), StringComparison.Ordinal);
        Assert.Contains("truncated or damaged", Refused(Whole[..^100]), StringComparison.Ordinal);
        // The stream was disposed of, or read from its middle.
        Assert.Contains("truncated or damaged", Refused(Whole[10..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../up.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("..\\up.txt")]
    public void A_name_that_leads_out_is_refused(string name) =>
        Assert.Contains("leads out", Refused(Listed([(name, [1])])), StringComparison.Ordinal);

    [Fact]
    public void Zeros_made_to_fill_memory_are_refused_before_they_do()
    {
        byte[] bomb = Listed([("SerPipeline/zeros", new byte[300 << 20])]);
        Assert.InRange(bomb.Length, 0, 4 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("made to fill memory", Refused(bomb), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L << 20);
    }

    // ML.NET loads whatever assembly a zip names, and runs its initializers.
    [Fact]
    public void A_model_cannot_make_the_program_load_an_assembly()
    {
        byte[] model = Naming(TinyChain.Zip(), Unloaded);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == Unloaded);
        Assert.Contains($"the assembly '{Unloaded}'", Refused(model), StringComparison.Ordinal);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == Unloaded);
        Assert.Contains("no_such_assembly", Refused(Naming(TinyChain.Zip(), "no_such_assembly")), StringComparison.Ordinal);
        Record.Exception(() => new MLContext().Model.Load(new MemoryStream(model), out _));
        // Where this fails, ML.NET has mended it, and the check can go.
        Assert.Contains(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == Unloaded);
    }

    [Fact]
    public void Weights_in_other_files_and_tensors_without_their_elements_are_refused()
    {
        byte[] elsewhere = WithTensor(tensor =>
        {
            tensor.WriteTag(13, WireFormat.WireType.LengthDelimited);
            tensor.WriteBytes(ByteString.CopyFrom([.. Text(1, "location"), .. Text(2, "/etc/passwd")]));
            tensor.WriteTag(14, WireFormat.WireType.Varint);
            tensor.WriteInt64(1);
        });
        Assert.Contains("lies in another file", RefusedGraph(elsewhere), StringComparison.Ordinal);
        byte[] large = WithTensor(tensor =>
        {
            tensor.WriteTag(1, WireFormat.WireType.Varint);
            tensor.WriteInt64(1L << 40);
            tensor.WriteTag(9, WireFormat.WireType.LengthDelimited);
            tensor.WriteBytes(ByteString.CopyFrom(new byte[8]));
        });
        Assert.Contains("claims 1099511627776 elements and holds 8 bytes", RefusedGraph(large), StringComparison.Ordinal);
        Assert.NotEmpty(OnnxModelCheck.Problems(OnnxModel.Read(large)));
        byte[] negative = WithTensor(tensor =>
        {
            tensor.WriteTag(1, WireFormat.WireType.Varint);
            tensor.WriteInt64(-1);
        });
        Assert.Contains("negative", RefusedGraph(negative), StringComparison.Ordinal);
        Assert.Null(OnnxGuard.Problem(ToneModel.Record(1, "").Scoring!.Value.Span));
    }

    // NaN is the greatest of nothing, and would be the first label.
    [Fact]
    public void Weights_that_are_no_numbers_give_no_label()
    {
        var graph = new OnnxGraphBuilder();
        int width = new UtteranceFeatures().Names.Count;
        OnnxValue features = graph.Input("Features", OnnxType.Float, "batch", width);
        float[] weights = [.. Enumerable.Repeat(float.NaN, width * 3)];
        OnnxValue scores = features.MatMul(graph.Constant<float>(weights, [width, 3])).Softmax();
        graph.Output("probabilities", scores, "batch", 3);
        ModelRecord record = ToneModel.Record(1, "") with { Scoring = new OnnxModel { Graph = graph.Build("nan") }.ToBytes() };
        using var model = SerModel.Load(ToneModel.Zip(record));
        Assert.Contains("no probabilities", Assert.Throws<ModelFormatException>(() => model.Predict(ToneModel.Tone(0, 0, 0))).Message,
            StringComparison.Ordinal);
    }

    private static string Refused(byte[] zip) =>
        Assert.Throws<ModelFormatException>(() => SerModel.Load(new MemoryStream(zip), "model.zip")).Message;

    private static string RefusedGraph(byte[] graph) =>
        Assert.Throws<ModelFormatException>(() => SerModel.Load(ToneModel.Zip(ToneModel.Record(1, "") with { Scoring = graph }))).Message;

    // The model with entries that its record vouches for.
    private byte[] Listed(IEnumerable<(string Name, byte[] Content)> more)
    {
        Dictionary<string, byte[]> entries = ZipCases.Entries(Whole);
        JsonNode record = JsonNode.Parse(entries["SerPipeline/model.json"])!;
        foreach ((string name, byte[] content) in more)
        {
            entries[name] = content;
            record["entries"]!.AsArray().Add(new JsonObject
            {
                ["entry"] = name,
                ["bytes"] = content.Length,
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)),
            });
        }
        entries["SerPipeline/model.json"] = Encoding.UTF8.GetBytes(record.ToJsonString());
        return ZipCases.Zip(entries);
    }

    // A stage's header names its assembly: its name's length in bytes at 0x98, and the name where 0x90 says.
    private static byte[] Naming(byte[] model, string assembly)
    {
        Dictionary<string, byte[]> entries = ZipCases.Entries(model);
        string stage = entries.Keys.First(name => name.StartsWith("TransformerChain/Transform_", StringComparison.Ordinal)
            && name.EndsWith("/Model.key", StringComparison.Ordinal));
        byte[] header = entries[stage], name = Encoding.Unicode.GetBytes(assembly);
        int at = (int)BitConverter.ToInt64(header, 0x90), length = BitConverter.ToInt32(header, 0x98);
        // The reader counts every byte of the name: spaces behind it are no part of it.
        byte[] padded = Encoding.Unicode.GetBytes(assembly.PadRight(length / 2));
        padded.CopyTo(header, at);
        Assert.True(name.Length <= length);
        JsonNode record = JsonNode.Parse(entries["SerPipeline/model.json"])!;
        foreach (JsonNode? entry in record["entries"]!.AsArray())
            if (entry!["entry"]!.GetValue<string>() == stage) entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(header));
        entries["SerPipeline/model.json"] = Encoding.UTF8.GetBytes(record.ToJsonString());
        return ZipCases.Zip(entries);
    }

    // The scoring graph of the tones with one tensor more.
    private static byte[] WithTensor(Action<CodedOutputStream> fields)
    {
        byte[] tensor = Message(output =>
        {
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt64((int)OnnxType.Float);
            output.WriteTag(8, WireFormat.WireType.LengthDelimited);
            output.WriteString("more");
            fields(output);
        });
        return Message(output =>
        {
            var input = new CodedInputStream(ToneModel.Record(1, "").Scoring!.Value.ToArray());
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                output.WriteTag(tag);
                if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint) output.WriteInt64(input.ReadInt64());
                else
                {
                    byte[] content = input.ReadBytes().ToByteArray();
                    bool isGraph = WireFormat.GetTagFieldNumber(tag) == 7;
                    output.WriteBytes(ByteString.CopyFrom(!isGraph ? content : [.. content, .. Message(graph =>
                    {
                        graph.WriteTag(5, WireFormat.WireType.LengthDelimited);
                        graph.WriteBytes(ByteString.CopyFrom(tensor));
                    })]));
                }
            }
        });
    }

    private static byte[] Text(int field, string text) => Message(output =>
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    });

    private static byte[] Message(Action<CodedOutputStream> fields)
    {
        using var result = new MemoryStream();
        var output = new CodedOutputStream(result);
        fields(output);
        output.Flush();
        return result.ToArray();
    }
}
