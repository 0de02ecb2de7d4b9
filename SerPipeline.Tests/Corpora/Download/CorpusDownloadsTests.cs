using SerPipeline.Corpora;
using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>What is told of each corpus.</summary>
public sealed class CorpusDownloadsTests
{
    public static TheoryData<string> Names => [.. CorpusDownloads.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_corpus_states_its_terms_and_can_be_had_one_way(string name)
    {
        CorpusDownload corpus = CorpusDownloads.Find(name.ToUpperInvariant());
        Assert.All(new[] { corpus.Licence, corpus.Terms }, text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.True(corpus.Archive is null != corpus.Instructions is null);
        Assert.True(corpus.Clips > 0);
        // Where --data names the folder above, the corpus is looked for by these names.
        Assert.Contains(corpus.Folder, corpus.Facts.FolderNames);
        Assert.Contains(corpus.Facts.Name, CorpusLoader.Names);
        if (corpus.Archive is not { } archive) return;
        Assert.Equal(Path.GetFileName(archive.FileName), archive.FileName);
        Assert.True(archive.MaxBytes >= (archive.SizeBytes ?? 1));
        Assert.True(archive.MaxUnpackedBytes >= archive.UnpackedBytes);
        // A checksum comes with a size, over a connection that nobody can change; MD5 has 32 digits.
        if (archive.Checksum is { } checksum)
        {
            Assert.Matches("^[0-9a-f]{32}$", checksum.Value);
            Assert.NotNull(archive.SizeBytes);
            Assert.Equal("https", archive.Address.Scheme);
        }
    }

    [Fact]
    public void Names_and_archives_are_different_and_an_unknown_one_is_refused()
    {
        Assert.Equal(CorpusDownloads.Names.Count, CorpusDownloads.Names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        string[] files = [.. CorpusDownloads.All.Select(c => c.Archive?.FileName).OfType<string>()];
        Assert.Equal(files.Length, files.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("ravdess", Assert.Throws<CorpusException>(() => CorpusDownloads.Find("timit")).Message, StringComparison.Ordinal);
    }
}
