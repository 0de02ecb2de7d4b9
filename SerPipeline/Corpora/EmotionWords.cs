using System.Collections.Frozen;

namespace SerPipeline.Corpora;

/// <summary>
/// Words that corpora use for the <see cref="Emotions"/>: English nouns, adjectives and abbreviations, German, French, Italian and Spanish
/// ones, with and without accents. Single letters and numbers are no words: they mean different things in different corpora.
/// </summary>
internal static class EmotionWords
{
    // The forms of one English word are one label wherever they meet. Other words are another's only while they stand alone: a corpus that
    // has "joy" beside "happiness" means two things.
    private static readonly (string Emotion, string Forms, string Others)[] Table =
    [
        (Emotions.Neutral, "neutral neutrality", "neu neut neutre neutro neutra neutrale neutralität no_emotion"),
        (Emotions.Calm, "calm calmness", "cal calme calma calmo tranquilo tranquila tranquillo ruhig ruhe gelassen"),
        (Emotions.Happy, "happy happiness", "hap joy joyful joyous freude freudig fröhlich froehlich glücklich gluecklich joie joyeux "
            + "joyeuse heureux heureuse gioia felicità felice alegría alegre felicidad feliz"),
        (Emotions.Sad, "sad sadness", "sorrow trauer traurig traurigkeit tristesse triste tristezza tristeza"),
        (Emotions.Angry, "angry anger", "ang wut wütend wuetend ärger aerger ärgerlich aergerlich zorn zornig colère rabbia arrabbiato "
            + "arrabbiata ira enfado enojo enojado enojada enfadado enfadada"),
        (Emotions.Fearful, "fearful fear", "fea afraid scared frightened angst ängstlich aengstlich furcht peur apeuré paura spaventato "
            + "spaventata miedo asustado asustada temor"),
        (Emotions.Disgust, "disgust disgusted", "dis ekel angeekelt dégoût dégoûté disgusto disgustato disgustata asco asqueado"),
        (Emotions.Surprised, "surprised surprise", "sur ps pleasant_surprise pleasant_surprised pleasantly_surprised überraschung "
            + "ueberraschung überrascht ueberrascht surpris sorpresa sorpreso sorprendido sorprendida"),
        (Emotions.Bored, "bored boredom", "bor langeweile gelangweilt ennui noia annoiato annoiata aburrimiento aburrido aburrida"),
        ("excited", "excited excitement", "exc"),
        ("frustrated", "frustrated frustration", "fru"),
    ];

    private static readonly FrozenDictionary<string, (string Emotion, bool IsForm)> Known = Table
        .SelectMany(row => row.Forms.Split(' ').Select(word => (word, row.Emotion, IsForm: true))
            .Concat(row.Others.Split(' ').Select(word => (word, row.Emotion, IsForm: false))))
        .ToFrozenDictionary(entry => Key(entry.word), entry => (entry.Emotion, entry.IsForm));

    /// <summary>The emotion that a word names, and whether it is a form of the emotion's own name; null for other words.</summary>
    public static (string Emotion, bool IsForm)? Find(string word) => Known.TryGetValue(Key(word), out var found) ? found : null;

    // pleasant_surprise, Pleasant-Surprise and "pleasant surprise" are one word.
    private static string Key(string word) => ComposedLetters.WithoutMarks(ComposedLetters.Fold(word.Replace('_', ' ').Replace('-', ' ')));
}
