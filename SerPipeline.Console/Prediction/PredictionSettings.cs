using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace SerPipeline.Console.Prediction;

/// <summary>What the lines of a file of predictions depend on besides the recordings. It lies beside the file, so that --resume does not go on with other options.</summary>
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
        };
    }

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
            // Told below.
        }
        throw new ModelFormatException($"'{path}' does not tell how '{output}' was written: it is damaged, or of another version of this program. Leave out --resume to write both anew.");
    }

    /// <summary>Writes them beside a file of predictions.</summary>
    /// <param name="output">The file of predictions.</param>
    public void Write(string output) => File.WriteAllBytes(PathOf(output), [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n']);

    /// <summary>What differs, in words: first here, then there.</summary>
    /// <param name="other">The other settings.</param>
    public IReadOnlyList<string> DifferencesFrom(PredictionSettings other)
    {
        var differences = new List<string>();
        if (ModelSha256 != other.ModelSha256) differences.Add($"the model (SHA-256 {Short(ModelSha256)}, now {Short(other.ModelSha256)})");
        Compare("--threshold", Threshold, other.Threshold, "none");
        Compare("--window", WindowSeconds, other.WindowSeconds, "none");
        Compare("--hop", HopSeconds, other.HopSeconds, "none");
        Compare("--silence", SilenceDb, other.SilenceDb, "off");
        return differences;

        static string Short(string digest) => digest[..Math.Min(12, digest.Length)];

        void Compare(string option, double? here, double? there, string none)
        {
            if (here != there) differences.Add($"{option} ({Text(here)}, now {Text(there)})");
            string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? none;
        }
    }
}
