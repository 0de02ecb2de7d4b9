using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SerPipeline.Old.Models;

namespace SerPipeline.Console.Prediction;

/// <summary>Predictions as lines of JSON or CSV.</summary>
/// <param name="format">JSON or CSV.</param>
/// <param name="labels">The labels, in the order of the probabilities.</param>
/// <param name="timeline">Whether a line is a window rather than a file.</param>
internal sealed class PredictionLines(PredictionFormat format, IReadOnlyList<string> labels, bool timeline)
{
    // Paths keep their letters; the output is JSON, not HTML.
    private static readonly JsonWriterOptions JsonFormat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line before all others; null for JSON.</summary>
    public string? Header
    {
        get
        {
            if (format == PredictionFormat.Json) return null;
            // The names of predictions.csv in a run folder, without the truth.
            var names = new List<string> { "path" };
            if (timeline) names.AddRange("start", "end");
            names.Add("predicted");
            names.AddRange(labels.Select(label => $"probability_{label}"));
            if (!timeline) names.Add("seconds");
            names.Add("notes");
            return string.Join(',', names.Select(Reports.Format.CsvField));
        }
    }

    /// <summary>A prediction as a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="span">The window, or null for the whole file.</param>
    /// <param name="prediction">What the model says.</param>
    public string Line(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction) =>
        format == PredictionFormat.Json ? ToJson(path, span, prediction) : ToCsv(path, span, prediction);

    private static string ToCsv(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction)
    {
        var fields = new List<string> { path };
        if (span is var (start, end)) fields.AddRange(Exact(start), Exact(end));
        fields.Add(prediction.Label ?? "");
        // Reads back as the same bits.
        fields.AddRange(prediction.Scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)));
        if (span is null) fields.Add(Exact(prediction.Duration));
        fields.Add(string.Join(' ', prediction.Notes.ToWords()));
        return string.Join(',', fields.Select(Reports.Format.CsvField));
    }

    private static string ToJson(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonFormat))
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            if (span is var (start, end))
            {
                json.WriteNumber("start", start.TotalSeconds);
                json.WriteNumber("end", end.TotalSeconds);
            }
            json.WriteString("predicted", prediction.Label);
            json.WriteNumber("probability", prediction.Probability);
            json.WriteStartObject("probabilities");
            for (int i = 0; i < prediction.Labels.Count; i++) json.WriteNumber(prediction.Labels[i], prediction.Scores[i]);
            json.WriteEndObject();
            if (span is null) json.WriteNumber("seconds", prediction.Duration.TotalSeconds);
            json.WriteStartArray("notes");
            foreach (string word in prediction.Notes.ToWords()) json.WriteStringValue(word);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static string Exact(TimeSpan time) => time.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
}
