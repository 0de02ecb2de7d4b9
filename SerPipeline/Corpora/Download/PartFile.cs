using System.Globalization;

namespace SerPipeline.Corpora.Download;

/// <summary>A file that has come in part, and what the server called the version it is part of.</summary>
internal sealed class PartFile(string path, Uri address)
{
    private string TagPath => Path + ".tag";

    /// <summary>Where the bytes lie.</summary>
    public string Path { get; } = path + ".part";

    /// <summary>The bytes that can be gone on from: 0 when it is unknown what they are part of.</summary>
    public long Length => Validator is null || !File.Exists(Path) ? 0 : new FileInfo(Path).Length;

    /// <summary>A strong entity tag or a date, for If-Range; null when there is none for this address.</summary>
    public string? Validator => Tag is [_, { Length: > 0 } validator, ..] ? validator : null;

    /// <summary>The bytes of the whole file, as the server announced them when the part was begun; null when it did not.</summary>
    public long? Total => Tag is [_, _, var total, ..] && long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;

    // Address, validator and total, a line each; null when it is of another address.
    private string[]? Tag => File.Exists(TagPath) && File.ReadAllLines(TagPath) is [var from, ..] lines && from == address.AbsoluteUri ? lines : null;

    /// <summary>Opens it for more bytes.</summary>
    /// <param name="append">Whether to go on; otherwise it starts over.</param>
    /// <param name="validator">What the server calls this version, or null.</param>
    /// <param name="total">The bytes of the whole file, or null.</param>
    public FileStream Open(bool append, string? validator, long? total)
    {
        if (!append) Start(validator, total);
        return new FileStream(Path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
    }

    /// <summary>Makes it the file.</summary>
    public void Finish(string path)
    {
        File.Move(Path, path, overwrite: true);
        File.Delete(TagPath);
    }

    /// <summary>Forgets it.</summary>
    public void Delete()
    {
        File.Delete(TagPath);
        File.Delete(Path);
    }

    // The old bytes go first: a tag must never stand beside bytes of another version.
    private void Start(string? validator, long? total)
    {
        Delete();
        if (validator is not null) AtomicFile.WriteAllText(TagPath, string.Create(CultureInfo.InvariantCulture, $"{address.AbsoluteUri}\n{validator}\n{total}\n"));
    }
}
