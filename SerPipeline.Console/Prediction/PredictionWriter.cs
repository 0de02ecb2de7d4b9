using System.Globalization;
using System.Text;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Old.Models;
using SerPipeline.Reports;

namespace SerPipeline.Console.Prediction;

/// <summary>Writes predictions as they come: to standard output or, line by line, to a file.</summary>
internal sealed class PredictionWriter : IDisposable
{
    private readonly Terminal _terminal;
    private readonly IReadOnlyList<string> _labels;
    private readonly bool _timeline;
    private readonly PredictionLines? _lines;
    private readonly StreamWriter? _file;
    private readonly TextTable _table;
    private string? _path;
    private bool _any;
    private long _begin;

    /// <summary>Creates the writer.</summary>
    /// <param name="terminal">Standard output.</param>
    /// <param name="options">Format, file, and whether it is gone on with.</param>
    /// <param name="labels">The labels, in the order of the probabilities.</param>
    /// <exception cref="ModelFormatException">The file cannot be gone on with.</exception>
    public PredictionWriter(Terminal terminal, PredictOptions options, IReadOnlyList<string> labels)
    {
        (_terminal, _labels, _timeline) = (terminal, labels, options.Stream);
        _table = new TextTable(["clip", "emotion", .. labels.Select(label => ">" + label), "notes"]);
        if (options.Format == PredictionFormat.Table) return;
        _lines = new PredictionLines(options.Format, labels, _timeline);
        if (options.Output is not { } path)
        {
            if (_lines.Header is { } first) terminal.Result(first);
            return;
        }
        var settings = PredictionSettings.Of(options);
        FinishedLines finished = options.Resume ? FinishedLines.Read(path, options.Format, _lines.Header, labels, _timeline) : new(0, new HashSet<string>());
        bool anew = finished.Paths.Count == 0;
        if (!anew) CheckSame(path, settings);
        Finished = finished.Paths;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        // 1. What is torn goes; the rest stays, and what follows is written behind it.
        stream.SetLength(finished.Length);
        stream.Seek(0, SeekOrigin.End);
        // 2. A line that has been written is there, whatever becomes of this process.
        _file = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        // 3. Only once no line of other settings is left.
        if (anew) settings.Write(path);
        if (finished.Length == 0 && _lines.Header is { } header) _file.WriteLine(header);
    }

    /// <summary>The full paths of the files that are written already.</summary>
    public IReadOnlySet<string> Finished { get; } = new HashSet<string>();

    /// <summary>Remembers where a recording begins.</summary>
    public void Begin() => _begin = _file?.BaseStream.Position ?? 0;

    /// <summary>Takes what was written since <see cref="Begin"/> out of the file. What went to standard output is with its reader.</summary>
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
        else _table.Add([path, Emotion(prediction), .. prediction.Scores.Select(score => Format.Score(score)), Notes(prediction)]);
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

    private void CheckSame(string path, PredictionSettings settings)
    {
        if (PredictionSettings.Read(path) is not { } before)
        {
            _terminal.Message($"warning: '{PredictionSettings.PathOf(path)}' is missing: nobody knows whether '{path}' was written with this model and these options. It is gone on with.");
            return;
        }
        if (before.DifferencesFrom(settings) is { Count: > 0 } differences)
            throw new ModelFormatException($"--resume cannot go on with '{path}': it was written with other options: {string.Join(", ", differences)}. Give the same ones, name another file, or leave out --resume to write it anew.");
    }

    private void Line(string line)
    {
        if (_file is not null) _file.WriteLine(line);
        else Flushed(line);
    }

    // A timeline is read while the recording goes on, so its rows have fixed widths and are shown at once.
    private void Row(string path, EmotionSegment segment, EmotionPrediction prediction)
    {
        int emotion = Math.Max("emotion".Length, _labels.Max(label => label.Length));
        int Width(string label) => Math.Max(5, label.Length);
        if (path != _path)
        {
            _path = path;
            Flushed(path);
            Flushed($"{"start",9}  {"end",9}  {"emotion".PadRight(emotion)}  {string.Join("  ", _labels.Select(label => label.PadLeft(Width(label))))}");
        }
        string scores = string.Join("  ", prediction.Scores.Select((score, i) => Format.Score(score).PadLeft(Width(_labels[i]))));
        Flushed($"{Clock(segment.Start),9}  {Clock(segment.End),9}  {Emotion(prediction).PadRight(emotion)}  {scores}  {Notes(prediction)}".TrimEnd());
    }

    private void Flushed(string line)
    {
        _terminal.Result(line);
        _terminal.OutputWriter.Flush();
    }

    private static string Emotion(EmotionPrediction prediction) => prediction.Label ?? "-";

    // Of the notes those that say something about the answer; a rate is no surprise in a table for people.
    private static string Notes(EmotionPrediction prediction) =>
        string.Join(' ', (prediction.Notes & ~(PredictionNotes.Resampled | PredictionNotes.MixedDown)).ToWords());

    /// <summary>Minutes and seconds, to hundredths. They are rounded before the minutes are told apart: 59.996 s are 1:00.00.</summary>
    internal static string Clock(TimeSpan time)
    {
        long hundredths = (long)Math.Round(time.TotalSeconds * 100);
        return string.Create(CultureInfo.InvariantCulture, $"{hundredths / 6000}:{hundredths % 6000 / 100.0:00.00}");
    }
}
