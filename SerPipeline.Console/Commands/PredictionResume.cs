using CsvHelper;

namespace SerPipeline.Console.Commands;

/// <summary>What the lines of a file of predictions depend on besides the recordings. It lies beside the file, so that --resume does not go
/// on with other options.</summary>
internal sealed record PredictionSettings
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
    };

    /// <summary>The version of this format.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The SHA-256 of the model's file, in lower-case hexadecimal digits.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>The probability below which the model abstains, or null.</summary>
    public required double? Threshold { get; init; }

    /// <summary>Seconds of a window under --stream; else null.</summary>
    public required double? WindowSeconds { get; init; }

    /// <summary>Seconds from one window to the next under --stream; else null.</summary>
    public required double? HopSeconds { get; init; }

    /// <summary>The level of silence in dB under --stream; null without, and where all is scored.</summary>
    public required double? SilenceDb { get; init; }

    /// <summary>Whether recordings without speech got a label too.</summary>
    public bool AnswerAnyway { get; init; }

    /// <summary>Which channels were heard.</summary>
    public string Channel { get; init; } = "mix";

    /// <summary>Whose voice it was adapted to: the folder of --enroll, or --same-speaker, with what was heard; null for an unknown
    /// one.</summary>
    public string? Voice { get; init; }

    /// <summary>What relative paths start from; null in files of earlier versions where all were absolute.</summary>
    public string? Folder { get; init; }

    /// <summary>Those of a run.</summary>
    /// <param name="options">Its options.</param>
    public static PredictionSettings Of(PredictOptions options)
    {
        using FileStream model = File.OpenRead(options.Model);
        return new PredictionSettings
        {
            ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(model)),
            Threshold = options.Threshold,
            WindowSeconds = options.Stream ? options.Windows.WindowSeconds : null,
            HopSeconds = options.Stream ? options.Windows.HopSeconds : null,
            SilenceDb = options.Stream ? options.Windows.SilenceDb : null,
            AnswerAnyway = options.AnswerAnyway,
            Channel = options.Channel.ToString().ToLowerInvariant(),
            Folder = Directory.GetCurrentDirectory(),
            Voice = options.Voice is not { } voice ? options.SameSpeaker ? "--same-speaker" : null
                : $"{(options.Enroll is { } folder ? Path.GetFullPath(folder) : "--same-speaker")}, "
                    + $"{Format.Count(voice.Paths.Count, "recording")}, SHA-256 {Short(DigestOf(voice.Paths))}",
        };
    }

    private static string DigestOf(IReadOnlyList<string> files)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            try
            {
                using FileStream content = File.OpenRead(file);
                digest.AppendData(SHA256.HashData(content));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is left out of the voice, which says why.
                digest.AppendData("-"u8);
            }
        }
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static string Short(string digest) => digest[..Math.Min(12, digest.Length)];

    /// <summary>Where those of a file of predictions lie.</summary>
    /// <param name="output">The file of predictions.</param>
    public static string PathOf(string output) => output + ".run.json";

    /// <summary>Reads those of a file of predictions.</summary>
    /// <param name="output">The file of predictions.</param>
    /// <returns>Null where nothing lies beside it.</returns>
    /// <exception cref="ModelFormatException">What lies there is something else.</exception>
    public static PredictionSettings? Read(string output)
    {
        string path = PathOf(output);
        if (!File.Exists(path)) return null;
        try
        {
            if (JsonSerializer.Deserialize<PredictionSettings>(File.ReadAllBytes(path), Json) is { Version: 1 } settings) return settings;
        }
        catch (JsonException)
        {
            // Reported below.
        }
        throw new ModelFormatException($"'{path}' does not tell how '{output}' was written: it is damaged, or of another version of "
            + "this program. Leave out --resume to write both anew.");
    }

    /// <summary>Writes them beside a file of predictions.</summary>
    /// <param name="output">The file of predictions.</param>
    public void Write(string output) => AtomicFile.WriteAllText(PathOf(output), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>What differs besides the folder, in words: first here, then there.</summary>
    /// <param name="other">The other settings.</param>
    public IReadOnlyList<string> DifferencesFrom(PredictionSettings other)
    {
        var differences = new List<string>();
        if (ModelSha256 != other.ModelSha256) differences.Add($"the model (SHA-256 {Short(ModelSha256)}, now {Short(other.ModelSha256)})");
        Compare("--threshold", Threshold, other.Threshold, "none");
        Compare("--window", WindowSeconds, other.WindowSeconds, "none");
        Compare("--hop", HopSeconds, other.HopSeconds, "none");
        Compare("--silence", SilenceDb, other.SilenceDb, "off");
        if (AnswerAnyway != other.AnswerAnyway)
            differences.Add($"--answer-anyway ({OnOff(AnswerAnyway)}, now {OnOff(other.AnswerAnyway)})");
        if (Channel != other.Channel) differences.Add($"--channel ({Channel}, now {other.Channel})");
        if (Voice != other.Voice) differences.Add($"the voice ({Voice ?? "unknown"}, now {other.Voice ?? "unknown"})");
        return differences;

        static string OnOff(bool on) => on ? "on" : "off";

        void Compare(string option, double? here, double? there, string none)
        {
            if (here != there) differences.Add($"{option} ({Text(here)}, now {Text(there)})");
            string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? none;
        }
    }
}

