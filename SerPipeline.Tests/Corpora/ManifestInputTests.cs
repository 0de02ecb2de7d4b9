using System.Text;
using SerPipeline.Audio;
using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

/// <summary>Tables as people bring them.</summary>
public class ManifestInputTests
{
    [Theory]
    [InlineData("file\temotion\tspeaker_id\tgender\na.wav\tangry\t1\tF\n")]
    [InlineData("filename;class;actor;sex\na.wav;angry;1;f\n")]
    [InlineData("Audio,Target,Subject,Gender\na.wav,angry,1,female\n")]
    [InlineData("sep=;\r\npath;label;speaker;sex\r\na.wav;angry;1;f\r\n")] // as spreadsheets name the separator
    [InlineData("path,label,speaker,sex,,\na.wav,angry,1,f,,\n")] // and write separators behind the last column
    [InlineData("wav,label,speaker,sex,emotion\na.wav,angry,1,f,7\n")] // the own name of a role counts before others
    [InlineData("\"path\",\"label\",\"speaker id\",\"gender\"\n\"a.wav\",\"angry\",\"1\",\"F\"\n")]
    public void Columns_are_found_by_the_names_in_use(string text)
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        CorpusClip clip = Assert.Single(CorpusLoader.Load("manifest", folder.Text("m.csv", text)).Clips);
        Assert.Equal(("a.wav", "angry", "1", "female"), (clip.RelativePath, clip.Label, clip.Speaker, clip.Sex));
    }

    [Theory]
    [InlineData("\u5E2C")]
    [InlineData("\"")]
    [InlineData("a")]
    public void A_separator_that_is_none_is_refused(string separator)
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        Assert.Contains($"after sep=, such as a comma, semicolon or tab, got '{separator}'", Assert.Throws<CorpusException>(() =>
            CorpusLoader.Load("manifest", folder.Text("m.csv", $"sep={separator}\npath,label\na.wav,sad\n"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Values_without_a_column_name_are_errors_of_their_row()
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        Assert.Contains("row 3: column 3 has no name, but holds 'x'", Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest",
            folder.Text("m.csv", "sep=,\npath,label,\na.wav,sad,x\n"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_columns_were_taken_for_is_told()
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        Corpus corpus = CorpusLoader.Load("manifest", folder.Text("m.csv", "file,emotion,lang\na.wav,angry,de\n"));
        Assert.Equal("Columns taken for others: file as path, emotion as label, lang as language.", Assert.Single(corpus.Remarks));
        Assert.Equal("de", corpus.Clips[0].Attributes["language"]);
        Assert.Equal(CorpusProblemKind.SpeakerUnknown, Assert.Single(corpus.Problems).Kind);
    }

    public static TheoryData<string> Encodings => ["utf-8", "utf-8-bom", "utf-16", "utf-16BE", "utf-16-without-bom", "utf-32"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Unicode_in_every_form_is_read(string name)
    {
        Encoding encoding = name switch
        {
            "utf-8" => new UTF8Encoding(false),
            "utf-8-bom" => new UTF8Encoding(true),
            "utf-16" => new UnicodeEncoding(false, true),
            "utf-16BE" => new UnicodeEncoding(true, true),
            "utf-32" => new UTF32Encoding(false, true),
            _ => new UnicodeEncoding(false, false),
        };
        using var folder = new CorpusFolder();
        folder.Text("größe.wav");
        File.WriteAllText(folder.Full("m.csv"), "path,label\ngröße.wav,生气\n", encoding);
        CorpusClip clip = Assert.Single(CorpusLoader.Load("manifest", folder.Full("m.csv")).Clips);
        Assert.Equal(("größe.wav", "生气"), (clip.RelativePath, clip.Label));
    }

    [Fact]
    public void A_wrong_encoding_is_named_and_is_no_missing_file()
    {
        using var folder = new CorpusFolder();
        folder.Text("größe.wav");
        File.WriteAllText(folder.Full("m.csv"), "path,label\na.wav,sad\ngröße.wav,sad\n", Encoding.Latin1);
        string message = Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", folder.Full("m.csv"))).Message;
        Assert.Contains("is not UTF-8: row 3 holds bytes that are no letter there, 'größe.wav,sad' if they are Windows-1252", message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("no file at", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_another_unicode_form_is_found()
    {
        using var folder = new CorpusFolder();
        folder.Text("gro\u0308ße.wav");
        CorpusClip clip = Assert.Single(CorpusLoader.Load("manifest", folder.Text("m.csv", "path,label\ngröße.wav,sad\n")).Clips);
        Assert.True(File.Exists(clip.Path));
    }

    [Fact]
    public void Missing_files_are_listed_and_left_out_unless_strict()
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        string manifest = folder.Text("m.csv", "path,label,speaker\na.wav,sad,1\nnope.wav,angry,1\ngone.wav,sad,2\n");
        Corpus corpus = CorpusLoader.Load("manifest", manifest);
        Assert.Single(corpus.Clips);
        Assert.Equal([(CorpusProblemKind.FileMissing, "nope.wav"), (CorpusProblemKind.FileMissing, "gone.wav")],
            corpus.Problems.Select(p => (p.Kind, p.RelativePath)));
        string message = Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", manifest, new() { Strict = true })).Message;
        Assert.Contains("2 row(s) that would be left out", message, StringComparison.Ordinal);
        Assert.Contains("row 4: no file at gone.wav", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s0.wav")]
    [InlineData("x/s0.wav")]
    [InlineData("/other/machine/clips/x/s0.wav")]
    [InlineData(@"C:\Users\me\clips\x\s0.wav")]
    public void Audio_may_lie_elsewhere(string written)
    {
        using var folder = new CorpusFolder();
        folder.Text(written == "s0.wav" ? "clips/s0.wav" : "clips/x/s0.wav");
        string manifest = folder.Text("lists/m.csv", $"path,label,speaker\n{written},sad,1\n");
        Assert.Contains("name their folder (AudioRoot, --audio-root)",
            Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest", manifest)).Message, StringComparison.Ordinal);
        Corpus corpus = CorpusLoader.Load("manifest", manifest, new() { AudioRoot = folder.Full("clips") });
        Assert.Equal(written == "s0.wav" ? "s0.wav" : "x/s0.wav", Assert.Single(corpus.Clips).RelativePath);
    }

    [Fact]
    public void Empty_labels_are_problems_and_no_class()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "a", "b", "c", "d" }) folder.Text(name + ".wav");
        Corpus corpus = CorpusLoader.Load("manifest",
            folder.Text("m.csv", "path,label,speaker\na.wav,sad,1\nb.wav,,1\nc.wav,  ,1\nd.wav,nan,1\n"));
        Assert.Equal(["sad"], corpus.Labels);
        Assert.Equal(3, corpus.Problems.Count(p => p.Kind == CorpusProblemKind.LabelUnknown));
    }

    [Fact]
    public void Rows_that_repeat_are_one_and_rows_that_contradict_are_none()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "a", "b", "c" }) folder.Text(name + ".wav");
        Corpus corpus = CorpusLoader.Load("manifest",
            folder.Text("m.csv", "path,label,speaker\na.wav,sad,1\nb.wav,anger,1\n"
                + "./a.wav,Sad,1\nb.wav,sad,1\nb.wav,angry,1\nc.wav,angry,1\n"));
        Assert.Equal(["a.wav", "c.wav"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal([(CorpusProblemKind.Duplicate, "row 4: a.wav is already listed in row 2; left out"),
            (CorpusProblemKind.ConflictingLabels, "row 3 and row 5 and row 6 give it the labels angry and sad; left out")],
            corpus.Problems.Select(p => (p.Kind, p.Message)));
    }

    [Fact]
    public void A_split_column_gives_the_parts()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "a", "b", "c", "d" }) folder.Text(name + ".wav");
        Corpus corpus = CorpusLoader.Load("manifest",
            folder.Text("m.csv", "path,label,speaker,split\na.wav,sad,1,train\nb.wav,sad,1,Dev\nc.wav,sad,1,test\nd.wav,sad,1,\n"));
        Assert.Equal(["train", "validation", "test", null], corpus.Clips.Select(clip => clip.Split));
        Assert.Contains("train 1, validation 1, test 1, none 1", Assert.Single(corpus.Remarks), StringComparison.Ordinal);
        corpus = CorpusLoader.Load("manifest", folder.Text("n.csv", "path,label,speaker,split\na.wav,sad,1,3\nb.wav,sad,1,4\n"));
        Assert.Equal(CorpusProblemKind.ColumnNotUsed, Assert.Single(corpus.Problems).Kind);
        Assert.All(corpus.Clips, clip => Assert.Null(clip.Split));
    }

    [Theory]
    [InlineData("file,start,end,emotion\nlong.wav,0 days 00:00:00.250000,0 days 00:00:00.750000,anger\n"
        + "long.wav,0 days 00:00:00.75,NaT,sadness\n")]
    [InlineData("file,start,end,emotion\nlong.wav,0.25,0.75,anger\nlong.wav,0.75,,sadness\n")]
    [InlineData("file;start;end;emotion\nlong.wav;0,25;0,75;anger\nlong.wav;0:00:00,75;;sadness\n")]
    public void Segments_of_a_long_file_are_clips_of_their_own(string text)
    {
        using var folder = new CorpusFolder();
        folder.Tone("long.wav", seconds: 2, sampleRateHz: 8000);
        Corpus corpus = CorpusLoader.Load("manifest", folder.Text("m.csv", text));
        Assert.Equal(["long.wav#t=0.25,0.75", "long.wav#t=0.75"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal(["angry", "sad"], corpus.Clips.Select(clip => clip.Label));
        float[] whole = AudioFile.Read(folder.Full("long.wav")).Samples.ToArray();
        Assert.Equal(whole[2000..6000], AudioFile.Read(corpus.Clips[0].Path).Samples.ToArray());
        Assert.Equal(whole[6000..], AudioFile.Read(corpus.Clips[1].Path).Samples.ToArray());
        CorpusScanResult scan = CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([0.5, 1.25], scan.Clips.Select(clip => clip.Seconds));
    }

    [Fact]
    public void One_colon_parts_minutes_from_seconds_and_Nan_is_a_name()
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        Corpus corpus = CorpusLoader.Load("manifest", folder.Text("m.csv",
            "path,start,end,label,speaker\na.wav,1:05,1:00:09,sad,Nan\na.wav,0:05,1:04,sad,nan\n"));
        Assert.Equal(["a.wav#t=65,3609", "a.wav#t=5,64"], corpus.Clips.Select(clip => clip.RelativePath).OrderByDescending(p => p));
        Assert.Equal(["Nan"], corpus.Speakers);
    }

    [Fact]
    public void A_long_file_is_decoded_once_for_all_its_segments()
    {
        using var folder = new CorpusFolder();
        string path = folder.Tone("long.wav", hertz: 200, seconds: 1);
        float[] first = AudioFile.Read(path + "#t=0,0.5").Samples.ToArray();
        DateTime written = File.GetLastWriteTimeUtc(path);
        // Other audio that the file's size and time do not show: the next segment still is of the audio that was decoded.
        folder.Tone("long.wav", hertz: 300, seconds: 1);
        File.SetLastWriteTimeUtc(path, written);
        Assert.Equal(first[..2000], AudioFile.Read(path + "#t=0,0.25").Samples.ToArray());
        File.SetLastWriteTimeUtc(path, written.AddSeconds(2));
        Assert.NotEqual(first[..2000], AudioFile.Read(path + "#t=0,0.25").Samples.ToArray());
    }

    [Theory]
    [InlineData("1.5,1.0", "expected an end behind the start, found 1.5 s to 1 s")]
    [InlineData("soon,1.0", "expected the start in seconds (1.5) or as a time span")]
    [InlineData("\u0661,", "expected the start in seconds (1.5) or as a time span")] // a digit, of another script
    public void Times_that_cannot_be_are_errors_of_their_row(string times, string expected)
    {
        using var folder = new CorpusFolder();
        folder.Text("a.wav");
        Assert.Contains("row 2: " + expected, Assert.Throws<CorpusException>(() => CorpusLoader.Load("manifest",
            folder.Text("m.csv", $"path,start,end,label\na.wav,{times},sad\n"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_outside_its_file_is_unreadable_and_says_why()
    {
        using var folder = new CorpusFolder();
        string path = folder.Tone("a.wav", seconds: 1);
        Assert.Contains("which lasts 1 s", Assert.Throws<AudioFormatException>(() => AudioFile.Read(path + "#t=2,3")).Message,
            StringComparison.Ordinal);
        Assert.Equal(4000, AudioFile.Read(path + "#t=0.5,1.05").Length); // tables round
        File.Copy(path, path + "#t=2,3");
        Assert.Equal(8000, AudioFile.Read(path + "#t=2,3").Length); // a file of that very name
    }
}
