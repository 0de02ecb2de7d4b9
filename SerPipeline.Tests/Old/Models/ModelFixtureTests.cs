using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Old.Models;

/// <summary>A small model of every format version there has been is kept in Fixtures/, and each must load and score for ever.</summary>
public sealed class ModelFixtureTests : IDisposable
{
    // The scores of the tone below, as the version that saved the model gave them; another processor may sum in another order.
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Versions { get; } = [.. Enumerable.Range(1, ModelDocument.CurrentFormatVersion)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_model_of_every_version_loads_and_scores_as_it_did(int version)
    {
        string path = FixtureOf(version);
        var ser = new SerContext(options: new() { BadClips = BadClipRule.Throw });
        ModelDocument document = ser.Model.ReadDocument(path);
        Assert.Equal(version, document.FormatVersion);
        Assert.Equal("kept for ever", document.Notes["note"]);
        Assert.Equal(version >= 2, document.Onnx is not null);
        Assert.Empty(document.Attachments);
        using TransformerChain<ITransformer> chain = ser.Model.Load(path, out _);
        // Clips were not padded by the chain when these were saved.
        Assert.Equal(0, chain.Transformers.OfType<LoadAudioTransformer>().Single().Options.MinimumSeconds);
        IDataView scored = chain.Transform(ser.Data.LoadFiles([Tone()]));
        Assert.Equal("middle", scored.GetColumn<string>("PredictedLabel").Single());
        float[] expected = [.. File.ReadAllText(Path.ChangeExtension(path, ".scores.txt")).Split(' ').Select(s => float.Parse(s, CultureInfo.InvariantCulture))];
        float[] found = scored.GetColumn<VBuffer<float>>("Score").Single().GetValues().ToArray();
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], Tolerance);
    }

    // What an old file lacks it gains by being loaded and saved.
    [Fact]
    public void A_model_of_version_1_saved_again_is_of_this_version_and_scores_the_same()
    {
        var ser = new SerContext();
        using TransformerChain<ITransformer> old = ser.Model.Load(FixtureOf(1), out DataViewSchema schema);
        string path = _folder.File("again.zip");
        ModelDocument saved = ser.Model.Save(old, schema, path);
        Assert.Equal(ModelDocument.CurrentFormatVersion, saved.FormatVersion);
        Assert.NotNull(saved.Onnx);
        using TransformerChain<ITransformer> again = ser.Model.Load(path, out _);
        IDataView rows = ser.Data.LoadFiles([Tone()]);
        Assert.Equal(old.Transform(rows).GetColumn<VBuffer<float>>("Score").Single().GetValues().ToArray(), again.Transform(rows).GetColumn<VBuffer<float>>("Score").Single().GetValues().ToArray());
    }

    [Fact]
    public void A_newer_version_is_refused_with_the_version_needed()
    {
        byte[] newer = ModelFiles.WithManifest(File.ReadAllBytes(FixtureOf(ModelDocument.CurrentFormatVersion)), m =>
        {
            m["formatVersion"] = ModelDocument.CurrentFormatVersion + 1;
            m["libraryVersion"] = "7.8.9";
        });
        string path = _folder.File("newer.zip");
        File.WriteAllBytes(path, newer);
        Assert.Contains("7.8.9", ModelFiles.Refused(path).Message, StringComparison.Ordinal);
    }

    private static string FixtureOf(int version) => Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Models", "Fixtures", string.Create(CultureInfo.InvariantCulture, $"model-v{version}.zip"));

    // 700 Hz with silence before and after: the model's class "middle".
    private string Tone()
    {
        var samples = new float[6400];
        for (int n = 0; n < 4800; n++) samples[n + 1000] = (float)(0.3 * Math.Sin(2 * Math.PI * 700 * n / 16000) * Math.Min(1, n / 800.0));
        string path = _folder.File("tone.wav");
        if (!File.Exists(path)) WavWriter.Write(path, new AudioClip(samples, 16000));
        return path;
    }
}