/// <summary>What a file of predictions that somebody stopped writing still holds.</summary>
/// <param name="Length">Bytes of whole lines to keep.</param>
/// <param name="Paths">The files that they are about, as they name them.</param>
internal sealed record FinishedLines(long Length, IReadOnlySet<string> Paths)
{
    private static readonly CsvReaderOptions Csv =
        new() { Separator = ',', HasHeader = false, MalformedData = CsvMalformedDataHandling.Throw };

    /// <summary>Reads a file: whole lines, up to the first that is torn.</summary>
    /// <param name="path">The file; one that is not there holds nothing.</param>
    /// <param name="format">What its lines are.</param>
    /// <param name="header">The first line that it must have, or null for none.</param>
    /// <param name="labels">The labels that it must have.</param>
    /// <param name="timeline">Whether lines are windows.</param>
    /// <param name="channels">Whether lines are about one channel of several.</param>
    /// <remarks>Where a recording has several lines, the last one's are dropped: nobody knows whether all were written.</remarks>
    /// <exception cref="ModelFormatException">It was written by a model of other labels, or is something else.</exception>
    public static FinishedLines Read(string path, PredictionFormat format, string? header, IReadOnlyList<string> labels, bool timeline,
        bool channels)
    {
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var kept = new List<(int Start, string Path)>();
        int end = 0;
        bool first = true;
        foreach ((int start, int length) in Lines(bytes, quoted: format == PredictionFormat.Csv))
        {
            string line = Encoding.UTF8.GetString(bytes, start, length);
            if (first && header is not null)
            {
                if (line != header) throw Foreign(path);
            }
            else
            {
                string? about = format == PredictionFormat.Csv ? PathOf(line, labels, timeline, channels)
                    : PathOf(line, labels, timeline, channels, path);
                if (about is null) break;
                kept.Add((start, about));
            }
            first = false;
            end = start + length + 1;
        }
        // Where no line is whole, what there is must begin as the first one does: a file of something else is not emptied.
        ReadOnlySpan<byte> begins = header is null ? "{\"path\":"u8 : Encoding.UTF8.GetBytes(header + "\n");
        if (end == 0 && bytes.AsSpan().CommonPrefixLength(begins) < Math.Min(bytes.Length, begins.Length)) throw Foreign(path);
        if ((timeline || channels) && kept.Count > 0)
        {
            string last = kept[^1].Path;
            end = kept[kept.FindIndex(line => line.Path == last)].Start;
            kept.RemoveAll(line => line.Path == last);
        }
        return new FinishedLines(end, kept.Select(line => line.Path).ToHashSet(StringComparer.Ordinal));
    }

    // Lines that end in a newline; in CSV one within quotes is part of a field.
    private static IEnumerable<(int Start, int Length)> Lines(byte[] bytes, bool quoted)
    {
        bool inQuotes = false;
        for (int i = 0, start = 0; i < bytes.Length; i++)
        {
            if (quoted && bytes[i] == '"') inQuotes = !inQuotes;
            if (bytes[i] != '\n' || inQuotes) continue;
            yield return (start, i - start);
            start = i + 1;
        }
    }

    private static string? PathOf(string line, IReadOnlyList<string> labels, bool timeline, bool channels, string file)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("path", out JsonElement path)
                || path.ValueKind != JsonValueKind.String
                || !root.TryGetProperty("probabilities", out JsonElement probabilities) || probabilities.ValueKind != JsonValueKind.Object
                || root.TryGetProperty("start", out _) != timeline || root.TryGetProperty("channel", out _) != channels
                || !probabilities.EnumerateObject().Select(p => p.Name).SequenceEqual(labels, StringComparer.Ordinal))
                throw Foreign(file);
            // Numbers, or null for all where the model was not asked.
            JsonValueKind[] kinds = [.. probabilities.EnumerateObject().Select(p => p.Value.ValueKind).Distinct()];
            return kinds is [JsonValueKind.Number or JsonValueKind.Null] ? path.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A row that lacks fields, or has none but text where numbers belong, is torn.
    private static string? PathOf(string row, IReadOnlyList<string> labels, bool timeline, bool channels)
    {
        // path, channel, start, end, predicted, probabilities, seconds, notes, quality: windows have a span and no seconds.
        int span = channels ? 2 : 1, predicted = span + (timeline ? 2 : 0), behind = predicted + 1 + labels.Count;
        if (Fields(row) is not { } fields || fields.Count != behind + (timeline ? 2 : 3)) return null;
        List<string> probabilities = fields[(predicted + 1)..behind];
        IEnumerable<string> numbers = timeline ? fields[span..predicted] : fields[behind..^2];
        // All probabilities are empty where the model was not asked.
        if (!probabilities.TrueForAll(text => text.Length == 0)) numbers = numbers.Concat(probabilities);
        return numbers.All(IsNumber) ? fields[0] : null;
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number);

    // Null where a quote is not closed, or something follows it.
    private static List<string>? Fields(string row)
    {
        try
        {
            using CsvReader csv = CsvReader.FromText(row, Csv);
            return csv.Read() ? [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)] : null;
        }
        catch (CsvFormatException)
        {
            return null;
        }
    }

    private static ModelFormatException Foreign(string path) => new(
        $"--resume cannot append to '{path}': it was written by a model of other labels, in another format, or is something else. Name "
            + "another file, or leave out --resume to write it anew.");
}
