namespace SerPipeline.Corpora;

/// <summary>What a corpus calls one of the <see cref="Emotions"/>.</summary>
/// <param name="Code">How its file names write it; clips keep it as the attribute <see cref="LabelNames.Attribute"/>.</param>
/// <param name="Name">The corpus's own word.</param>
/// <param name="Emotion">The name in <see cref="Emotions"/>.</param>
public sealed record LabelName(string Code, string Name, string Emotion);

/// <summary>The labels of each corpus in its own words, and the emotion each stands for.</summary>
public static class LabelNames
{
    /// <summary>The attribute of a clip that holds its label as the corpus's file name writes it.</summary>
    public const string Attribute = "nativeLabel";

    /// <summary>RAVDESS: the third number of the file name.</summary>
    public static IReadOnlyList<LabelName> Ravdess { get; } =
    [
        new("01", "neutral", Emotions.Neutral), new("02", "calm", Emotions.Calm), new("03", "happy", Emotions.Happy), new("04", "sad", Emotions.Sad),
        new("05", "angry", Emotions.Angry), new("06", "fearful", Emotions.Fearful), new("07", "disgust", Emotions.Disgust), new("08", "surprised", Emotions.Surprised),
    ];

    /// <summary>TESS: the last part of the file name.</summary>
    public static IReadOnlyList<LabelName> Tess { get; } =
    [
        new("neutral", "neutral", Emotions.Neutral), new("happy", "happiness", Emotions.Happy), new("sad", "sadness", Emotions.Sad), new("angry", "anger", Emotions.Angry),
        new("fear", "fear", Emotions.Fearful), new("disgust", "disgust", Emotions.Disgust), new("ps", "pleasant surprise", Emotions.Surprised),
    ];

    /// <summary>EMO-DB: the sixth character of the file name, the first letter of the German word.</summary>
    public static IReadOnlyList<LabelName> EmoDb { get; } =
    [
        new("N", "neutral", Emotions.Neutral), new("F", "Freude", Emotions.Happy), new("T", "Trauer", Emotions.Sad), new("W", "Ärger (Wut)", Emotions.Angry),
        new("A", "Angst", Emotions.Fearful), new("E", "Ekel", Emotions.Disgust), new("L", "Langeweile", Emotions.Bored),
    ];

    /// <summary>CREMA-D: the third part of the file name.</summary>
    public static IReadOnlyList<LabelName> CremaD { get; } =
    [
        new("NEU", "neutral", Emotions.Neutral), new("HAP", "happy", Emotions.Happy), new("SAD", "sad", Emotions.Sad),
        new("ANG", "anger", Emotions.Angry), new("FEA", "fear", Emotions.Fearful), new("DIS", "disgust", Emotions.Disgust),
    ];

    /// <summary>SAVEE: the letters before the number.</summary>
    public static IReadOnlyList<LabelName> Savee { get; } =
    [
        new("n", "neutral", Emotions.Neutral), new("h", "happiness", Emotions.Happy), new("sa", "sadness", Emotions.Sad), new("a", "anger", Emotions.Angry),
        new("f", "fear", Emotions.Fearful), new("d", "disgust", Emotions.Disgust), new("su", "surprise", Emotions.Surprised),
    ];

    /// <summary>The name behind a code, in any case; null when the corpus has no such code.</summary>
    internal static LabelName? ByCode(IReadOnlyList<LabelName> names, string code) =>
        names.FirstOrDefault(name => name.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    /// <summary>The codes as a sentence lists them.</summary>
    internal static string Codes(IReadOnlyList<LabelName> names) => string.Join(", ", names.Select(name => name.Code));
}
