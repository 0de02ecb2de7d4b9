using SerPipeline.Audio;
using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

public class FolderLayoutTests
{
    [Theory]
    [InlineData("train/angry/1.wav,train/sad/2.wav,test/angry/3.wav,test/sad/4.wav", "train,train,test,test")]
    [InlineData("Train/angry/1.wav,train/sad/2.wav,valid/angry/3.wav,Test/sad/4.wav", "train,train,validation,test")]
    [InlineData("train/angry/1.wav,training/sad/2.wav,dev/angry/3.wav,eval/sad/4.wav", "train,train,validation,test")]
    [InlineData("train/angry/1.wav,train/sad/2.wav,eval/angry/3.wav,test/sad/4.wav", "train,train,validation,test")]
    [InlineData("angry/train/1.wav,sad/train/2.wav,angry/validation/3.wav,sad/test/4.wav", "train,train,validation,test")]
    [InlineData("data/train/angry/1.wav,data/train/sad/2.wav,data/dev/angry/3.wav,data/test/sad/4.wav", "train,train,validation,test")]
    public void Folders_of_parts_are_recognised_and_told(string files, string parts)
    {
        Corpus corpus = Of(files.Split(','));
        Assert.Equal(["angry", "sad"], corpus.Labels);
        Assert.Equal(parts.Split(','), corpus.Clips.OrderBy(clip => Path.GetFileName(clip.Path)).Select(clip => clip.Split));
        Assert.Contains(corpus.Remarks, remark => remark.Contains("divide the clips: train 2", StringComparison.Ordinal)
            && remark.Contains("--protocol given", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("test/1.wav,angry/2.wav", "angry,test")] // a label that happens to be called test
    [InlineData("train/1.wav,bus/2.wav,tram/3.wav", "bus,train,tram")]
    [InlineData("angry/anna/1.wav,sad/ben/2.wav", "angry,sad")]
    public void Other_folders_are_labels(string files, string labels)
    {
        Corpus corpus = Of(files.Split(','));
        Assert.Equal(labels.Split(','), corpus.Labels);
        Assert.All(corpus.Clips, clip => Assert.Null(clip.Split));
        Assert.Empty(corpus.Remarks);
    }

    [Fact]
    public void One_folder_around_everything_is_passed_through()
    {
        Corpus corpus = Of(["RAVDESS/angry/1.wav", "RAVDESS/sad/2.wav", "stray.wav"]);
        Assert.Equal(["angry", "sad"], corpus.Labels);
        Assert.Contains("All clips lie in the folder 'RAVDESS'", Assert.Single(corpus.Remarks), StringComparison.Ordinal);
        Assert.Equal([(CorpusProblemKind.LabelUnknown, "stray.wav")], corpus.Problems.Select(p => (p.Kind, p.RelativePath)));
        // A single label has no folder around it.
        Assert.Equal(["angry"], Of(["angry/anna/1.wav", "angry/ben/2.wav"]).Labels);
    }

    [Fact]
    public void Emotions_below_other_folders_are_the_labels()
    {
        Corpus corpus = Of(["0001/Angry/1.wav", "0001/Sad/2.wav", "0002/Angry/3.wav"],
            new CorpusLoadOptions { SpeakerPattern = "^(?<speaker>[^/]+)/" });
        Assert.Equal(["angry", "sad"], corpus.Labels);
        Assert.Equal(["0001", "0002"], corpus.Speakers);
        Assert.Contains("0001, 0002 hold folders named for emotions", Assert.Single(corpus.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_holds_the_labels_again_is_left_out()
    {
        Corpus corpus = Of(["angry/1.wav", "sad/2.wav", "copy/angry/1.wav", "copy/sad/2.wav"]);
        Assert.Equal(["angry/1.wav", "sad/2.wav"], corpus.Clips.Select(clip => clip.RelativePath));
        CorpusProblem problem = Assert.Single(corpus.Problems);
        Assert.Equal((CorpusProblemKind.FolderDoubled, "copy"), (problem.Kind, problem.RelativePath));
        Assert.Contains("was left out with 2 clips", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_file_that_can_be_read_is_a_clip()
    {
        string[] files = [.. AudioFiles.Extensions.Select(extension => $"angry/1{extension}"), "sad/2.wav"];
        Corpus corpus = Of(files);
        Assert.Equal(files.Order(StringComparer.Ordinal), corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Empty(corpus.Problems);
        Assert.Contains(".aifc", AudioFiles.Extensions);
    }

    [Fact]
    public void A_mess_is_told()
    {
        using var folder = new CorpusFolder();
        string[] files = ["Angry/1.wav", "angry /2.wav", "sad/3.wav", "root.wav", "desktop.ini", "sad/Thumbs.db", ".DS_Store"];
        foreach (string file in files)
            folder.Text(file);
        Directory.CreateDirectory(folder.Full("happy"));

        Corpus corpus = CorpusLoader.Load("folder", folder.Path);

        Assert.Equal([("angry", 2), ("sad", 1)], corpus.Labels.Select(label => (label, corpus.Clips.Count(clip => clip.Label == label))));
        Assert.Equal([(CorpusProblemKind.LabelUnknown, "root.wav"), (CorpusProblemKind.EmptyFolder, "happy"),
            (CorpusProblemKind.OddFile, "desktop.ini")], corpus.Problems.Select(p => (p.Kind, p.RelativePath)));
        Assert.Contains("2 files are no audio files (desktop.ini, sad/Thumbs.db)", corpus.Problems[2].Message, StringComparison.Ordinal);
        Assert.Equal("Labels that differ in capital letters, spaces or Unicode form count as one: 'Angry' as angry (1 clip), "
            + "'angry ' as angry (1 clip).", Assert.Single(LabelNames.Remarks(corpus)));
    }

    private static Corpus Of(string[] files, CorpusLoadOptions? options = null)
    {
        using var folder = new CorpusFolder();
        foreach (string file in files) folder.Text(file);
        return CorpusLoader.Load("folder", folder.Path, options);
    }
}
