using System.Text.Encodings.Web;
using SerPipeline.Audio;

namespace SerPipeline.Console.Commands;

/// <summary>Writes predictions as they come: to standard output or, line by line, to a file.</summary>
internal sealed class PredictionWriter : IDisposable
{
    private readonly Terminal _terminal;
    private readonly IReadOnlyList<string> _labels;
    private readonly bool _timeline, _channels, _heard;
    private readonly PredictionLines? _lines;
    private readonly StreamWriter? _file;
    private readonly TextTable _table;
    private string? _path;
    private bool _any;
    private long _begin;

    /// <summary>Creates the writer.</summary>
    /// <param name="terminal">Standard output.</param>
    /// <param name="options">Format, file, and whether to append to it.</param>
    /// <param name="labels">The labels, in the order of the probabilities.</param>
    /// <param name="files">The files to predict on.</param>
    /// <exception cref="ModelFormatException">The file cannot be appended to.</exception>
    public PredictionWriter(Terminal terminal, PredictOptions options, IReadOnlyList<string> labels, IReadOnlyList<string> files)
    {
        (_terminal, _labels, _timeline) = (terminal, labels, options.Stream);
        (_channels, _heard) = (options.Channel == ChannelSelection.Each, options.HearsAsItGoes);
        _table = new TextTable(
            ["clip", .. _channels ? (string[])["channel"] : [], "emotion", .. labels.Select(label => ">" + label), "notes"]);
        if (options.Format == PredictionFormat.Table) return;
        _lines = new PredictionLines(options.Format, labels, _timeline, _channels, _heard);
        if (options.Output is not { } path)
        {
            if (_lines.Header is { } first) terminal.Result(first);
            return;
        }
        var settings = PredictionSettings.Of(options);
        FinishedLines finished = options.Resume ? FinishedLines.Read(path, options.Format, _lines.Header, labels, _timeline, _channels)
            : new(0, new HashSet<string>());
        bool anew = finished.Paths.Count == 0;
        bool starts = false;
        if (!anew) (Finished, starts) = CheckSame(path, settings, finished.Paths, files);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        // 1. What is torn goes; the rest stays, and what follows is written behind it.
        stream.SetLength(finished.Length);
        stream.Seek(0, SeekOrigin.End);
        // 2. A line that has been written is there, whatever becomes of this process.
        _file = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        // 3. Only once no line of other settings is left.
        if (!starts) settings.Write(path);
        if (finished.Length == 0 && _lines.Header is { } header) _file.WriteLine(header);
    }

    /// <summary>The full paths of the files that are written already.</summary>
    public IReadOnlySet<string> Finished { get; } = new HashSet<string>();

    /// <summary>Remembers where a recording begins.</summary>
    public void Begin() => _begin = _file?.BaseStream.Position ?? 0;

    /// <summary>Takes what was written since <see cref="Begin"/> out of the file. What went to standard output is with its
    /// reader.</summary>
    public void Discard()
    {
        if (_file is null) return;
        _file.Flush();
        _file.BaseStream.SetLength(_begin);
        _file.BaseStream.Position = _begin;
    }

    /// <summary>Writes the prediction of a file.</summary>
    public void Write(string path, EmotionPrediction prediction)
    {
        _any = true;
        if (_lines is not null) Line(_lines.Line(path, null, prediction));
        else _table.Add([path, .. _channels ? (string[])[prediction.Channel!] : [], Emotion(prediction),
            .. prediction.Scores.Select(Score), Notes(prediction)]);
    }

    /// <summary>Writes a window of a recording.</summary>
    public void Write(string path, EmotionSegment segment)
    {
        if (segment.Prediction is not { } prediction) return;
        if (_lines is not null) Line(_lines.Line(path, (segment.Start, segment.End), prediction));
        else Row(path, segment, prediction);
    }

