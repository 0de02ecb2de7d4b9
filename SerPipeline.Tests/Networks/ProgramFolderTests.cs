using System.Text.Json;
using SerPipeline.Networks;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Networks;

/// <summary>What builds put beside programs: the natives of this machine's platform, and libtorch never.</summary>
public sealed class ProgramFolderTests
{
    private const long MaxConsoleBytes = 130_000_000;

    // Built with the tests, in the same configuration.
    private static string Folder(string project) =>
        Path.Combine([Companions.Repository(), .. project.Split('/'), "bin",
            .. AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2..]]);

    [Fact]
    public void The_consoles_folder_is_at_most_130_MB()
    {
        long bytes = Directory.GetFiles(Folder("SerPipeline.Console"), "*",
            SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:N0} bytes");
        Assert.InRange(bytes, 1_000_000, MaxConsoleBytes);
    }

    [Theory]
    [InlineData("SerPipeline.Console", "ser")]
    [InlineData("SerPipeline.Tests", "SerPipeline.Tests")]
    [InlineData("samples/InboxService", "InboxService")]
    public void Only_natives_of_this_platform_are_there_and_the_program_knows_each(string project, string program)
    {
        // Elsewhere some packages have no natives at all.
        Assert.SkipUnless(LibTorch.RuntimeIdentifier is "linux-x64" or "win-x64" or "osx-arm64",
            "libtorch is there for linux-x64, win-x64 and osx-arm64");
        string folder = Folder(project), runtimes = Path.Combine(folder, "runtimes");
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories),
            path => Path.GetFileName(path) is "cpu" || Path.GetFileName(path) == LibTorch.FileName("torch_cpu")
                || Path.GetFileName(path) == LibTorch.FileName("c10"));
        string[] there = [.. Directory.GetFiles(runtimes, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder,
            file).Replace('\\', '/'))];
        string[] natives = [.. there.Where(file => file.Split('/')[2] == "native")];
        Assert.All(natives, file => Assert.StartsWith($"runtimes/{LibTorch.RuntimeIdentifier}/native/", file, StringComparison.Ordinal));
        Assert.Contains(natives, file => file.EndsWith(LibTorch.FileName("LibTorchSharp"), StringComparison.Ordinal));
        Assert.Contains(natives, file => file.Contains("onnxruntime", StringComparison.Ordinal));
        // The runtime looks where deps.json points, and nowhere else below this folder.
        using JsonDocument deps = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, program + ".deps.json")));
        IEnumerable<string> known = deps.RootElement.GetProperty("targets").EnumerateObject()
            .SelectMany(target => target.Value.EnumerateObject())
            .Where(library => library.Value.TryGetProperty("runtimeTargets", out _))
            .SelectMany(library => library.Value.GetProperty("runtimeTargets").EnumerateObject().Select(file => file.Name));
        Assert.Equal(there.Order(StringComparer.Ordinal),
            known.Where(file => !file.EndsWith("/_._", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("SerPipeline.Console")]
    [InlineData("SerPipeline.Tests")]
    [InlineData("samples/InboxService")]
    public void The_newest_libstdc_version_is_optional_to_TorchSharps_library_and_nothing_else_is_changed(string project)
    {
        Assert.SkipUnless(LibTorch.RuntimeIdentifier == "linux-x64", "the library for linux-x64 alone asks for it");
        byte[] built = File.ReadAllBytes(Path.Combine(Folder(project), "runtimes", "linux-x64", "native", "libLibTorchSharp.so"));
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        byte[] packed = File.ReadAllBytes(Path.Combine(packages, "torchsharp", "0.107.0", "runtimes", "linux-x64", "native",
            "libLibTorchSharp.so"));
        Assert.Equal(packed.Length, built.Length);
        int changed = Assert.Single(Enumerable.Range(0, packed.Length), i => packed[i] != built[i]);
        // The flags of an entry of 16 bytes follow its hash; that of GLIBCXX_3.4.32 is listed by `readelf -V`, computed here by the ELF
        // specification.
        uint hash = 0;
        foreach (char letter in "GLIBCXX_3.4.32")
        {
            hash = (hash << 4) + letter;
            hash = (hash ^ ((hash & 0xF0000000) >> 24)) & 0x0FFFFFFF;
        }
        Assert.Equal(hash, BitConverter.ToUInt32(built, changed - 4));
        Assert.Equal((0, 2), (packed[changed], built[changed]));
    }
}
