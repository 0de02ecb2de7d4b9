using SerPipeline.Console.Hosting;
using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

/// <summary>Made-up trees in the published layouts of corpora.</summary>
public class CorpusParserTests
{
    [Fact]
    public void Iemocap_takes_labels_from_its_tables_and_leaves_out_what_raters_did_not_agree_on()
    {
        using var folder = new CorpusFolder();
        const string Session = "IEMOCAP_full_release/Session1/";
        foreach (string turn in new[] { "F000", "M000", "M001", "F001", "F002" })
            folder.Text($"{Session}sentences/wav/Ses01F_impro01/Ses01F_impro01_{turn}.wav");
        folder.Text($"{Session}dialog/wav/Ses01F_impro01.wav");
        folder.Text("IEMOCAP_full_release/Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F012.wav");
        folder.Text($"{Session}dialog/EmoEvaluation/Ses01F_impro01.txt", """
            % [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

            [6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]
            C-E2:	Neutral;	()
            [10.0100 - 11.3925]	Ses01F_impro01_M000	exc	[4.0000, 3.5000, 2.5000]
            [14.8872 - 18.0175]	Ses01F_impro01_M001	xxx	[2.5000, 2.5000, 2.5000]
            [19.2900 - 20.7875]	Ses01F_impro01_F001	fru	[2.5000, 2.5000, 2.5000]
            """);
        folder.Text("IEMOCAP_full_release/Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt",
            "[6.2901 - 8.2357]\tSes05M_script01_1b_F012\tang\t[2.5000, 2.5000, 2.5000]\n");

        Corpus corpus = CorpusLoader.Load("iemocap", folder.Path);

        Assert.Equal([("Ses01F_impro01_F000", "neutral", "Ses01F", "female"), ("Ses01F_impro01_F001", "frustrated", "Ses01F", "female"),
            ("Ses01F_impro01_M000", "excited", "Ses01M", "male"), ("Ses05M_script01_1b_F012", "angry", "Ses05F", "female")],
            corpus.Clips.Select(clip => (Path.GetFileNameWithoutExtension(clip.Path), clip.Label, clip.Speaker!, clip.Sex!)));
        Assert.Equal(["improvised", "improvised", "improvised", "scripted"], corpus.Clips.Select(clip => clip.Attributes["style"]));
        Assert.Equal(["expected a line for Ses01F_impro01_F002", "the raters did not agree (xxx)"],
            corpus.Problems.Select(problem => problem.Message.Split(" in dialog")[0].Split(": left")[0]).Order(StringComparer.Ordinal));
        Assert.Equal(["neutral", "angry", "happy", "frustrated"], corpus.WithLabelMap(new Dictionary<string, string> { ["exc"] = "happy" })
            .Labels.OrderBy(label => Array.IndexOf(["neutral", "angry", "happy", "frustrated"], label)));
        Assert.Equal(folder.Full("IEMOCAP_full_release"), CorpusLocator.Find("iemocap", folder.Path));
    }

