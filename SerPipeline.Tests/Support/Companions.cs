namespace SerPipeline.Tests.Support;

/// <summary>Finds the files that lie beside the project (real recordings, reference values) and skips the test, saying so, where they are
/// absent.</summary>
internal static class Companions
{
    private static readonly string? Root = Find();

    /// <summary>The full path of a companion file or folder; skips the running test when it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Root is null ? "" : Path.Combine([Root, .. parts]);
        Assert.SkipUnless(Root is not null && (File.Exists(path) || Directory.Exists(path)),
            $"needs shared/{string.Join('/', parts)} beside the checkout, or its folder in the variable SER_SHARED");
        return path;
    }

    /// <summary>The root of the checkout.</summary>
    public static string Repository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "SerPipeline.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no SerPipeline.sln above {AppContext.BaseDirectory}");
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("SER_SHARED");
        if (!string.IsNullOrEmpty(named)) return Directory.Exists(named) ? named : null;
        string beside = Path.Combine(Repository(), "..", "shared");
        return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
    }
}
