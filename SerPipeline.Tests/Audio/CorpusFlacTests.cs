using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

/// <summary>Real FLAC files: each carries the MD5 of its samples, so decoding without an error is a comparison with the encoder's own
/// input.</summary>
public sealed class CorpusFlacTests
{
    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void Every_corpus_file_decodes_to_the_samples_its_header_signs()
    {
        string[] files = Files();
        Parallel.ForEach(files, DecodeAndCompare);
        Assert.Equal(3095, files.Length);
    }

    [Fact]
    public void A_sample_of_corpus_files_decodes_to_the_samples_its_header_signs()
    {
        string[] files = Files();
        Parallel.For(0, (files.Length + 60) / 61, i => DecodeAndCompare(files[i * 61]));
    }

    private static string[] Files()
    {
        string[] files = Directory.GetFiles(Companions.Require("corpora"), "*.flac", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static void DecodeAndCompare(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        // Parsed here once more: a stored MD5 that is not all zero, and the length.
        Assert.Contains(bytes[26..42], b => b != 0);
        long total = ((bytes[21] & 0xFL) << 32) | ((long)bytes[22] << 24) | ((long)bytes[23] << 16) | ((long)bytes[24] << 8) | bytes[25];
        AudioClip clip = AudioFile.Decode(bytes, file);
        Assert.Equal(total, clip.Length);
    }
}
