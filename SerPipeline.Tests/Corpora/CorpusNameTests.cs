using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

/// <summary>File names as the corpora's own descriptions give them, and names beside them that are none.</summary>
public class CorpusNameTests
{
    [Theory]
    [InlineData("OAF_back_angry.wav", "OAF", "back", "angry", "angry", 64)]
    [InlineData("OAF_angry/OAF_back_angry.wav", "OAF", "back", "angry", "angry", 64)]
    [InlineData("OA_bite_neutral.wav", "OAF", "bite", "neutral", "neutral", 64)]
    [InlineData("YAF_pleasant_surprised/YAF_dog_ps.wav", "YAF", "dog", "ps", "surprised", 26)]
    [InlineData("OAF_Pleasant_surprise\\OAF_dog_ps.WAV", "OAF", "dog", "ps", "surprised", 64)]
    [InlineData("yaf_Mob_FEAR.flac", "YAF", "mob", "fear", "fearful", 26)]
    public void Tess_names_are_understood(string file, string speaker, string word, string native, string emotion, int age)
    {
        ParsedClip clip = Read(Tess.Read, file);
        Assert.Equal(($"{speaker}_{word}_{native}", emotion, speaker, "female"),
            (clip.Recording, clip.Label.Emotion, clip.Speaker, clip.Sex));
        Assert.Equal($"age={age} nativeLabel={native} word={word}", AttributesOf(clip));
    }

    [Theory]
    [InlineData("XAF_back_angry.wav", "speaker, word and emotion")]
    [InlineData("OAF_back.wav", "speaker, word and emotion")]
    [InlineData("OAF_back_angry_2.wav", "speaker, word and emotion")]
    [InlineData("OAF_back_calm.wav",
        "expected one of neutral, happy, sad, angry, fear, disgust, ps as the last part of the name, got 'calm'")]
    [InlineData("", "speaker, word and emotion")]
    public void Other_names_are_none_of_tess(string file, string reason)
    {
        Refuses(Tess.Read, file, reason);
    }

    [Theory]
    [InlineData("03a01Fa.wav", "03", "male", "a01", "F", "happy", "a")]
    [InlineData("wav/08b10Wd.wav", "08", "female", "b10", "W", "angry", "d")]
    [InlineData("16b09Lb.flac", "16", "female", "b09", "L", "bored", "b")]
    [InlineData("11a05Ec", "11", "male", "a05", "E", "disgust", "c")]
    [InlineData("13a07Ab.wav", "13", "female", "a07", "A", "fearful", "b")]
    [InlineData("15b02Ta.wav", "15", "male", "b02", "T", "sad", "a")]
    [InlineData("14a04N.wav", "14", "female", "a04", "N", "neutral", "")]
    public void Emodb_names_are_understood(string file, string speaker, string sex, string text, string native, string emotion,
        string version)
    {
        ParsedClip clip = Read(EmoDb.Read, file);
        Assert.Equal((Path.GetFileNameWithoutExtension(file), emotion, speaker, sex),
            (clip.Recording, clip.Label.Emotion, clip.Speaker, clip.Sex));
        Assert.Equal($"nativeLabel={native} statement={text} version={version}", AttributesOf(clip));
    }

    [Theory]
    [InlineData("03a01fa.wav", "speaker, text, emotion and version")]
    [InlineData("3a01Fa.wav", "speaker, text, emotion and version")]
    [InlineData("04a01Fa.wav", "one of the speakers 03, 08, 09, 10, 11, 12, 13, 14, 15, 16 (digits 1 and 2), got 04")]
    [InlineData("03a01Xa.wav", "got 'X'")]
    public void Other_names_are_none_of_emodb(string file, string reason)
    {
        Refuses(EmoDb.Read, file, reason);
    }

