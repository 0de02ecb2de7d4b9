using System.Text;
using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Robustness;

/// <summary>Tables of clips as users of audio tools reported them; docs/reliability.md names the reports and what is right.</summary>
public sealed class BadManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Each of them lists a.wav (angry, s1) and b/c.wav (sad, s2), and nothing else that is there.
    public static TheoryData<string, string> Readables => new()
    {
        { "a byte order mark", "\ufeffpath,label,speaker\na.wav,angry,s1\nb/c.wav,sad,s2\n" },
        { "Excel's line about the separator", "sep=;\npath;label;speaker\na.wav;angry;s1\nb/c.wav;sad;s2\n" },
        { "empty columns on the right", "path,label,speaker,,\na.wav,angry,s1,,\nb/c.wav,sad,s2,,\n" },
        { "line ends of old Macs", "path,label,speaker\ra.wav,angry,s1\rb/c.wav,sad,s2\r" },
        { "line ends of Windows, an empty line at the end", "path,label,speaker\r\na.wav,angry,s1\r\nb/c.wav,sad,s2\r\n\r\n" },
        { "paths of Windows", "path,label,speaker\n.\\a.wav,angry,s1\nb\\c.wav,sad,s2\n" },
        { "everything quoted", "\"path\",\"label\",\"speaker\"\n\"a.wav\",\"angry\",\"s1\"\n\"b/c.wav\",\"sad\",\"s2\"\n" },
        { "spaces around the fields", "path, label, speaker\na.wav, angry, s1\nb/c.wav, sad , s2\n" },
        { "an index without a name", ",path,label,speaker\n0,a.wav,angry,s1\n1,b/c.wav,sad,s2\n" },
        { "the header again where two files were joined",
            "path,label,speaker\na.wav,angry,s1\npath,label,speaker\nb/c.wav,sad,s2\n" },
        { "a row twice", "path,label,speaker\na.wav,angry,s1\nb/c.wav,sad,s2\na.wav,angry,s1\n" },
        { "a file that is not there", "path,label,speaker\na.wav,angry,s1\ngone.wav,sad,s2\nb/c.wav,sad,s2\n" },
        { "a missing label, as pandas writes it", "path,label,speaker\na.wav,angry,s1\nd.wav,nan,s1\nb/c.wav,sad,s2\n" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readables))]
    public void It_lists_what_it_lists(string kind, string text)
    {
        Assert.NotEmpty(kind);
        Corpus corpus = Load(Encoding.UTF8.GetBytes(text));
        Assert.Equal([("a.wav", "angry", "s1"), ("b/c.wav", "sad", "s2")],
            corpus.Clips.Select(clip => (clip.RelativePath, clip.Label, clip.Speaker!)));
    }

    [Fact]
    public void It_may_be_UTF_16()
    {
        const string Text = "path\tlabel\tspeaker\na.wav\tangry\ts1\nb/c.wav\tsad\ts2\n";
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
            Assert.Equal(2, Load([.. encoding.Preamble, .. encoding.GetBytes(Text)]).Clips.Count);
    }

    [Fact]
    public void Another_encoding_is_named()
    {
        byte[] bytes = Encoding.Latin1.GetBytes("path,label,speaker\ngr\u00f6\u00dfe.wav,angry,s1\n");
        Assert.Contains("UTF-8", Assert.Throws<CorpusException>(() => Load(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_a_comma_or_a_decomposed_letter_is_found()
    {
        foreach (string name in new[] { "one, two.wav", "a\u0308.wav" }) File.WriteAllBytes(_folder.File(name), []);
        Corpus corpus = Load(Encoding.UTF8.GetBytes("path,label,speaker\n\"one, two.wav\",angry,s1\n\u00e4.wav,sad,s2\n"));
        Assert.Equal(["angry", "sad"], corpus.Clips.Select(clip => clip.Label).Order(StringComparer.Ordinal));
        Assert.All(corpus.Clips, clip => Assert.True(File.Exists(clip.Path)));
    }

    [Fact]
    public void Numbers_for_labels_stay_as_they_are_written()
    {
        Corpus corpus = Load(Encoding.UTF8.GetBytes("path,label,speaker\na.wav,0,s1\nb/c.wav,7,s2\n"));
        Assert.Equal(["0", "7"], corpus.Clips.Select(clip => clip.Label));
    }

    [Fact]
    public void A_class_may_be_called_None_or_NA()
    {
        Corpus corpus = Load(Encoding.UTF8.GetBytes("path,label,speaker\na.wav,None,s1\nb/c.wav,NA,s2\n"));
        Assert.Equal(2, corpus.Labels.Count);
    }

    [Fact]
    public void What_is_no_table_of_clips_is_named()
    {
        foreach ((string text, string says) in new[] { ("", "header"), ("a.wav angry\nb.wav sad\n", "header"),
            ("path,label,speaker\n", "row"), ("{\"path\": \"a.wav\"}\n", "header"), ("path,label,speaker\na.wav,angry\n", "3 fields") })
        {
            var problem = Assert.Throws<CorpusException>(() => Load(Encoding.UTF8.GetBytes(text)));
            Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        }
        Assert.Throws<CorpusException>(() => Load([0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0xFF, 0xFE]));
        Assert.Contains("a.wav", Assert.Throws<CorpusException>(() =>
            Load(Encoding.UTF8.GetBytes("path,label,speaker\na\0.wav,angry,s1\n"))).Message.Replace("\uFFFD", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    private Corpus Load(byte[] table)
    {
        Directory.CreateDirectory(_folder.File("b"));
        foreach (string[] clip in new string[][] { ["a.wav"], ["b", "c.wav"], ["d.wav"] }) File.WriteAllBytes(_folder.File(clip), []);
        string path = _folder.File("list.csv");
        File.WriteAllBytes(path, table);
        return CorpusLoader.Load("manifest", path);
    }
}
