using System.Security.Cryptography;
using System.Text;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

public class DataFingerprintTests
{
    private static readonly FingerprintEntry[] Clips = [new("b/2.wav", "sad", "02"), new("a/1.wav", "happy", null)];

    [Fact]
    public void The_digest_is_that_of_the_layout_the_documentation_names()
    {
        using TemporaryFolder folder = Folder();
        using var bytes = new MemoryStream();
        foreach (string text in new[] { "SerPipeline data fingerprint 1", "Bytes", "a/1.wav", "happy" })
            Append(Encoding.UTF8.GetBytes(text));
        bytes.Write(BitConverter.GetBytes(-1));
        Append(SHA256.HashData("one"u8));
        foreach (string text in new[] { "b/2.wav", "sad", "02" }) Append(Encoding.UTF8.GetBytes(text));
        Append(SHA256.HashData("two!"u8));
        DataFingerprint fingerprint = DataFingerprint.Compute(folder.Path, Clips);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes.ToArray())).ToLowerInvariant(), fingerprint.Sha256);
        Assert.Equal(2, fingerprint.Clips);

        void Append(byte[] field)
        {
            bytes.Write(BitConverter.GetBytes(field.Length));
            bytes.Write(field);
        }
    }

    [Fact]
    public void Order_and_slashes_do_not_matter()
    {
        using TemporaryFolder folder = Folder();
        string expected = DataFingerprint.Compute(folder.Path, Clips).Sha256;
        Assert.Equal(expected, DataFingerprint.Compute(folder.Path, Clips.Reverse()).Sha256);
        Assert.Equal(expected,
            DataFingerprint.Compute(folder.Path, Clips.Select(clip => clip with { RelativePath = clip.RelativePath.Replace('/', '\\') }))
            .Sha256);
    }

    [Fact]
    public void Label_speaker_path_and_content_matter()
    {
        using TemporaryFolder folder = Folder();
        var digests = new List<string>
        {
            DataFingerprint.Compute(folder.Path, Clips).Sha256,
            DataFingerprint.Compute(folder.Path, Clips, FingerprintContent.Length).Sha256,
            DataFingerprint.Compute(folder.Path, [Clips[0] with { Label = "calm" }, Clips[1]]).Sha256,
            DataFingerprint.Compute(folder.Path, [Clips[0] with { Speaker = "03" }, Clips[1]]).Sha256,
            DataFingerprint.Compute(folder.Path, [Clips[0], Clips[1] with { Speaker = "" }]).Sha256,
            // Letters moved from one field to its neighbour.
            DataFingerprint.Compute(folder.Path, [Clips[0] with { Label = "sad0", Speaker = "2" }, Clips[1]]).Sha256,
            DataFingerprint.Compute(folder.Path, [Clips[0]]).Sha256,
        };
        File.WriteAllText(folder.File("a", "1.wav"), "eno");
        digests.Add(DataFingerprint.Compute(folder.Path, Clips).Sha256);
        Assert.Equal(digests.Count, digests.Distinct().Count());
        // Same length: only the bytes tell.
        Assert.Equal(digests[1], DataFingerprint.Compute(folder.Path, Clips, FingerprintContent.Length).Sha256);
    }

    [Fact]
    public void Absent_files_and_duplicates_are_refused()
    {
        using TemporaryFolder folder = Folder();
        foreach (FingerprintContent content in Enum.GetValues<FingerprintContent>())
            Assert.Contains("3.wav",
                Assert.Throws<CorpusException>(() => DataFingerprint.Compute(folder.Path, [new("a/3.wav", "sad", null)], content)).Message,
                StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<CorpusException>(() => DataFingerprint.Compute(folder.Path, [Clips[0], Clips[0]])).Message,
            StringComparison.Ordinal);
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("a"));
        Directory.CreateDirectory(folder.File("b"));
        File.WriteAllText(folder.File("a", "1.wav"), "one");
        File.WriteAllText(folder.File("b", "2.wav"), "two!");
        return folder;
    }
}
