using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

public class CorpusLoaderTests
{
    [Fact]
    public void Ravdess_holds_its_1440_speech_clips()
    {
        Corpus corpus = CorpusLoader.Load("ravdess", Companions.Require("corpora", "RAVDESS"));

        // The corpus's own description: 24 actors x 60 clips; neutral has no strong intensity, so 4 clips an actor instead of 8.
        Assert.Equal(1440, corpus.Clips.Count);
        Assert.Empty(corpus.Problems);
        Assert.Equal(["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"], corpus.Labels);
        Assert.All(corpus.Labels, label => Assert.Equal(label == "neutral" ? 96 : 192, corpus.Clips.Count(clip => clip.Label == label)));
        Assert.Equal(Enumerable.Range(1, 24).Select(actor => actor.ToString("00")), corpus.Speakers);
        Assert.Equal(720, corpus.Clips.Count(clip => clip.Sex == "female"));
        Assert.All(corpus.Clips, clip => Assert.Equal("speech", clip.Attributes["channel"]));
        Assert.False(corpus.IsSynthetic);
        Assert.Equal("ravdess", corpus.DisplayName);
        CorpusClip clip = Assert.Single(corpus.Clips, clip => clip.RelativePath == "Actor_12/03-01-06-01-02-01-12.flac");
        Assert.Equal(("fearful", "12", "female"), (clip.Label, clip.Speaker, clip.Sex));
    }

    [Fact]
    public void The_sound_of_a_film_and_the_sound_alone_are_one_take()
    {
        using var folder = new CorpusFolder();
        folder.Text("film/01-01-06-01-02-01-12.wav");
        folder.Text("sound/03-01-06-01-02-01-12.wav");

        Corpus corpus = CorpusLoader.Load("ravdess", folder.Path);

        Assert.Single(corpus.Clips);
        CorpusProblem problem = Assert.Single(corpus.Problems);
        Assert.Equal(CorpusProblemKind.Duplicate, problem.Kind);
        Assert.Contains("film/01-01-06-01-02-01-12.wav", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ravdess_takes_any_nesting_and_extension_case_and_reports_the_rest()
    {
        using var folder = new CorpusFolder();
        folder.Text("b/deep/er/03-01-06-01-02-01-12.WAV");
        folder.Text("03-02-03-01-01-01-01.flac");
        folder.Text("b/notes.wav");
        folder.Text("copy/one/folder/deeper/03-01-06-01-02-01-12.wav");
        folder.Text("__MACOSX/03-01-05-01-02-01-12.wav");
        folder.Text("b/._03-01-05-01-02-01-12.wav");
        folder.Text("readme.txt");

        Corpus corpus = CorpusLoader.Load("RAVDESS", folder.Path);

        Assert.Equal(["03-02-03-01-01-01-01.flac", "b/deep/er/03-01-06-01-02-01-12.WAV"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal("song", corpus.Clips[0].Attributes["channel"]);
        Assert.Equal(["happy", "fearful"], corpus.Labels);
        Assert.Equal(
            [(CorpusProblemKind.NameNotUnderstood, "b/notes.wav"),
            (CorpusProblemKind.Duplicate, "copy/one/folder/deeper/03-01-06-01-02-01-12.wav")],
            corpus.Problems.Select(problem => (problem.Kind, problem.RelativePath)));
        Assert.Contains("b/deep/er/03-01-06-01-02-01-12.WAV", corpus.Problems[1].Message);
    }

    [Theory]
    [InlineData("ravdess")]
    [InlineData("tess")]
    [InlineData("folder")]
    [InlineData("manifest")]
    [InlineData("demo")]
    public void What_is_not_there_is_named(string format)
    {
        using var folder = new CorpusFolder();
        string absent = folder.Full("nowhere");
        Assert.Contains(absent, Assert.Throws<CorpusException>(() => CorpusLoader.Load(format, absent)).Message);
        CorpusException empty = Assert.Throws<CorpusException>(() => CorpusLoader.Load(format, folder.Path));
        Assert.Contains(folder.Path, empty.Message);
    }

    [Fact]
    public void An_unusable_folder_is_described_by_what_it_holds()
    {
        using var folder = new CorpusFolder();
        folder.Text("a/x.mp4");
        folder.Text("a/y.mp4");
        folder.Text("a/z.txt");
        CorpusException error = Assert.Throws<CorpusException>(() => CorpusLoader.Load("ravdess", folder.Path));
        Assert.Contains("2 .mp4", error.Message);
        Assert.Contains("1 .txt", error.Message);
        Assert.Contains("03-01-06-01-02-01-12.wav", error.Message);
        Assert.Contains("a/x.mp4", error.Message);
    }

    [Fact]
    public void An_unknown_format_lists_the_known_ones()
    {
        CorpusException error = Assert.Throws<CorpusException>(() => CorpusLoader.Load("msp-podcast", "."));
        Assert.All(CorpusLoader.Names, name => Assert.Contains(name, error.Message));
    }

    [Fact]
    public void Folders_are_labels_and_order_is_ordinal()
    {
        using var folder = new CorpusFolder();
        foreach (string path in new[] { "sad/b.wav", "sad/A.wav", "happy/x/p1_2.flac", "happy/x/p1_10.flac", "Zeal/a.wav" })
            folder.Text(path);
        folder.Text("stray.wav");
        Directory.CreateDirectory(folder.Full("empty"));

        Corpus corpus = CorpusLoader.Load("folder", folder.Path, new CorpusLoadOptions { Name = "mine" });

        Assert.Equal(["Zeal/a.wav", "happy/x/p1_10.flac", "happy/x/p1_2.flac", "sad/A.wav", "sad/b.wav"],
            corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal(["Zeal", "happy", "sad"], corpus.Labels);
        Assert.All(corpus.Clips, clip => Assert.Null(clip.Speaker));
        Assert.Empty(corpus.Speakers);
        Assert.Equal("mine", corpus.Name);
        Assert.Equal([(CorpusProblemKind.LabelUnknown, "stray.wav"), (CorpusProblemKind.EmptyFolder, "empty")],
            corpus.Problems.Select(p => (p.Kind, p.RelativePath)));
    }

    [Fact]
    public void Folders_take_speakers_from_a_pattern_and_labels_from_a_list()
    {
        using var folder = new CorpusFolder();
        foreach (string path in new[] { "sad/anna_1.wav", "happy/ben_1.wav", "happy/nameless.wav", "noise/anna_2.wav" }) folder.Text(path);

        Corpus corpus = CorpusLoader.Load("folder", folder.Path,
            new CorpusLoadOptions { SpeakerPattern = "/(?<speaker>[a-z]+)_", Labels = ["sad", "happy"] });

        Assert.Equal(["sad", "happy"], corpus.Labels);
        Assert.Equal(["ben", null, "anna"], corpus.Clips.Select(clip => clip.Speaker));
        Assert.Equal([(CorpusProblemKind.SpeakerUnknown, "happy/nameless.wav"), (CorpusProblemKind.LabelLeftOut, corpus.Name)],
            corpus.Problems.Select(p => (p.Kind, p.RelativePath)));
    }

    [Fact]
    public void Options_report_every_problem_at_once()
    {
        var options = new CorpusLoadOptions { Name = " ", SpeakerPattern = "(?<actor>x)", Labels = ["a", "a"] };
        Assert.Equal(3, Assert.Throws<OptionsException>(options.Validate).Problems.Count);
        Assert.Throws<OptionsException>(new CorpusLoadOptions { SpeakerPattern = "(" }.Validate);
    }
}
