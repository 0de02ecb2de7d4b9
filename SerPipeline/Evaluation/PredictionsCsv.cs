using CsvHelper;

namespace SerPipeline.Evaluation;

/// <summary>
/// The file <c>predictions.csv</c>: one row per clip with the columns <c>path</c>, <c>speaker</c>, <c>sex</c> (only when a clip's is
/// known), <c>label</c>, <c>predicted</c> and <c>probability_LABEL</c> for each label. UTF-8, commas, fields quoted as in RFC 4180 where
/// needed, numbers that read back as the same bits.
/// </summary>
public static class PredictionsCsv
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "predictions.csv";

    private const string ProbabilityPrefix = "probability_";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Spreadsheets would run a path that starts with '=' as a formula; the file is data first, so paths stay as they are.
    private static readonly CsvWriterOptions WriterOptions =
        new() { Separator = ',', NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace, Injection = CsvInjection.None };

    private static readonly CsvReaderOptions ReaderOptions =
        new() { Separator = ',', MalformedData = CsvMalformedDataHandling.Throw, TrackLineNumbers = true };

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="predictions">The predictions. An empty speaker or sex reads back as null.</param>
    /// <exception cref="EvaluationException">The predictions have no probabilities: their labels could not be read back.</exception>
    public static void Write(string path, PredictionSet predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (predictions.Rows.Any(row => row.Probabilities.Length == 0))
            throw new EvaluationException(
                $"Expected probabilities for every clip in {path}; found a clip without. The file's header lists the labels by them.");
        bool withSex = predictions.Rows.Any(row => !string.IsNullOrEmpty(row.Sex));
        AtomicFile.Write(path, stream =>
        {
            using var csv = CsvWriter.Create(stream, WriterOptions, leaveOpen: true);
            WriteRow(csv, ["path", "speaker", .. withSex ? ["sex"] : Array.Empty<string>(), "label", "predicted",
                .. predictions.Labels.Select(label => ProbabilityPrefix + label)]);
            foreach (ClipPrediction row in predictions.Rows)
                WriteRow(csv, [row.Path, row.Speaker, .. withSex ? [row.Sex] : Array.Empty<string?>(), row.Label, row.Predicted,
                    .. row.Probabilities.Select(p => p.ToString("R", CultureInfo.InvariantCulture))]);
        });
    }

    /// <summary>Reads a file and checks every row.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvaluationException">The file is absent or no such file; the message names the row and what is wrong.</exception>
    public static PredictionSet Read(string path)
    {
        try
        {
            using var text = new StreamReader(path, Utf8);
            using var csv = CsvReader.Create(text, ReaderOptions, leaveOpen: true);
            csv.ReadHeader();
            if (csv.Headers.Count == 0) throw new EvaluationException($"Expected predictions at {path}; the file is empty.");
            var columns = new Columns([.. csv.Headers], path);
            var rows = new List<ClipPrediction>();
            while (csv.Read())
                rows.Add(columns.Parse([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)], path, csv.LineNumber));
            return new PredictionSet(columns.Labels, rows);
        }
        catch (EvaluationException cause) when (!cause.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new EvaluationException($"{path}: {cause.Message}", cause);
        }
        catch (CsvFormatException cause)
        {
            throw new EvaluationException($"Expected comma-separated predictions at {path}; the record from line {cause.LineNumber} on is "
                + $"malformed: {cause.Message}", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new EvaluationException($"Expected predictions in UTF-8 at {path}; the file cannot be read: {cause.Message}", cause);
        }
    }

    private static void WriteRow(CsvWriter csv, IEnumerable<string?> fields)
    {
        foreach (string? field in fields) csv.WriteField(field);
        csv.EndRecord();
    }

    /// <summary>Where each column of a file lies.</summary>
    private sealed class Columns
    {
        private readonly int _count, _path, _speaker, _sex, _label, _predicted, _firstProbability;

        public Columns(string[] header, string path)
        {
            _count = header.Length;
            _path = Required("path");
            _speaker = Required("speaker");
            _sex = Array.IndexOf(header, "sex");
            _label = Required("label");
            _predicted = Required("predicted");
            _firstProbability = Array.FindIndex(header, name => name.StartsWith(ProbabilityPrefix, StringComparison.Ordinal));
            string[] probabilities = _firstProbability < 0 ? [] : header[_firstProbability..];
            if (probabilities.Length == 0 || probabilities.Any(name => !name.StartsWith(ProbabilityPrefix, StringComparison.Ordinal)))
                throw new EvaluationException($"Expected the last columns of {path} to be {ProbabilityPrefix}LABEL for each label; found "
                    + $"{string.Join(", ", header)}.");
            Labels = LabelIndex.Check([.. probabilities.Select(name => name[ProbabilityPrefix.Length..])]);

            int Required(string name)
            {
                int place = Array.IndexOf(header, name);
                return place >= 0 && place == Array.LastIndexOf(header, name) ? place
                    : throw new EvaluationException(
                        $"Expected one column '{name}' in {path}; found the columns {string.Join(", ", header)}.");
            }
        }

        public IReadOnlyList<string> Labels { get; }

        public ClipPrediction Parse(string[] fields, string path, long line)
        {
            if (fields.Length != _count)
                throw new EvaluationException($"Expected {_count} fields in {path}, line {line}, as its header has; found "
                    + $"{fields.Length}.");
            return new ClipPrediction
            {
                Path = fields[_path],
                Speaker = fields[_speaker] is "" ? null : fields[_speaker],
                Sex = _sex < 0 || fields[_sex] is "" ? null : fields[_sex],
                Label = fields[_label],
                Predicted = fields[_predicted],
                Probabilities = [.. fields[_firstProbability..].Select(field => Probability(field, path, line))],
            };
        }

        private static float Probability(string field, string path, long line) =>
            float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value
                : throw new EvaluationException($"Expected a probability in {path}, line {line}; found '{field}'.");
    }
}
