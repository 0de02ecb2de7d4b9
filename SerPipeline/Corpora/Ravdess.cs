using System.Diagnostics.CodeAnalysis;

namespace SerPipeline.Corpora;

/// <summary>
/// The name of a RAVDESS recording, such as <c>03-01-06-01-02-01-12</c>: modality, channel, emotion, intensity, statement, repetition,
/// actor (Livingstone and Russo 2018, "The Ryerson Audio-Visual Database of Emotional Speech and Song", PLoS ONE 13(5), e0196391).
/// </summary>
public sealed partial record RavdessName
{
    private static readonly string[] ModalityNames = ["audio-video", "video", "audio"];
    private static readonly string[] ChannelNames = ["speech", "song"];
    private static readonly string[] IntensityNames = ["normal", "strong"];

    /// <summary>The eight emotions in the order of their codes, 01 to 08.</summary>
    public static IReadOnlyList<string> Emotions { get; } = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    /// <summary>The number of actors of the corpus.</summary>
    public const int Actors = 24;

    /// <summary><c>audio-video</c>, <c>video</c> or <c>audio</c>.</summary>
    public required string Modality { get; init; }

    /// <summary><c>speech</c> or <c>song</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>One of <see cref="Emotions"/>.</summary>
    public required string Emotion { get; init; }

    /// <summary><c>normal</c> or <c>strong</c>; neutral is always normal.</summary>
    public required string Intensity { get; init; }

    /// <summary>1: "Kids are talking by the door". 2: "Dogs are sitting by the door".</summary>
    public required int Statement { get; init; }

    /// <summary>Which take of the statement, from 1; the recorded corpus has two.</summary>
    public required int Repetition { get; init; }

    /// <summary>The actor, 1 to 24.</summary>
    public required int Actor { get; init; }

    /// <summary>The actor as the file name writes it: two digits.</summary>
    public string Speaker => Actor.ToString("00", CultureInfo.InvariantCulture);

    /// <summary>Odd actors are <c>male</c>, even ones <c>female</c>.</summary>
    public string Sex => Actor % 2 == 1 ? "male" : "female";

    /// <summary>The name as the corpus writes it, without extension.</summary>
    public override string ToString()
    {
        int[] codes = [Code(ModalityNames, Modality), Code(ChannelNames, Channel), Code(Emotions, Emotion),
            Code(IntensityNames, Intensity)];
        return string.Join('-', codes.Append(Statement).Append(Repetition).Append(Actor)
            .Select(code => code.ToString("00", CultureInfo.InvariantCulture)));
    }

    /// <summary>The name of the sound-only file of a take: the sound of the film (modality 01) is the same recording.</summary>
    internal string SoundOnly() => (this with { Modality = "audio" }).ToString();

    /// <summary>What a path's file name says, of a copy's what its original's says; null where it is no name of RAVDESS.</summary>
    internal static RavdessName? OfOriginal(string? path) =>
        path is not null && TryParse(OversampledCorpus.OriginalOf(path), out RavdessName? name, out _) ? name : null;

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name, with or without extension and folders.</param>
    /// <param name="name">The parts of the name; null when it does not follow the scheme.</param>
    /// <param name="problem">What was expected and what was found when the name does not follow the scheme, else empty.</param>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out RavdessName? name, out string problem)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        string stem = Path.GetFileNameWithoutExtension(fileName.Replace('\\', '/'));
        if (!SevenNumbers().IsMatch(stem))
        {
            problem = $"expected seven two-digit numbers joined by '-', such as 03-01-06-01-02-01-12, got '{stem}'";
            return false;
        }
        int[] codes = [.. stem.Split('-').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        problem = CodesProblem(codes);
        if (problem.Length > 0) return false;
        name = new RavdessName
        {
            Modality = ModalityNames[codes[0] - 1],
            Channel = ChannelNames[codes[1] - 1],
            Emotion = Emotions[codes[2] - 1],
            Intensity = IntensityNames[codes[3] - 1],
            Statement = codes[4],
            Repetition = codes[5],
            Actor = codes[6],
        };
        return true;
    }

    private static string CodesProblem(int[] codes)
    {
        (string Part, int Max)[] parts =
            [("modality", 3), ("channel", 2), ("emotion", 8), ("intensity", 2), ("statement", 2), ("repetition", 99), ("actor", Actors)];
        for (int i = 0; i < parts.Length; i++)
            if (codes[i] < 1 || codes[i] > parts[i].Max)
                return string.Create(CultureInfo.InvariantCulture,
                    $"expected {parts[i].Part} (number {i + 1}) between 01 and {parts[i].Max:00}, got {codes[i]:00}");
        return codes[2] == 1 && codes[3] == 2 ? "expected neutral (emotion 01) with intensity 01, got 02: the corpus has no strong neutral"
            : "";
    }

    private static int Code(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
            if (names[i] == name) return i + 1;
        throw new ArgumentException($"expected one of {string.Join(", ", names)}, got '{name}'", nameof(name));
    }

    [GeneratedRegex("^[0-9]{2}(-[0-9]{2}){6}$", RegexOptions.CultureInvariant)]
    private static partial Regex SevenNumbers();
}

/// <summary>RAVDESS: the whole, its speech and its song.</summary>
internal static class Ravdess
{
    public static CorpusFacts Facts { get; } = CorpusFacts.Published("ravdess");

    public static CorpusFacts Speech { get; } = CorpusFacts.Published("ravdess-speech");

    public static CorpusFacts Song { get; } = CorpusFacts.Published("ravdess-song");

    /// <summary>Reads the clips of one channel, <c>speech</c> or <c>song</c>; of both when null.</summary>
    public static NameReader Reader(string? channel) => (string path, out string problem) =>
    {
        if (!RavdessName.TryParse(path, out RavdessName? name, out problem) || (channel is not null && name.Channel != channel))
            return null;
        if (name.Modality == "video")
        {
            problem = "expected modality 01 or 03, got 02, which has no sound";
            return null;
        }
        return new ParsedClip(name.SoundOnly(), Facts.LabelNames.First(label => label.Emotion == name.Emotion), name.Speaker, name.Sex,
            ("modality", name.Modality), ("channel", name.Channel), ("intensity", name.Intensity),
            ("statement", $"{name.Statement}"), ("repetition", $"{name.Repetition}"));
    };
}
