using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch.Native;

/// <summary>One place where libtorch may lie.</summary>
/// <param name="Origin">What named the place, for messages.</param>
/// <param name="Folders">The folders to look in, in order.</param>
/// <param name="IsExplicit">Whether the user named it: then no other place is tried.</param>
internal sealed record TorchLocation(string Origin, IReadOnlyList<string> Folders, bool IsExplicit = false)
{
    /// <summary>The library's file name on this system.</summary>
    public static string FileName => OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    /// <summary>The runtime identifier of this machine, as the native packages spell it.</summary>
    public static string RuntimeIdentifier
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        }
    }

    /// <summary>The NuGet package that holds libtorch for this machine.</summary>
    public static string PackageName => $"libtorch-cpu-{RuntimeIdentifier}";

    /// <summary>The places on this machine, in the order they are tried.</summary>
    public static IReadOnlyList<TorchLocation> OfThisMachine() =>
        All(Environment.GetEnvironmentVariable, AppContext.BaseDirectory, TorchLibrary.RecordedFolder(),
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The places, in the order they are tried, from what the process knows about its surroundings.</summary>
    public static IReadOnlyList<TorchLocation> All(Func<string, string?> environment, string appFolder, string? recordedFolder, string homeFolder)
    {
        var places = new List<TorchLocation>();
        string? named = environment(TorchLibrary.FolderVariable);
        if (!string.IsNullOrEmpty(named))
            places.Add(new($"the environment variable {TorchLibrary.FolderVariable}", [named, Path.Combine(named, "lib")], IsExplicit: true));
        places.Add(new("the program's folder", [appFolder, Path.Combine(appFolder, "runtimes", RuntimeIdentifier, "native")]));
        if (!string.IsNullOrEmpty(recordedFolder)) places.Add(new("the package folder of the build", [recordedFolder]));
        string? configured = environment("NUGET_PACKAGES");
        string packages = string.IsNullOrEmpty(configured) ? Path.Combine(homeFolder, ".nuget", "packages") : configured;
        places.Add(new("the NuGet package folder", InPackages(Path.Combine(packages, PackageName))));
        return places;
    }

    /// <summary>Loads libtorch from here.</summary>
    /// <param name="load">Loads a library file, or throws.</param>
    /// <param name="handle">The library.</param>
    /// <param name="found">The folder it came from; on failure, why each folder failed.</param>
    public bool TryLoad(Func<string, nint> load, out nint handle, out string found)
    {
        var reasons = new List<string>();
        foreach (string folder in Folders)
        {
            string file = Path.Combine(folder, FileName);
            if (!File.Exists(file))
            {
                reasons.Add(Directory.Exists(folder) ? $"{folder} has no {FileName}" : $"{folder} does not exist");
                continue;
            }
            try
            {
                (handle, found) = (load(file), folder);
                return true;
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                reasons.Add($"{file} could not be loaded: {error.Message}");
            }
        }
        (handle, found) = (0, string.Join("; ", reasons));
        return false;
    }

    // Newest first; when the package is absent, the folder itself is named so that the message can say so.
    private static string[] InPackages(string package)
    {
        if (!Directory.Exists(package)) return [package];
        return [.. Directory.GetDirectories(package)
            .OrderByDescending(folder => System.Version.TryParse(Path.GetFileName(folder), out Version? version) ? version : new Version(0, 0))
            .Select(folder => Path.Combine(folder, "runtimes", RuntimeIdentifier, "native"))];
    }
}