    [Fact]
    public void Meld_joins_files_and_tables_and_keeps_its_parts()
    {
        using var folder = new CorpusFolder();
        foreach (string file in new[] { "train_splits/dia0_utt0.mp4", "train_splits/dia0_utt1.wav", "dev_splits_complete/dia0_utt0.mp4",
            "output_repeated_splits_test/dia0_utt0.mp4", "output_repeated_splits_test/dia9_utt9.mp4" })
            folder.Text("MELD.Raw/" + file);
        foreach ((string part, string rows) in new[]
        {
            ("train", "1,Hi,Chandler,joy,positive,0,0\n2,\"Oh, no\",The Interviewer,surprise,negative,0,1\n"),
            ("dev", "1,Oh,Phoebe,sadness,negative,0,0\n"), ("test", "1,Why,Joey,anger,negative,0,0\n"),
        })
            folder.Text($"MELD.Raw/{part}_sent_emo.csv", "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\n" + rows);

        Corpus corpus = CorpusLoader.Load("meld", folder.Path);

        Assert.Equal([("validation", "Phoebe", "sad"), ("test", "Joey", "angry"), ("train", "Chandler", "happy"),
            ("train", "The Interviewer", "surprised")], corpus.Clips.Select(clip => (clip.Split!, clip.Speaker!, clip.Label)));
        // Several at once are nobody's voice; an actor in another role keeps it.
        string[] files = ["train_splits/dia1_utt0.wav", "train_splits/dia1_utt1.wav", "train_splits/dia1_utt2.wav"];
        using var together = new CorpusFolder();
        foreach (string file in files) together.Text(file);
        together.Text("train_sent_emo.csv", "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\n"
            + "1,Hi,Joey/Drake,joy,positive,1,0\n2,Hi,Joey and Chandler,joy,positive,1,1\n3,Hi,All,joy,positive,1,2\n");
        Assert.Equal(["Joey", null, null], CorpusLoader.Load("meld", together.Path).Clips.Select(clip => clip.Speaker));
        Assert.Contains("dialogue 9, utterance 9 in test_sent_emo.csv", Assert.Single(corpus.Problems).Message, StringComparison.Ordinal);
        Assert.Contains("--protocol given", Assert.Single(corpus.Remarks), StringComparison.Ordinal);
        File.Delete(folder.Full("MELD.Raw/train_sent_emo.csv"));
        File.Delete(folder.Full("MELD.Raw/dev_sent_emo.csv"));
        File.Delete(folder.Full("MELD.Raw/test_sent_emo.csv"));
        Assert.Contains("its label is unknown", Assert.Throws<CorpusException>(() => CorpusLoader.Load("meld", folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("subesco", "SUBESCO/M_05_RAHUL_S_10_SURPRISE_5.wav", "surprised", "M_05", "male",
        "name=RAHUL nativeLabel=SURPRISE repetition=5 statement=10")]
    [InlineData("subesco", "F_01_OISHI_S_1_ANGRY_1.wav", "angry", "F_01", "female",
        "name=OISHI nativeLabel=ANGRY repetition=1 statement=1")]
    [InlineData("cafe", "Colère/Fort/01-C-2-1.wav", "angry", "01", "male", "intensity=2 nativeLabel=C statement=1")]
    [InlineData("cafe", "Neutre/12-N-1-6.aiff", "neutral", "12", "female", "intensity=1 nativeLabel=N statement=6")]
    [InlineData("emov-db", "bea/anger_1-28_0011.wav", "angry", "bea", "female", "nativeLabel=anger range=1-28 statement=0011")]
    [InlineData("emov-db", "samples/bea/anger_1-28_0012.wav", "angry", "bea", "female", "nativeLabel=anger range=1-28 statement=0012")]
    [InlineData("emov-db", "EmoV-DB_sorted/josh/Sleepy/sleepiness_1-28_0002.wav", "sleepy", "josh", "male",
        "nativeLabel=sleepiness range=1-28 statement=0002")]
    [InlineData("emov-db", "sam_Disgusted/disgusted_57-84_0057.wav", "disgust", "sam", "male",
        "nativeLabel=disgust range=57-84 statement=0057")]
    [InlineData("esd", "0011/Angry/0011_000351.wav", "angry", "0011", "male", "nativeLabel=Angry utterance=000351")]
    [InlineData("esd", "Emotion Speech Dataset/0002/惊喜/test/0002_001750.wav", "surprised", "0002", "female",
        "nativeLabel=Surprise utterance=001750")]
    [InlineData("esd", "0020/Neutral/train/0020_000001.wav", "neutral", "0020", "male", "nativeLabel=Neutral utterance=000001")]
    public void Names_tell_label_speaker_and_sex(string corpus, string file, string label, string speaker, string sex, string attributes)
    {
        using var folder = new CorpusFolder();
        folder.Text(file);
        CorpusClip clip = Assert.Single(CorpusLoader.Load(corpus, folder.Path).Clips);
        Assert.Equal((label, speaker, sex), (clip.Label, clip.Speaker, clip.Sex));
        Assert.Equal(attributes, string.Join(' ', clip.Attributes.Select(pair => $"{pair.Key}={pair.Value}")));
        if (corpus == "esd") Assert.Equal(file.Contains("/train/") ? "train" : file.Contains("/test/") ? "test" : null, clip.Split);
    }

    [Theory]
    [InlineData("subesco", "F_01_OISHI_S_1_ENVY_1.wav",
        "expected one of the emotions NEUTRAL, HAPPY, SAD, ANGRY, FEAR, DISGUST, SURPRISE, got 'ENVY'")]
    [InlineData("cafe", "13-C-2-1.wav", "expected a name such as 01-C-2-1.wav, got '13-C-2-1.wav'")]
    [InlineData("esd", "0011/0011_001751.wav", "got '001751'")]
    [InlineData("emov-db", "anger_1-28_0011.wav", "expected a name such as bea/anger_1-28_0011.wav")]
    [InlineData("iemocap", "Ses09F_impro01_F000.wav", "expected session, dialogue and turn")]
    [InlineData("meld", "other/dia0_utt0.wav", "expected a folder named for train, dev or test")]
    public void Names_outside_the_layout_are_told(string corpus, string file, string expected)
    {
        using var folder = new CorpusFolder();
        folder.Text(file);
        Assert.Contains(expected, Assert.Throws<CorpusException>(() => CorpusLoader.Load(corpus, folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_of_ones_own_is_registered_in_a_few_lines()
    {
        // Its help lists the formats that are known when it is first asked for, and other tests read it word for word.
        Assert.NotEmpty(ConsoleProgram.Commands);
        CorpusLoader.Register(new FileNameParser("^(?<speaker>[a-z]+)_(?<emotion>[A-Z]{3})_(?<take>[0-9])$")
        {
            Facts = new CorpusFacts
            {
                Name = "our-voices",
                Title = "Our recordings",
                Description = "Colleagues.",
                Licence = "for our own use",
                Citation = "",
                Page = "",
                Language = "Dutch",
                FolderNames = ["ours"],
                Speakers = "our-voices",
                LabelNames = [new("BOO", "boos", Emotions.Angry), new("BLI", "blij", Emotions.Happy)],
            },
            Example = "anna_BOO_1.wav",
        });
        try
        {
            using var folder = new CorpusFolder();
            foreach (string file in new[] { "ours/anna_BOO_1.wav", "ours/ben_bli_2.flac", "ours/readme.wav" }) folder.Text(file);

            Corpus corpus = CorpusLoader.Load("our-voices", CorpusLocator.Find("our-voices", folder.Path)!);

            Assert.Equal([("angry", "anna"), ("happy", "ben")], corpus.Clips.Select(clip => (clip.Label, clip.Speaker)));
            Assert.Equal("for our own use", corpus.Licence);
            Assert.Equal("readme.wav", Assert.Single(corpus.Problems).RelativePath);
            Assert.Contains("our-voices", CorpusLoader.Names);
            Assert.Throws<ArgumentException>(() => CorpusLoader.Register(
                new FileNameParser("x") { Facts = corpus.Facts! with { Name = "folder" }, Example = "" }));
        }
        finally
        {
            CorpusParsers.Remove("our-voices");
        }
        Assert.DoesNotContain("our-voices", CorpusLoader.Names);
    }
}
