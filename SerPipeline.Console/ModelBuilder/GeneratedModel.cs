using System.Globalization;
using SerPipeline.Old.Models;
using SerPipeline.Onnx;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>What generated code must know of a model.</summary>
/// <param name="Document">The model.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="SampleRateHz">The rate it hears.</param>
/// <param name="Input">What its graph calls the waveform.</param>
internal sealed record GeneratedModel(ModelDocument Document, IReadOnlyList<string> Labels, int SampleRateHz, string Input)
{
    /// <summary>Where ML.NET's side of a zip holds the graph.</summary>
    public static string NetworkEntry => ZipModelFormat.OnnxEntry;

    /// <summary>Whether the classifier reads images of spectrograms, or else a vector of features.</summary>
    public bool ReadsImages => Document.Stages.Any(stage => stage.StageName == "SpectrogramImage");

    /// <summary>Reads what is needed.</summary>
    /// <param name="document">The model.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <exception cref="ModelExportException">The model has no ONNX graph, or one that does not start from a waveform.</exception>
    public static GeneratedModel Of(ModelDocument document, string path)
    {
        if (document.Onnx is not { } bytes)
            throw new ModelExportException($"'{path}' opens with SerPipeline alone, so no ML.NET project can use it. {document.OnnxProblem ?? "It was saved before models had an ONNX graph: load and save it again."}");
        OnnxModel onnx = OnnxModel.Read(bytes);
        if (!onnx.Metadata.TryGetValue("sample_rate_hz", out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rate))
            throw new ModelExportException($"'{path}' does not start from a waveform but from '{onnx.Graph.Inputs[0].Name}', so a project that reads WAV files cannot use it.");
        string input = onnx.Graph.Inputs[0].Name;
        // It stands in a literal of generated code.
        if (!ProjectNames.IsPart(input)) throw new ModelExportException($"'{path}' calls its input '{input}', expected letters, digits and underscores: nothing that this program exports is named so, and no code is generated around it.");
        return new GeneratedModel(document, OnnxExporter.LabelsOf(onnx), rate, input);
    }
}
