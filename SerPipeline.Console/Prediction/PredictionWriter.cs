using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;

namespace SerPipeline.Console.Prediction;

/// <summary>How predictions are written.</summary>
internal enum PredictionFormat
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>JSON lines.</summary>
    Json,

    /// <summary>CSV.</summary>
    Csv,
}

/// <summary>Writes predictions to standard output.</summary>
internal static class PredictionWriter
{
    // Paths keep their letters; the output is JSON, not HTML.
    private static readonly JsonWriterOptions JsonFormat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes them.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="format">How.</param>
    /// <param name="labels">The labels, in the order of the probabilities.</param>
    /// <param name="predictions">A prediction a file.</param>
    public static void Write(Terminal terminal, PredictionFormat format, IReadOnlyList<string> labels, IReadOnlyList<FilePrediction> predictions)
    {
        switch (format)
        {
            case PredictionFormat.Json:
                foreach (FilePrediction prediction in predictions) terminal.Result(ToJson(prediction, labels));
                break;
            case PredictionFormat.Csv:
                // The names of predictions.csv in a run folder, without the truth.
                terminal.Result(string.Join(',', labels.Select(label => Format.CsvField($"probability_{label}")).Prepend("predicted").Prepend("path")));
                foreach (FilePrediction p in predictions)
                    terminal.Result(string.Join(',', p.Probabilities.Select(Exact).Prepend(Format.CsvField(p.Label)).Prepend(Format.CsvField(p.Path))));
                break;
            default:
                if (predictions.Count == 0) return;
                var table = new TextTable(["clip", "emotion", .. labels.Select(label => ">" + label)]);
                foreach (FilePrediction p in predictions) table.Add([p.Path, p.Label, .. p.Probabilities.Select(value => Format.Score(value))]);
                table.Write(terminal);
                break;
        }
    }

    private static string ToJson(FilePrediction prediction, IReadOnlyList<string> labels)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonFormat))
        {
            json.WriteStartObject();
            json.WriteString("path", prediction.Path);
            json.WriteString("predicted", prediction.Label);
            json.WriteNumber("probability", prediction.Probability);
            json.WriteStartObject("probabilities");
            for (int i = 0; i < labels.Count; i++) json.WriteNumber(labels[i], prediction.Probabilities[i]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    // Reads back as the same bits.
    private static string Exact(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
