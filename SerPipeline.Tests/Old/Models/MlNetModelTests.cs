using SerPipeline.Old.Models;
using SerPipeline.Old.Models.MlNet;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;
using SerPipeline.Tests.Onnx;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Old.Models;

/// <summary>The streams of ML.NET are written byte for byte as ML.NET itself writes them, and read back from zips that it wrote.</summary>
public sealed class MlNetModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The same chain, saved by ML.NET, with a small graph in it.
    [Fact]
    public void Every_entry_is_that_of_ml_net_byte_for_byte()
    {
        Dictionary<string, byte[]> golden = Golden("ref_mb_full.zip");
        byte[] bytes = golden[MlNetModelWriter.OnnxEntry][sizeof(int)..];
        string[] labels = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"];
        var entries = MlNetModelWriter.Entries(OnnxModel.Read(bytes), bytes, labels);
        // Which version of ML.NET wrote the zip: read by nothing, and not ours to claim.
        Assert.Equal(golden.Keys.Where(k => k != "TrainingInfo/Version.txt"), entries.Select(e => e.Entry));
        foreach ((string entry, byte[] content) in entries) Assert.True(golden[entry].AsSpan().SequenceEqual(content), entry);
    }

    [Fact]
    public void Schemas_of_vectors_of_one_length_are_those_of_ml_net_too()
    {
        Assert.Equal(Golden("onnx_dynamic.zip")["Schema"], IdvWriter.Schema(IdvColumn.Vector("waveform", 0)));
        byte[] golden = Golden("onnx_fixed.zip")["Schema"];
        MlNetColumn column = Assert.Single(IdvReader.Columns(golden));
        int length = int.Parse(column.Type.Split(' ', '>')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(golden, IdvWriter.Schema(IdvColumn.Vector(column.Name, length)));
    }

    [Theory]
    [InlineData("ref_mb_full.zip", "Label: Text, waveform: Vector<Single>", "TermTransform, OnnxTransform, MulticlassPredXfer, KeyToValueTransform")]
    [InlineData("onnx_mapvalue.zip", "waveform: Vector<Single>", "OnnxTransform, ValueMappingTransformer, CopyTransform")]
    [InlineData("onnx_noschema.zip", "", "OnnxTransform")]
    [InlineData("onnx_bare.zip", "waveform: Vector<Single>", "OnnxTransform")]
    public void Zips_of_ml_net_are_read(string zip, string columns, string stages)
    {
        using var stream = new MemoryStream(File.ReadAllBytes(Companions.Require("formats", "mlnet-golden", zip)));
        MlNetModel model = MlNetModel.Read(stream, zip)!;
        Assert.Equal(columns, string.Join(", ", model.InputColumns.Select(c => $"{c.Name}: {c.Type}")));
        Assert.Equal(stages, string.Join(", ", model.Stages.Select(s => s.Loader)));
    }

    [Fact]
    public void A_saved_chain_is_a_model_of_ml_net()
    {
        string path = Save(out ModelDocument document);
        Assert.Null(document.OnnxProblem);
        using FileStream stream = File.OpenRead(path);
        MlNetModel model = MlNetModel.Read(stream, path)!;
        Assert.Equal(["Label: Text", "waveform: Vector<Single>"], model.InputColumns.Select(c => $"{c.Name}: {c.Type}"));
        Assert.Equal(["TermTransform", "OnnxTransform", "MulticlassPredXfer", "KeyToValueTransform"], model.Stages.Select(s => s.Loader));
        Assert.Equal(["Label", .. ExportedChains.Labels], model.Stages[0].Names);
        Assert.Equal(["waveform", "logits"], model.Stages[1].Names);
        Assert.Equal(["logits", "Label", "Score", "PredictedLabel"], model.Stages[2].Names);
        Assert.Equal(document.Onnx!.Value.ToArray(), model.Stages[1].Onnx!.ToBytes());
        Assert.StartsWith("Microsoft.ML.OnnxTransformer, Version=1.0.0.0", model.Stages[1].Assembly, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_without_form_in_onnx_is_saved_for_this_library_alone_and_says_why()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.WithoutForm();
        string path = _folder.File("without.zip");
        var ser = new SerContext();
        ModelDocument saved = ser.Model.Save(chain, ExportedChains.Paths, path), read = ser.Model.ReadDocument(path);
        Assert.Null(saved.Onnx);
        Assert.Contains("SpectrogramImage", saved.OnnxProblem, StringComparison.Ordinal);
        Assert.Equal(saved.OnnxProblem, read.OnnxProblem);
        using FileStream stream = File.OpenRead(path);
        Assert.Null(MlNetModel.Read(stream, path));
        ser.Model.Load(path, out _).Dispose();
    }

    [Fact]
    public void A_chain_of_utterance_features_is_a_model_of_ml_net_and_small()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Utterance();
        string path = _folder.File("utterance.zip");
        var ser = new SerContext();
        ModelDocument saved = ser.Model.Save(chain, ExportedChains.Paths, path), read = ser.Model.ReadDocument(path);
        Assert.Null(saved.OnnxProblem);
        Assert.Equal(saved.Onnx!.Value.ToArray(), read.Onnx!.Value.ToArray());
        using FileStream stream = File.OpenRead(path);
        Assert.Equal(["TermTransform", "OnnxTransform", "MulticlassPredXfer", "KeyToValueTransform"], MlNetModel.Read(stream, path)!.Stages.Select(s => s.Loader));
        // The filter banks of spectra of 257 bins, and no matrix of a whole transform (514 by 512 in double precision alone is 2 MB).
        long constants = OnnxModel.Read(saved.Onnx.Value).Graph.Initializers.Where(t => !t.Name.StartsWith("05-Mlp", StringComparison.Ordinal)).Sum(t => t.Bytes.Length);
        Assert.InRange(constants, 1, 300_000);
        Assert.InRange(stream.Length, 1, 600_000);
        ser.Model.Load(path, out _).Dispose();
    }

    // Each change is one that the zip's own checksums do not find: they are made anew.
    [Fact]
    public void A_model_whose_graph_and_weights_disagree_is_refused()
    {
        byte[] model = File.ReadAllBytes(Save(out _));
        const string Weights = "SerPipeline/stages/04-ImageClassification/weights.safetensors";
        void Turn(byte[] content) => content[^8] ^= 1;
        Assert.Contains("SHA-256", Refused(ModelFiles.WithEntries(model, e => Turn(e[Weights]))), StringComparison.Ordinal);
        Assert.Contains("SHA-256", Refused(ModelFiles.WithEntries(model, e => e[MlNetModelWriter.OnnxEntry][^300] ^= 1)), StringComparison.Ordinal);
        Assert.Contains("SHA-256", Refused(ModelFiles.WithEntries(model, e => e["TransformerChain/Transform_000/Model.key"][^1] ^= 1)), StringComparison.Ordinal);
        // Whoever also makes the hashes anew is found out by the weights.
        Assert.Contains("disagree", Refused(Rehashed(model, Weights, Turn)), StringComparison.Ordinal);
        Assert.Contains("disagree", Refused(Rehashed(model, MlNetModelWriter.OnnxEntry, content => OtherGraph(content))), StringComparison.Ordinal);
        Assert.Contains("lacks", Refused(ModelFiles.WithEntries(model, e => e.Remove(MlNetModelWriter.OnnxEntry))), StringComparison.Ordinal);
        Assert.Contains("either", Refused(ModelFiles.WithManifest(model, m => m.Remove("mlNet"))), StringComparison.Ordinal);
    }

    // The weights of a stage whose name the graph does not know would be compared with nothing.
    [Fact]
    public void A_graph_from_the_waveform_that_lacks_a_stage_is_refused()
    {
        ModelDocument whole = Utterance();
        byte[] onnx = whole.Onnx!.Value.ToArray(), before = "02-NormalizeMeanVariance."u8.ToArray(), after = "02-NormalizeMeanXariance."u8.ToArray();
        for (int at; (at = onnx.AsSpan().IndexOf(before)) >= 0;) after.CopyTo(onnx, at);
        StageContent scaling = Copy(whole.Stages[2], whole.Stages[2].OptionsJson);
        Array.Clear(scaling.GetPart("mean"));
        Assert.Contains("02-NormalizeMeanVariance.mean: the graph lacks it", Refused(With(whole, 2, scaling) with { Onnx = onnx }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "\"sad\",\"angry\"", "\"angry\",\"sad\"", "the labels", false)]
    [InlineData(4, "\"sad\",\"angry\"", "\"angry\",\"sad\"", "the labels", true)]
    [InlineData(0, "\"peakFraction\":0.01", "\"peakFraction\":0.02", "00-LoadAudio", false)]
    [InlineData(1, "\"voicedBelow\":0.", "\"voicedBelow\":0.0", "01-UtteranceFeatures", false)]
    public void A_model_whose_graph_says_other_labels_or_options_is_refused(int stage, string text, string other, string where, bool graphOfEarlierVersion)
    {
        ModelDocument whole = Utterance(), changed = With(whole, stage, Copy(whole.Stages[stage], whole.Stages[stage].OptionsJson.Replace(text, other, StringComparison.Ordinal)));
        Assert.NotEqual(whole.Stages[stage].OptionsJson, changed.Stages[stage].OptionsJson);
        string message = Refused(graphOfEarlierVersion ? OfEarlierVersion(changed) : changed);
        Assert.Contains("disagree", message, StringComparison.Ordinal);
        Assert.Contains(where, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_whose_graph_hears_another_rate_is_refused()
    {
        ModelDocument whole = Utterance(), changed = whole;
        foreach (int stage in (int[])[0, 1])
            changed = With(changed, stage, Copy(whole.Stages[stage], whole.Stages[stage].OptionsJson.Replace("\"sampleRateHz\":16000", "\"sampleRateHz\":15000", StringComparison.Ordinal)));
        Assert.Contains("the sample rate: the graph hears 16000 Hz, the model 15000 Hz", Refused(OfEarlierVersion(changed)), StringComparison.Ordinal);
    }

    // Written by hand, by another program, or by a version before graphs had options.
    [Fact]
    public void Options_in_another_spelling_and_graphs_without_options_load()
    {
        ModelDocument whole = Utterance();
        ModelDocument spelled = With(whole, 0, Copy(whole.Stages[0], whole.Stages[0].OptionsJson.Replace("\"peakFraction\":0.01", "\"peakFraction\" : 1.0e-2", StringComparison.Ordinal)));
        foreach (ModelDocument document in (ModelDocument[])[spelled, OfEarlierVersion(whole)])
        {
            string path = _folder.File($"{Guid.NewGuid():N}.zip");
            new SerContext().Model.Save(document, path);
            new SerContext().Model.Load(path, out _).Dispose();
        }
    }

    [Fact]
    public void A_zip_of_ml_net_that_is_damaged_is_refused()
    {
        byte[] zip = File.ReadAllBytes(Companions.Require("formats", "mlnet-golden", "ref_mb_full.zip"));
        // The CRC-32 in every record of the directory (signature PK\1\2, CRC at 16).
        for (int i = 0; i < zip.Length - 28; i++)
            if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(i)) == 0x02014b50) zip[i + 16] ^= 1;
        Assert.Contains("is damaged", Assert.Throws<ModelFormatException>(() => MlNetModel.Read(new MemoryStream(zip), "turned")).Message, StringComparison.Ordinal);
    }

    private ModelDocument Utterance()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Utterance();
        var ser = new SerContext();
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        return ser.Model.Save(chain, ExportedChains.Paths, path);
    }

    private static StageContent Copy(StageContent stage, string options)
    {
        var copy = new StageContent(stage.StageName) { OptionsJson = options };
        foreach ((string name, byte[] content) in stage.Parts) copy.AddPart(name, [.. content]);
        return copy;
    }

    private static ModelDocument With(ModelDocument document, int at, StageContent stage) => document with { Stages = [.. document.Stages.Select((s, i) => i == at ? stage : s)] };

    private static ModelDocument OfEarlierVersion(ModelDocument document)
    {
        OnnxModel onnx = OnnxModel.Read(document.Onnx!.Value);
        return document with { Onnx = (onnx with { Metadata = onnx.Metadata.Where(m => m.Key != OnnxExporter.OptionsKey).ToDictionary() }).ToBytes() };
    }

    private string Refused(ModelDocument document)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        new SerContext().Model.Save(document, path);
        return ModelFiles.Refused(path).Message;
    }

    private string Save(out ModelDocument document)
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Cnn();
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        document = new SerContext().Model.Save(chain, ExportedChains.Paths, path);
        return path;
    }

    private string Refused(byte[] content)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        File.WriteAllBytes(path, content);
        return ModelFiles.Refused(path).Message;
    }

    // One bit of one weight, in the graph.
    private static void OtherGraph(byte[] entry)
    {
        OnnxModel onnx = OnnxModel.Read(entry.AsMemory(sizeof(int)));
        OnnxTensor weight = onnx.Graph.Initializers.First(t => t.Name.EndsWith("conv.weight", StringComparison.Ordinal));
        int at = entry.AsSpan().IndexOf(weight.Bytes.Span);
        entry[at] ^= 1;
    }

    private static byte[] Rehashed(byte[] model, string name, Action<byte[]> change)
    {
        byte[] content = [];
        byte[] changed = ModelFiles.WithEntries(model, e => change(content = e[name]));
        return ModelFiles.WithManifest(changed, m =>
        {
            string json = m.ToJsonString();
            byte[] before = Entries(model)[name];
            string other = json.Replace(Hash(before), Hash(content), StringComparison.Ordinal);
            Assert.NotEqual(json, other);
            m.Clear();
            foreach ((string key, System.Text.Json.Nodes.JsonNode? value) in System.Text.Json.Nodes.JsonNode.Parse(other)!.AsObject().ToArray()) m[key] = value?.DeepClone();
        });
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));

    private static Dictionary<string, byte[]> Golden(string zip) => Entries(File.ReadAllBytes(Companions.Require("formats", "mlnet-golden", zip)));

    private static Dictionary<string, byte[]> Entries(byte[] zip)
    {
        var entries = new Dictionary<string, byte[]>();
        ModelFiles.WithEntries(zip, all => entries = all);
        return entries;
    }
}
