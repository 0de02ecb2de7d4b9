using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

public class LabelNameTests
{
    [Theory]
    [InlineData("angry,Angry,angry ,ANGRY", "angry")] // case and spaces
    [InlineData("生气,生气\u200B,\uFEFF生气", "生气")] // what does not show
    [InlineData("fröhlich laut,fro\u0308hlich laut,Fröhlich\u00A0laut", "fröhlich laut")] // composed, decomposed, no-break space
    [InlineData("행복,\u1112\u1162\u11BC\u1107\u1169\u11A8", "행복")] // Hangul as some systems write file names
    [InlineData("ｅｅｒｉｅ,eerie", "eerie")] // full width
    [InlineData("がっかり,か\u3099っかり", "がっかり")]
    public void Spellings_of_one_label_are_one(string labels, string expected)
    {
        Corpus corpus = Of(labels.Split(','));
        Assert.Equal([ComposedLetters.Fold(expected)], corpus.Labels.Select(ComposedLetters.Fold));
        Assert.Single(corpus.Labels);
        Assert.Contains(corpus.Labels[0], labels.Split(',').Select(label => label.Trim()));
        Assert.Contains(LabelNames.Remarks(corpus), remark => remark.Contains("count as one", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anger,sadness,happiness,fear,surprise,boredom,calmness,neutral,disgusted",
        "angry,sad,happy,fearful,surprised,bored,calm,neutral,disgust")]
    [InlineData("ang,hap,neu,sad,exc,fru,fea,sur,dis", "angry,happy,neutral,sad,excited,frustrated,fearful,surprised,disgust")]
    [InlineData("Wut,Freude,Trauer,Angst,Ekel,Langeweile,Überraschung,neutral", "angry,happy,sad,fearful,disgust,bored,surprised,neutral")]
    [InlineData("Aerger,Fröhlich,traurig", "angry,happy,sad")]
    [InlineData("Colère,Dégoût,Joie,Neutre,Peur,Surprise,Tristesse", "angry,disgust,happy,neutral,fearful,surprised,sad")]
    [InlineData("colere,degout,joie", "angry,disgust,happy")] // without accents
    [InlineData("rabbia,gioia,paura,tristezza,sorpresa,disgusto,neutro", "angry,happy,fearful,sad,surprised,disgust,neutral")]
    [InlineData("enfado,alegría,miedo,tristeza,asco", "angry,happy,fearful,sad,disgust")]
    [InlineData("Pleasant-Surprise,happy", "surprised,happy")]
    [InlineData("contempt,sleepiness", "contempt,sleepiness")] // no names of the set
    [InlineData("a,F,03", "a,F,03")] // letters and numbers mean different things in different corpora
    public void Known_words_count_as_the_emotions_they_name(string written, string expected)
    {
        Corpus corpus = Of(written.Split(','));
        Assert.Equal(expected.Split(','), corpus.Clips.OrderBy(clip => clip.RelativePath).Select(clip => clip.Label));
        string[] changed = [.. written.Split(',').Zip(expected.Split(',')).Where(pair => ComposedLetters.Fold(pair.First)
            != ComposedLetters.Fold(pair.Second)).Select(pair => $"'{pair.First}' as {pair.Second} (1 clip)")];
        string said = string.Join(" ", LabelNames.Remarks(corpus));
        Assert.All(changed, sentence => Assert.Contains(sentence, said, StringComparison.Ordinal));
    }

    [Fact]
    public void Words_that_may_mean_two_things_stay_apart_and_are_told()
    {
        Corpus corpus = Of(["joy", "happiness", "happy", "ang"]);
        Assert.Equal(["angry", "happy", "joy"], corpus.Labels);
        CorpusProblem problem = Assert.Single(corpus.Problems, p => p.Kind == CorpusProblemKind.LabelsAlike);
        Assert.Contains("--map \"joy=happy\"", problem.Message, StringComparison.Ordinal);
        // Neither of two foreign words is the other.
        Assert.Equal(["freude", "glücklich"], Of(["freude", "glücklich"], LabelsAlike: 2).Labels);
        Assert.Equal(["freude", "joy"], Of(["freude", "joy"], LabelsAlike: 2).Labels);
    }

    [Fact]
    public void A_map_merges_drops_and_keeps_before_labels_are_chosen()
    {
        string[] written = ["excited", "happiness", "Frustration", "anger", "odd"];
        Corpus corpus = Of(written, new CorpusLoadOptions
        {
            LabelMap = new Dictionary<string, string> { ["Excited"] = "happy", ["frustration"] = "", ["anger"] = "anger" },
            Labels = ["anger", "Happy"],
        });
        Assert.Equal(["anger", "happy"], corpus.Labels);
        Assert.Equal(["happy", "happy", "anger"], corpus.Clips.Select(clip => clip.Label));
        Assert.Equal(["corpus"], corpus.Problems.Where(p => p.Message.Contains("'frustrated' was left out, as the label map says"))
            .Select(p => p.RelativePath));
        Assert.Contains("'happiness' as happy (1 clip)", string.Join(" ", LabelNames.Remarks(corpus)), StringComparison.Ordinal);
        Assert.DoesNotContain("anger", string.Join(" ", LabelNames.Remarks(corpus)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_of_what_does_not_occur_is_refused()
    {
        string message = Assert.Throws<CorpusException>(() => Of(["angry", "sad"], new CorpusLoadOptions
        {
            LabelMap = new Dictionary<string, string> { ["excitd"] = "happy" },
        })).Message;
        Assert.Contains("names 'excitd', which is no label of 'corpus': its labels are angry, sad", message, StringComparison.Ordinal);
        var twice = new Dictionary<string, string> { ["a"] = "x", ["A "] = "y" };
        Assert.Throws<OptionsException>(new CorpusLoadOptions { LabelMap = twice }.Validate);
        Assert.Contains("of one label, written 'a' and 'A '", Assert.Throws<CorpusException>(() => Of(["a"]).WithLabelMap(twice)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_aligned_to_those_of_a_model()
    {
        Assert.Equal(["Wut", "odd", "Sad"], LabelNames.Align(Of(["anger", "sadness", "odd"]), ["Sad", "Wut"]).Labels);
        Corpus same = Of(["angry", "sad"]);
        Assert.Same(same, LabelNames.Align(same, ["angry", "sad", "happy"]));
    }

    private static Corpus Of(string[] labels, CorpusLoadOptions? options = null, int? LabelsAlike = null)
    {
        using var folder = new CorpusFolder();
        for (int i = 0; i < labels.Length; i++) folder.Text($"{i:00}.wav");
        string manifest = folder.Text("corpus.csv", "path,label,speaker\n"
            + string.Concat(labels.Select((label, i) => $"{i:00}.wav,\"{label}\",s{i}\n")));
        Corpus corpus = CorpusLoader.Load("manifest", manifest, options);
        if (LabelsAlike is { } count) Assert.Equal(count, corpus.Problems.Count(p => p.Kind == CorpusProblemKind.LabelsAlike));
        return corpus;
    }
}
