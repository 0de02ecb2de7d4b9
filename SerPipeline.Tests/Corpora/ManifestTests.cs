using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

public class ManifestTests
{
    [Fact]
    public void Rows_become_clips_with_paths_relative_to_the_manifest()
    {
        using var folder = new CorpusFolder();
        folder.Text("audio/b.wav");
        folder.Text("audio/a, one.wav");
        folder.Text("c.flac");
        string manifest = folder.Text("manifest.csv",
            "Path, Label ,speaker,sex,Room\r\naudio/b.wav,sad,s2,F,hall\r\n\"audio/a, one.wav\",happy,s1,male,\r\nc.flac,sad,,,\r\n");

        Corpus corpus = CorpusLoader.Load("manifest", folder.Path);

        Assert.Equal("manifest", corpus.Name);
        Assert.Equal(["audio/a, one.wav", "audio/b.wav", "c.flac"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal([("happy", "s1", "male"), ("sad", "s2", "female"), ("sad", null, null)],
            corpus.Clips.Select(clip => (clip.Label, clip.Speaker, clip.Sex)));
        Assert.Equal("hall", corpus.Clips[1].Attributes["room"]);
        Assert.Empty(corpus.Clips[0].Attributes);
        Assert.Equal(CorpusProblemKind.SpeakerUnknown, Assert.Single(corpus.Problems).Kind);
        Assert.All(corpus.Clips, clip => Assert.True(File.Exists(clip.Path)));
        Assert.Equal(corpus.Clips.Select(clip => clip.Path), CorpusLoader.Load("manifest", manifest).Clips.Select(clip => clip.Path));
    }

    [Fact]
    public void A_file_saved_by_a_spreadsheet_is_read()
    {
        using var folder = new CorpusFolder();
        folder.Text("ä.wav");
        string manifest = folder.Full("list.csv");
        File.WriteAllText(manifest, "path;label;speaker\r\nä.wav;sad;1\r\n",
            new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        CorpusClip clip = Assert.Single(CorpusLoader.Load("manifest", manifest).Clips);

        Assert.Equal(("ä.wav", "sad", "1", "list"), (clip.RelativePath, clip.Label, clip.Speaker, clip.Corpus));
    }

    [Fact]
    public void Every_error_is_listed_with_its_row()
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        folder.Text("b.wav");
        folder.Text("c.wav");
        string manifest = folder.Text("m.csv",
            "path,label,speaker\na.wav,sad,1\nmissing.wav,sad,1\n./a.wav,sad,2\nc.wav,bored,1\nb.wav\n,sad,1\nb.wav,,1\n\"b.wav,sad,1\n");

        string message = Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", manifest,
            new CorpusLoadOptions { Labels = ["sad", "happy"] })).Message;

        Assert.Contains("row 3: no file at missing.wav", message);
        Assert.Contains("row 4: a.wav is already listed in row 2", message);
        Assert.DoesNotContain("row 5:", message);
        Assert.Contains("row 6: expected 3 fields, found 1", message);
        Assert.Contains("row 7: the path is empty", message);
        Assert.Contains("row 8: the label is empty", message);
        Assert.Contains("row 9: a quote is never closed", message);
        Assert.DoesNotContain("row 2:", message);
    }

    [Fact]
    public void Labels_asked_for_are_kept_and_others_left_out()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "a", "b", "c" }) folder.Text(name + ".wav");
        string manifest = folder.Text("m.csv", "path,label,speaker\na.wav,sad,1\nb.wav,happy,1\nc.wav,bored,1\n");
        Corpus corpus = CorpusLoader.Load("manifest", manifest, new CorpusLoadOptions { Labels = ["sad", "happy"] });
        Assert.Equal(["sad", "happy"], corpus.Labels);
        Assert.Equal(["a.wav", "b.wav"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal((CorpusProblemKind.LabelLeftOut, "1 clip labelled 'bored' was left out"),
            (Assert.Single(corpus.Problems).Kind, corpus.Problems[0].Message));
        Assert.Contains("no label 'calm'",
            Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", manifest,
            new CorpusLoadOptions { Labels = ["sad", "calm"] })).Message);
    }

    [Theory]
    [InlineData("", "lacks path, label")]
    [InlineData("id,mood\nx,y\n", "lacks path, label: expected path,label[,speaker,sex,start,end,split,...], or names such as path|file|")]
    [InlineData("id,label\nx,y\n", "lacks path:")]
    [InlineData("file,filename,label\nx,x,y\n", "the columns file and filename may all be the path: call one of them path")]
    [InlineData("path,label,speaker,label\n", "column label appears more than once")]
    [InlineData("path,label,speaker\n", "at least one row")]
    public void A_header_or_file_that_cannot_serve_is_refused(string text, string expected)
    {
        using var folder = new CorpusFolder();
        string manifest = folder.Text("m.csv", text);
        Assert.Contains(expected, Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", manifest)).Message);
    }
}