    /// <summary>Writes what is only written at the end: a table needs the widths of all its rows.</summary>
    public void Complete()
    {
        if (_lines is null && !_timeline && _any) _table.Write(_terminal);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // Gives the full paths of the lines that are kept, and whether the folder that they start from must stay.
    private (HashSet<string> Full, bool Starts) CheckSame(string path, PredictionSettings settings, IReadOnlySet<string> kept,
        IReadOnlyList<string> files)
    {
        PredictionSettings? before = PredictionSettings.Read(path);
        var full = kept.Select(file => Path.GetFullPath(Path.Combine(before?.Folder ?? settings.Folder!, file)))
            .ToHashSet(StringComparer.Ordinal);
        if (before is null)
        {
            _terminal.Message($"warning: '{PredictionSettings.PathOf(path)}' is missing: nobody knows whether '{path}' was written with "
                + "this model and these options. Appending to it.");
            return (full, true);
        }
        List<string> differences = [.. before.DifferencesFrom(settings)];
        // Relative paths of one file start from one folder. Whole ones go with any.
        bool starts = kept.Any(IsRelative);
        if (starts && before.Folder != settings.Folder
            && (before.Folder is null || files.Any(file => IsRelative(file) && !full.Contains(Path.GetFullPath(file)))))
            differences.Add($"the folder that paths start from ({before.Folder ?? "unknown"}, now {settings.Folder})");
        if (differences.Count > 0)
            throw new ModelFormatException($"--resume cannot append to '{path}': it was written with other options: "
                + $"{string.Join(", ", differences)}. Give the same ones, name another file, or leave out --resume to write it anew.");
        return (full, starts);

        static bool IsRelative(string file) => !Path.IsPathFullyQualified(file);
    }

    private void Line(string line)
    {
        if (_file is not null) _file.WriteLine(line);
        else Flushed(line);
    }

    // A timeline is read while the recording goes on, so its rows have fixed widths and are shown at once.
    private void Row(string path, EmotionSegment segment, EmotionPrediction prediction)
    {
        int emotion = Math.Max("no speech".Length, _labels.Max(label => label.Length));
        int Width(string label) => Math.Max(5, label.Length);
        string recording = prediction.Channel is { } channel && _channels ? $"{path} ({channel})" : path;
        if (recording != _path)
        {
            _path = recording;
            Flushed(recording);
            Flushed($"{"start",9}  {"end",9}  {"emotion".PadRight(emotion)}  "
                + $"{string.Join("  ", _labels.Select(label => label.PadLeft(Width(label))))}{(_heard ? "  heard" : "")}");
        }
        string scores = string.Join("  ", prediction.Scores.Select((score, i) => Score(score).PadLeft(Width(_labels[i]))));
        if (_heard) scores += string.Create(CultureInfo.InvariantCulture, $"  {prediction.SpeakerClips,5}");
        string span = $"{Clock(segment.Start),9}  {Clock(segment.End),9}";
        Flushed($"{span}  {Emotion(prediction).PadRight(emotion)}  {scores}  {Notes(prediction)}".TrimEnd());
    }

    private void Flushed(string line)
    {
        _terminal.Result(line);
        _terminal.OutputWriter.Flush();
    }

    private static string Emotion(EmotionPrediction prediction) =>
        prediction.Label ?? (prediction.IsAnswered || prediction.Quality.HasSpeech ? "-" : "no speech");

    private static string Score(float score) => float.IsNaN(score) ? "-" : Format.Score(score);

    // Of the notes those that say something about the answer; a rate is no surprise in a table for people.
    private static string Notes(EmotionPrediction prediction) =>
        string.Join(' ', [.. (prediction.Notes & ~(PredictionNotes.Resampled | PredictionNotes.MixedDown)).ToWords(),
            .. prediction.Quality.Notes.ToWords()]);

    /// <summary>Minutes and seconds, to hundredths. They are rounded before the minutes are told apart: 59.996 s are 1:00.00.</summary>
    internal static string Clock(TimeSpan time)
    {
        long hundredths = (long)Math.Round(time.TotalSeconds * 100);
        return string.Create(CultureInfo.InvariantCulture, $"{hundredths / 6000}:{hundredths % 6000 / 100.0:00.00}");
    }
}

/// <summary>Predictions as lines of JSON or CSV.</summary>
/// <param name="format">JSON or CSV.</param>
/// <param name="labels">The labels, in the order of the probabilities.</param>
/// <param name="timeline">Whether a line is a window rather than a file.</param>
/// <param name="channels">Whether a line is about one channel of several.</param>
/// <param name="heard">Whether a line says how many clips of the voice were heard before.</param>
internal sealed class PredictionLines(PredictionFormat format, IReadOnlyList<string> labels, bool timeline, bool channels = false,
    bool heard = false)
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
            if (channels) names.Add("channel");
            if (timeline) names.AddRange("start", "end");
            names.Add("predicted");
            names.AddRange(labels.Select(label => $"probability_{label}"));
            if (!timeline) names.Add("seconds");
            if (heard) names.Add("heard");
            names.AddRange("notes", "quality");
            return string.Join(',', names.Select(Format.CsvField));
        }
    }

    /// <summary>A prediction as a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="span">The window, or null for the whole file.</param>
    /// <param name="prediction">What the model says.</param>
    public string Line(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction) =>
        format == PredictionFormat.Json ? ToJson(path, span, prediction) : ToCsv(path, span, prediction);

    private string ToCsv(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction)
    {
        var fields = new List<string> { path };
        if (channels) fields.Add(prediction.Channel ?? "");
        if (span is var (start, end)) fields.AddRange(Exact(start), Exact(end));
        fields.Add(prediction.Label ?? "");
        // Reads back as the same bits; empty where the model was not asked.
        fields.AddRange(prediction.Scores.Select(score => float.IsNaN(score) ? "" : score.ToString("R", CultureInfo.InvariantCulture)));
        if (span is null) fields.Add(Exact(prediction.Duration));
        if (heard) fields.Add(prediction.SpeakerClips.ToString(CultureInfo.InvariantCulture));
        fields.AddRange(string.Join(' ', prediction.Notes.ToWords()), string.Join(' ', prediction.Quality.Notes.ToWords()));
        return string.Join(',', fields.Select(Format.CsvField));
    }

    private string ToJson(string path, (TimeSpan Start, TimeSpan End)? span, EmotionPrediction prediction)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonFormat))
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            if (channels) json.WriteString("channel", prediction.Channel);
            if (span is var (start, end))
            {
                json.WriteNumber("start", start.TotalSeconds);
                json.WriteNumber("end", end.TotalSeconds);
            }
            json.WriteString("predicted", prediction.Label);
            WriteScore(json, "probability", prediction.Probability);
            json.WriteStartObject("probabilities");
            for (int i = 0; i < prediction.Labels.Count; i++) WriteScore(json, prediction.Labels[i], prediction.Scores[i]);
            json.WriteEndObject();
            if (span is null) json.WriteNumber("seconds", prediction.Duration.TotalSeconds);
            if (heard) json.WriteNumber("heard", prediction.SpeakerClips);
            WriteWords(json, "notes", prediction.Notes.ToWords());
            WriteWords(json, "quality", prediction.Quality.Notes.ToWords());
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteScore(Utf8JsonWriter json, string name, float score)
    {
        if (float.IsNaN(score)) json.WriteNull(name);
        else json.WriteNumber(name, score);
    }

    private static void WriteWords(Utf8JsonWriter json, string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (string word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static string Exact(TimeSpan time) => time.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
}
