using System.Runtime.InteropServices;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Native;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Old.Torch;

public partial class TorchLibraryTests
{
    [Fact]
    public void Threads_wait_without_spinning_unless_the_user_says_otherwise()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks the C environment that GNU OpenMP reads");
        _ = TorchLibrary.Folder;
        // A user's own value stands; without one the loader has set it, and .NET's copy of the environment knows nothing of it.
        string expected = Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "PASSIVE";
        Assert.Equal(expected, Marshal.PtrToStringUTF8(EnvironmentOf("OMP_WAIT_POLICY")));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint EnvironmentOf(string name);

    [Fact]
    public void The_loaded_library_is_2_10_or_later_and_lies_outside_the_program()
    {
        Assert.True(TorchLibrary.Version >= new Version(2, 10, 0), $"version {TorchLibrary.Version}");
        Assert.True(TorchLibrary.ThreadCount >= 1);
        Assert.True(File.Exists(Path.Combine(TorchLibrary.Folder, TorchLocation.FileName)));
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, TorchLocation.FileName)), "libtorch was copied into the build output");
        Assert.True(Directory.Exists(TorchLibrary.RecordedFolder()), $"the build recorded {TorchLibrary.RecordedFolder()}");
    }

    [Fact]
    public void A_named_folder_that_does_not_serve_is_an_error_and_not_passed_over()
    {
        using var empty = new TemporaryFolder();
        IReadOnlyList<TorchLocation> places = TorchLocation.All(Variables((TorchLibrary.FolderVariable, empty.Path)), "/app", TorchLibrary.RecordedFolder(), "/home");
        string message = Assert.Throws<TorchException>(() => TorchLibrary.LoadFrom(places, _ => 1)).Message;
        Assert.Contains($"the environment variable SER_LIBTORCH: {empty.Path} has no {TorchLocation.FileName}", message, StringComparison.Ordinal);
        Assert.Contains($"{empty.File("lib")} does not exist", message, StringComparison.Ordinal);
        Assert.DoesNotContain("the program's folder", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_folder_may_be_the_one_above_lib()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("lib"));
        File.WriteAllText(folder.File("lib", TorchLocation.FileName), "");
        IReadOnlyList<TorchLocation> places = TorchLocation.All(Variables((TorchLibrary.FolderVariable, folder.Path)), "/app", null, "/home");
        Assert.Equal((7, folder.File("lib")), TorchLibrary.LoadFrom(places, file => file == folder.File("lib", TorchLocation.FileName) ? 7 : 0));
    }

    [Fact]
    public void Without_a_name_places_are_tried_in_order_and_each_failure_is_told()
    {
        using var home = new TemporaryFolder();
        string[] versions = ["2.9.1", "2.10.0"];
        foreach (string version in versions)
        {
            string native = home.File("packages", TorchLocation.PackageName, version, "runtimes", TorchLocation.RuntimeIdentifier, "native");
            Directory.CreateDirectory(native);
            File.WriteAllText(Path.Combine(native, TorchLocation.FileName), "no library");
        }
        IReadOnlyList<TorchLocation> places = TorchLocation.All(Variables(("NUGET_PACKAGES", home.File("packages"))), home.Path, home.File("recorded"), "/home");
        Assert.Equal(["the program's folder", "the package folder of the build", "the NuGet package folder"], places.Select(place => place.Origin));
        string message = Assert.Throws<TorchException>(() => TorchLibrary.LoadFrom(places, _ => throw new DllNotFoundException("file too short"))).Message;
        Assert.Contains($"the program's folder: {home.Path} has no {TorchLocation.FileName}; {home.File("runtimes", TorchLocation.RuntimeIdentifier, "native")} does not exist", message, StringComparison.Ordinal);
        Assert.Contains($"the package folder of the build: {home.File("recorded")} does not exist", message, StringComparison.Ordinal);
        Assert.Contains("could not be loaded: file too short", message, StringComparison.Ordinal);
        Assert.Contains("set SER_LIBTORCH", message, StringComparison.Ordinal);
        Assert.Contains("2.10.0", TorchLibrary.LoadFrom(places, _ => 1).Folder, StringComparison.Ordinal);
    }

    private static Func<string, string?> Variables((string Name, string Value) set) => name => name == set.Name ? set.Value : null;
}
