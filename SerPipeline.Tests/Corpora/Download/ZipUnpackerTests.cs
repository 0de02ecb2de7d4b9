using SerPipeline.Corpora.Download;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Archives that must not be unpacked.</summary>
public sealed class ZipUnpackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../evil.wav")]
    [InlineData("set/../../evil.wav")]
    [InlineData("..\\evil.wav")]
    [InlineData("/tmp/evil.wav")]
    [InlineData("C:/evil.wav")]
    [InlineData("set//evil.wav")]
    [InlineData("set/.. /evil.wav")]
    [InlineData("bad\nname.wav")]
    public void A_path_out_of_the_folder_is_refused_before_anything_is_written(string name) =>
        Assert.Contains("leads outside", Refused(Archives.Zip(("good.wav", [1, 2, 3]), (name, [1, 2, 3]))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_link_is_refused() =>
        // 0xA1FF: a symbolic link as Unix writes it.
        Assert.Contains("link", Refused(Archives.Zip(entry => entry.ExternalAttributes = 0xA1FF << 16,
            ("good.wav", "/etc/passwd"u8.ToArray()))).Message, StringComparison.Ordinal);

    [Fact]
    public void One_name_twice_is_refused() =>
        Assert.Contains("twice", Refused(Archives.Zip(("a/x.wav", [1]), ("a/X.wav", [2]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_many_files_are_refused() =>
        Assert.Contains("more than 10", Refused(Archives.Zip([.. Enumerable.Range(0, 11).Select(i => ($"{i}.wav", new byte[1]))])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Too_many_are_refused_by_the_end_record_before_the_directory_is_read()
    {
        byte[] zip = Archives.Zip([.. Enumerable.Range(0, 11).Select(i => ($"{i}.wav", new byte[1]))]);
        // A directory that cannot be read: who refuses by the number of entries has not tried.
        zip[zip.AsSpan().IndexOf("PK\u0001\u0002"u8)] = 0;
        Assert.Contains("it has 11 entries, more than 10", Refused(zip).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_are_refused_when_the_end_record_lies()
    {
        byte[] zip = Archives.Zip([.. Enumerable.Range(0, 2000).Select(i => ($"{i}.wav", Array.Empty<byte>()))]);
        int end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        BitConverter.TryWriteBytes(zip.AsSpan(end + 8), (ushort)1);
        BitConverter.TryWriteBytes(zip.AsSpan(end + 10), (ushort)1);
        Assert.Contains("its directory has", Refused(zip).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_for_the_old_end_record_are_counted_by_the_64_bit_one() =>
        Assert.Contains("it has 65600 entries, more than 10",
            Refused(Archives.Zip([.. Enumerable.Range(0, 65_600).Select(i => ($"{i}", Array.Empty<byte>()))])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_damaged_directory_is_told_whatever_the_damage()
    {
        byte[] zip = Archives.Zip(("a/x.wav", [1, 2, 3]), ("a/y.wav", [4]));
        int refused = 0;
        foreach (byte wrong in new byte[] { 0x00, 0x7F, 0xFF })
        {
            for (int i = 0; i < zip.Length; i++)
            {
                byte[] damaged = [.. zip];
                damaged[i] = wrong;
                string archive = Write(damaged);
                // Anything but a DownloadException fails the test.
                try { Unpack(archive); }
                catch (DownloadException) { refused++; }
                string outside = Path.Combine(_folder.Path, "out");
                if (Directory.Exists(outside)) Directory.Delete(outside, recursive: true);
            }
        }
        Assert.True(refused > zip.Length, $"{refused}");
    }

    [Fact]
    public void A_directory_that_is_damaged_alone_is_refused()
    {
        byte[] zip = Archives.Zip(("x.wav", [1, 2, 3]));
        zip[zip.AsSpan().IndexOf("PK\u0001\u0002"u8)] = 0;
        Assert.Contains("its directory is damaged", Refused(zip).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a/b.wav")]
    [InlineData("a/b.wav", "A")]
    [InlineData("a", "a/")]
    public void A_file_that_is_a_folder_too_is_refused(string first, string second) =>
        Assert.Contains("both a file and a folder", Refused(Archives.Zip((first, [1]), (second, []))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("n", 300, "name of more than 255 bytes")]
    // Two bytes each: the limit is of bytes, not of letters.
    [InlineData("\u00e9", 128, "name of more than 255 bytes")]
    [InlineData("d/", 40, "more than 32 folders")]
    [InlineData("dddddddddddddddddddddddddddddddddddddddddddddddd/", 30, "path of more than 1000 bytes")]
    public void Names_that_no_disk_takes_are_refused(string part, int times, string message) =>
        Assert.Contains(message, Refused(Archives.Zip((string.Concat(Enumerable.Repeat(part, times)) + (part.EndsWith('/') ? "x.wav" : ""),
            [1]))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_bomb_that_says_what_it_is_is_refused()
    {
        // Zeros shrink a thousandfold: 200 kB that unfold to 200 MB.
        byte[] bomb = Archives.Zip([.. Enumerable.Range(0, 10).Select(i => ($"{i}.wav", new byte[20_000_000]))]);
        Assert.True(bomb.Length < 1_000_000);
        Assert.Contains("more than 1000000 bytes", Refused(bomb).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_that_lies_about_its_size_is_stopped()
    {
        byte[] bomb = Archives.Zip(("0.wav", new byte[5_000_000]));
        // The uncompressed size, 4 bytes at offset 24 of the central directory's entry ("PK\1\2"), and at 22 of the local one ("PK\3\4").
        int central = bomb.AsSpan().IndexOf("PK\u0001\u0002"u8), local = bomb.AsSpan().IndexOf("PK\u0003\u0004"u8);
        BitConverter.TryWriteBytes(bomb.AsSpan(central + 24), 1000);
        BitConverter.TryWriteBytes(bomb.AsSpan(local + 22), 1000);
        string archive = Write(bomb);
        Assert.Throws<DownloadException>(() => Unpack(archive));
        Assert.All(Directory.GetFiles(_folder.Path, "*.wav", SearchOption.AllDirectories),
            file => Assert.True(new FileInfo(file).Length <= 1000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>404</body></html>")]
    [InlineData("PK\u0003\u0004 and nothing else")]
    public void What_is_no_archive_is_refused(string content) =>
        Assert.Contains("zip archive", Refused(System.Text.Encoding.ASCII.GetBytes(content)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_archive_without_its_end_is_refused() => Refused(Archives.Clips(3, bytes: 1000)[..^30]);

    [Fact]
    public void Good_files_come_out_and_resource_forks_stay_in()
    {
        string archive = Write(Archives.Zip(("./a/x.wav", [1, 2]), ("a/deep/er/y.wav", []), ("__MACOSX/a/._x.wav", [9]), ("empty/", [])));
        Unpack(archive);
        string outside = Path.Combine(_folder.Path, "out");
        Assert.Equal(["a/deep/er/y.wav", "a/x.wav"],
            Directory.GetFiles(outside, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(outside, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal));
        Assert.Equal([1, 2], File.ReadAllBytes(Path.Combine(outside, "a", "x.wav")));
    }

    private DownloadException Refused(byte[] content)
    {
        string archive = Write(content);
        var error = Assert.Throws<DownloadException>(() => Unpack(archive));
        Assert.Equal([archive], Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        return error;
    }

    private string Write(byte[] content)
    {
        string archive = Path.Combine(_folder.Path, "a.zip");
        File.WriteAllBytes(archive, content);
        return archive;
    }

    private void Unpack(string archive) =>
        ZipUnpacker.Unpack(archive, Path.Combine(_folder.Path, "out"), maxFiles: 10, maxBytes: 1_000_000, _ => { }, (_, _) => { },
        TestContext.Current.CancellationToken);
}