    [Theory]
    [InlineData("AudioWAV/1001_DFA_ANG_XX.wav", "1001", "DFA", "ANG", "angry", "unspecified")]
    [InlineData("1091_IEO_SAD_LO.wav", "1091", "IEO", "SAD", "sad", "low")]
    [InlineData("1010_IEO_FEA_MD.wav", "1010", "IEO", "FEA", "fearful", "medium")]
    [InlineData("1022_IEO_HAP_HI.wav", "1022", "IEO", "HAP", "happy", "high")]
    [InlineData("1040_ITH_SAD_X.wav", "1040", "ITH", "SAD", "sad", "unspecified")]
    public void Crema_names_are_understood(string file, string speaker, string sentence, string native, string emotion, string level)
    {
        ParsedClip clip = Read(CremaD.Read, file);
        Assert.Equal((emotion, speaker, null), (clip.Label.Emotion, clip.Speaker, clip.Sex));
        Assert.Equal($"intensity={level} nativeLabel={native} statement={sentence}", AttributesOf(clip));
    }

    [Theory]
    [InlineData("1001_DFA_ANG.wav", "actor, sentence, emotion and level")]
    [InlineData("1092_DFA_ANG_XX.wav", "between 1001 and 1091, got 1092")]
    [InlineData("1001_ABC_ANG_XX.wav", "got ABC")]
    [InlineData("1001_DFA_SUR_XX.wav", "got SUR")]
    [InlineData("1001_DFA_ANG_ZZ.wav", "got ZZ")]
    public void Other_names_are_none_of_crema(string file, string reason)
    {
        Refuses(CremaD.Read, file, reason);
    }

    [Theory]
    [InlineData("DC_a01.wav", "DC", "a", "angry", 1)]
    [InlineData("AudioData/DC/a01.wav", "DC", "a", "angry", 1)]
    [InlineData("KL\\su15.wav", "KL", "su", "surprised", 15)]
    [InlineData("ALL/JE_sa08.wav", "JE", "sa", "sad", 8)]
    [InlineData("jk_N30.wav", "JK", "n", "neutral", 30)]
    [InlineData("JK_f15", "JK", "f", "fearful", 15)]
    public void Savee_names_are_understood(string file, string speaker, string native, string emotion, int number)
    {
        ParsedClip clip = Read(Savee.Read, file);
        Assert.Equal(($"{speaker}_{native}{number:00}", emotion, speaker, "male"),
            (clip.Recording, clip.Label.Emotion, clip.Speaker, clip.Sex));
        Assert.Equal($"nativeLabel={native} statement={number}", AttributesOf(clip));
    }

    [Theory]
    [InlineData("a01.wav", "before the name or as its folder, got ''")]
    [InlineData("AB_a01.wav", "got 'AB'")]
    [InlineData("DC/x01.wav", "speaker, emotion and number")]
    [InlineData("DC_a1.wav", "speaker, emotion and number")]
    public void Other_names_are_none_of_savee(string file, string reason)
    {
        Refuses(Savee.Read, file, reason);
    }

    [Fact]
    public void Every_label_of_every_corpus_is_an_emotion_of_the_set()
    {
        Assert.Equal(["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised", "bored"], Emotions.All);
        foreach (CorpusFacts facts in CorpusFacts.All)
        {
            Assert.All(facts.LabelNames, name => Assert.Contains(name.Emotion,
                (string[])[.. Emotions.All, "excited", "frustrated", "amused", "sleepy"]));
            Assert.Equal(facts.LabelNames.Count, facts.Labels.Count);
            Assert.Contains(facts.Name, CorpusLoader.Names);
        }
        Assert.Equal(["sad", "bored", "alarmed", "zen"], Emotions.InOrder(["zen", "bored", "alarmed", "sad", "zen"]));
    }

    private static ParsedClip Read(NameReader reader, string file)
    {
        ParsedClip? clip = reader(file, out string problem);
        Assert.Equal("", problem);
        return Assert.IsType<ParsedClip>(clip);
    }

    private static string AttributesOf(ParsedClip clip) => string.Join(' ', clip.Attributes.Select(pair => $"{pair.Key}={pair.Value}"));

    private static void Refuses(NameReader reader, string file, string reason)
    {
        Assert.Null(reader(file, out string problem));
        Assert.Contains(reason, problem);
    }
}
