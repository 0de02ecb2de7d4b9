using System.IO.Compression;
using System.Text.Json.Nodes;
using SerPipeline.Onnx;

namespace SerPipeline.Prediction;

/// <summary>
/// Reads the layout before ML.NET's own: <c>model.json</c> names the stages with their options and the SHA-256 of each part, and the ONNX
/// graph that ML.NET ran
/// holds the whole chain from the waveform on.
/// </summary>
internal static class FormatVersion2
{
    private const string OnnxEntry = "TransformerChain/Transform_001/OnnxModel";
    private const string WaveformInput = "waveform";

    private static readonly string[] AudioStages = ["LoadAudio", "LogMelSpectrogram", "SpectrogramImage", "UtteranceFeatures", "PaperMfcc"];

    public static ModelRecord Read(ZipArchive zip, byte[] json, string name)
    {
        Manifest manifest = JsonSerializer.Deserialize<Manifest>(json, ModelZip.Strict)
            ?? throw new ModelFormatException($"'{name}' has an empty '{ModelZip.ManifestEntry}'.");
        Part[] parts = [.. manifest.Stages.Where(stage => stage is not null).SelectMany(stage => stage.Parts), .. manifest.MlNet ?? [],
            .. manifest.Attachments ?? []];
        if (manifest.Stages.Any(stage => stage is null) || parts.Any(part => part is null))
            throw new ModelFormatException($"'{name}' has a '{ModelZip.ManifestEntry}' with an empty stage or part.");
        if (manifest.MlNet is null)
            throw new ModelFormatException($"'{name}' has format version 2 and holds no ONNX graph, which this version scores with: "
                + $"{manifest.OnnxProblem ?? "it does not say why"}. Train the model again.");
        if (ModelAttachments.Problem([.. (manifest.Attachments ?? []).Select(a => a.Name)]) is { } problem)
            throw new ModelFormatException($"'{name}' has a '{ModelZip.ManifestEntry}' that cannot be: {problem}.");
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (Part part in parts) contents[part.Entry] = ModelZip.Content(zip, part.Entry, part.Bytes, part.Sha256, name);
        // Four bytes of length stand before the graph.
        if (!contents.TryGetValue(OnnxEntry, out byte[]? entry) || entry.Length < sizeof(int))
            throw new ModelFormatException($"'{name}' lacks '{OnnxEntry}'.");
        return Record(manifest, entry.AsMemory(sizeof(int)), contents, name);
    }

    private static ModelRecord Record(Manifest manifest, ReadOnlyMemory<byte> graph, Dictionary<string, byte[]> contents, string name)
    {
        OnnxModel onnx = OnnxModel.Read(graph);
        if (OnnxModelCheck.Problems(onnx) is { Count: > 0 } problems)
            throw new ModelFormatException($"'{name}' holds an ONNX graph that nothing could run: {problems[0]}");
        string[] labels = onnx.Metadata.TryGetValue("labels", out string? json) ? JsonSerializer.Deserialize<string[]>(json) ?? [] : [];
        if (labels.Length == 0 || labels.Any(string.IsNullOrEmpty) || onnx.Graph.Inputs is not [{ } input])
            throw new ModelFormatException($"'{name}' holds an ONNX graph without labels or with several inputs.");
        bool fromWaveform = input.Name == WaveformInput && onnx.Metadata.ContainsKey("sample_rate_hz");
        return new ModelRecord
        {
            FormatVersion = manifest.FormatVersion,
            LibraryVersion = manifest.LibraryVersion,
            Stages = fromWaveform ? [.. manifest.Stages.Where(s => AudioStages.Contains(s.Name)).Select(Stage)] : [],
            Labels = labels,
            SampleRateHz = fromWaveform ? int.Parse(onnx.Metadata["sample_rate_hz"], CultureInfo.InvariantCulture) : null,
            WaveformColumn = fromWaveform ? WaveformInput : null,
            ScoringInputs = [input.Name],
            ScoresWaveform = fromWaveform,
            Scoring = graph,
            Notes = manifest.Notes ?? new Dictionary<string, string>(),
            Attachments = (manifest.Attachments ?? []).ToDictionary(a => a.Name, a => (ReadOnlyMemory<byte>)contents[a.Entry],
                StringComparer.Ordinal),
        };
    }

    private static ModelStage Stage(Stage2 stage)
    {
        var settings = stage.Options.Deserialize<Settings>(ModelZip.Strict)
            ?? throw new JsonException($"the stage {stage.Name} has no options");
        JsonObject options = JsonObject.Create(settings.Options)!;
        // Before there was this option nothing was padded.
        if (stage.Name == "LoadAudio" && !options.ContainsKey("minimumSeconds")) options["minimumSeconds"] = 0;
        return new ModelStage(stage.Name, settings.Output, settings.Input, JsonSerializer.SerializeToElement(options));
    }

    private sealed record Manifest(
        int FormatVersion, string LibraryVersion, IReadOnlyList<Stage2> Stages, IReadOnlyDictionary<string, string>? Notes = null,
            IReadOnlyList<Part>? MlNet = null,
        string? OnnxProblem = null, IReadOnlyList<Part>? Attachments = null);

    private sealed record Stage2(string Name, JsonElement Options, IReadOnlyList<Part> Parts);

    private sealed record Part(string Name, string Entry, long Bytes, string Sha256);

    private sealed record Settings(string Output, string Input, JsonElement Options);
}
