using System.IO.Compression;
using System.Security.Cryptography;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Small archives, good and bad, and a corpus that claims them.</summary>
internal static class Archives
{
    /// <summary>Audio files of random bytes, which do not compress.</summary>
    public static byte[] Clips(int clips, int bytes = 20_000, int seed = 1) =>
        Zip([.. Enumerable.Range(0, clips).Select(i => ($"set/wav/{i:00}.wav", Noise(bytes, seed + i)))]);

    public static byte[] Zip(params (string Name, byte[] Content)[] files) => Zip(_ => { }, files);

    public static byte[] Zip(Action<ZipArchiveEntry> change, params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                ZipArchiveEntry entry = zip.CreateEntry(name);
                change(entry);
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }
        return bytes.ToArray();
    }

    public static byte[] Noise(int bytes, int seed)
    {
        SeededRandom random = new SeededRandom(seed).Fork("noise");
        return [.. Enumerable.Range(0, bytes).Select(_ => (byte)random.Next(256))];
    }

    public static string Md5(byte[] bytes) =>
#pragma warning disable CA5351 // What publishers publish.
        Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    /// <summary>What a Dataverse repository says of the files that <see cref="Clips"/> makes, and of a text beside them.</summary>
    public static string Listing(int clips)
    {
        string[] files = [.. Enumerable.Range(0, clips).Select(i => File($"{i:00}.wav", Noise(20_000, 1 + i))), File("readme.txt", [1])];
        return $$"""{"status":"OK","data":{"id":1,"latestVersion":{"versionNumber":1,"files":[{{string.Join(",", files)}}] } } }""";

        static string File(string name, byte[] content) =>
            $$"""{"label":"{{name}}","restricted":false,"dataFile":{"id":2,"filename":"{{name}}","filesize":{{content.Length}},"""
            + $$"""
              "checksum":{"type":"MD5","value":"{{Md5(content)}}"} } }
              """;
    }

    /// <summary>A corpus whose archive is at the address, with its published size and checksum, or without either.</summary>
    public static CorpusDownload Corpus(Uri address, int clips, byte[]? published, long greatest = 1_000_000) => new()
    {
        Name = "toy",
        Facts = CorpusFacts.All[0] with { Name = "toy", Title = "Toy corpus" },
        Folder = "TOY",
        Licence = "none",
        Terms = "None.",
        Page = new Uri("http://127.0.0.1/"),
        Clips = clips,
        Archive = new CorpusArchive
        {
            Address = address,
            FileName = "toy.zip",
            SizeBytes = published?.Length,
            Checksum = published is null ? null : new PublishedChecksum("MD5", Md5(published), "the test"),
            MaxBytes = greatest,
            UnpackedBytes = 100_000,
            MaxUnpackedBytes = 2_000_000,
        },
    };
}
