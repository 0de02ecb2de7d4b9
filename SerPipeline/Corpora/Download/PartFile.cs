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
    public string? Validator => File.Exists(TagPath) && File.ReadAllLines(TagPath) is [var from, { Length: > 0 } validator] && from == address.AbsoluteUri ? validator : null;

    /// <summary>Opens it for more bytes.</summary>
    /// <param name="append">Whether to go on; otherwise it starts over.</param>
    /// <param name="validator">What the server calls this version, or null.</param>
    public FileStream Open(bool append, string? validator)
    {
        if (!append) Start(validator);
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
    private void Start(string? validator)
    {
        Delete();
        if (validator is not null) AtomicFile.WriteAllText(TagPath, $"{address.AbsoluteUri}\n{validator}\n");
    }
}
