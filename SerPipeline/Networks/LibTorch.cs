namespace SerPipeline.Networks;

/// <summary>Finds libtorch's files, which lie outside the program, and loads them in the order they need each other.</summary>
internal static unsafe class LibTorch
{
    /// <summary>What TorchSharp is built for: its calls go to C++ functions, which hold within one minor version.</summary>
    private static readonly Version Needed = new(2, 10);

    /// <summary>One place to look in.</summary>
    /// <param name="Origin">What named the place, for messages.</param>
    /// <param name="Folders">In the order they are tried.</param>
    /// <param name="IsNamed">The user named it, so no other place is tried.</param>
    internal sealed record Place(string Origin, IReadOnlyList<string> Folders, bool IsNamed = false);

    /// <summary>This system's file name of a library.</summary>
    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The runtime identifier of this machine, as the native packages spell it.</summary>
    public static string RuntimeIdentifier => (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    private static string PackageName => $"libtorch-cpu-{RuntimeIdentifier}";

    /// <summary>The places in the order they are tried.</summary>
    public static IReadOnlyList<Place> Places(Func<string, string?> environment, string programFolder,
        string? recordedFolder, string homeFolder)
    {
        var places = new List<Place>();
        string? named = environment(TorchEngine.FolderVariable);
        if (!string.IsNullOrEmpty(named))
            places.Add(new($"the environment variable {TorchEngine.FolderVariable}", [named, Path.Combine(named, "lib")], IsNamed: true));
        places.Add(new("the program's folder", [programFolder, Path.Combine(programFolder, "runtimes", RuntimeIdentifier, "native")]));
        if (!string.IsNullOrEmpty(recordedFolder)) places.Add(new("the package folder of the build", [recordedFolder]));
        places.Add(new("the NuGet package folder", InPackages(Path.Combine(PackageFolder(environment, homeFolder), PackageName))));
        return places;
    }

    /// <summary>NuGet's package folder.</summary>
    public static string PackageFolder(Func<string, string?> environment, string homeFolder) =>
        environment("NUGET_PACKAGES") is { Length: > 0 } named ? named : Path.Combine(homeFolder, ".nuget", "packages");

    /// <summary>Loads from the first place that has it.</summary>
    /// <param name="places">Where to look.</param>
    /// <param name="load">Loads what a folder holds, or throws <see cref="DllNotFoundException"/> or <see
    /// cref="BadImageFormatException"/>.</param>
    /// <returns>The folder it was loaded from.</returns>
    /// <exception cref="TorchException">No place has it; the message says of each why not.</exception>
    public static string Load(IReadOnlyList<Place> places, Action<string> load)
    {
        var failures = new List<string>();
        foreach (Place place in places)
        {
            var reasons = new List<string>();
            foreach (string folder in place.Folders)
            {
                if (!File.Exists(Path.Combine(folder, FileName("torch_cpu"))))
                {
                    reasons.Add(Directory.Exists(folder) ? $"{folder} has no {FileName("torch_cpu")}" : $"{folder} does not exist");
                    continue;
                }
                try
                {
                    load(folder);
                    return folder;
                }
                catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
                {
                    reasons.Add($"{folder} could not be loaded: {error.Message}");
                }
            }
            failures.Add($"  {failures.Count + 1}. {place.Origin}: {string.Join("; ", reasons)}");
            if (place.IsNamed) break;
        }
        throw new TorchException(
            $"libtorch {Needed} could not be loaded. Looked in:{Environment.NewLine}"
            + $"{string.Join(Environment.NewLine, failures)}{Environment.NewLine}"
            + $"Restore the package {PackageName}, or set {TorchEngine.FolderVariable} "
            + $"to the folder of a libtorch {Needed} for this machine.");
    }

    /// <summary>Loads the libraries of a folder, CUDA's too where they lie there, and silences their warnings.</summary>
    public static void LoadFolder(string folder)
    {
        var loaded = new Stack<nint>();
        try
        {
            nint core = LoadFile("c10"), cpu = LoadFile("torch_cpu");
            if (VersionOf(cpu) is var version && (version?.Major, version?.Minor) != (Needed.Major, Needed.Minor))
                throw new DllNotFoundException($"it is libtorch {version?.ToString() ?? "of a version that it does not tell"}, and "
                    + $"TorchSharp needs {Needed}");
            foreach (string cuda in new[] { "c10_cuda", "torch_cuda" })
                if (File.Exists(Path.Combine(folder, FileName(cuda)))) LoadFile(cuda);
            LoadFile("torch");
            Silence(core, cpu);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            while (loaded.TryPop(out nint handle)) NativeLibrary.Free(handle);
            throw;
        }

        nint LoadFile(string library)
        {
            nint handle = NativeLibrary.Load(Path.Combine(folder, FileName(library)));
            loaded.Push(handle);
            return handle;
        }
    }

    /// <summary>
    /// Keeps warnings off standard error: a processor unknown to NNPACK has one at every convolution. libtorch reads its log level when
    /// told to alone, and may be told more than once. NNPACK itself is switched off: oneDNN serves in its place.
    /// </summary>
    public static void Silence(nint core, nint cpu)
    {
        // The names of the Itanium C++ ABI (gcc, clang); Microsoft's builds have no NNPACK. Where a name is absent the warnings stay, and
        // nothing else changes.
        if (NativeLibrary.TryGetExport(core, "_ZN3c1011initLoggingEv", out nint initLogging))
            ((delegate* unmanaged<void>)initLogging)();
        if (NativeLibrary.TryGetExport(cpu, "_ZN2at13globalContextEv", out nint globalContext)
            && NativeLibrary.TryGetExport(cpu, "_ZN2at7Context20setUserEnabledNNPACKEb", out nint setNnpack))
            ((delegate* unmanaged<nint, byte, void>)setNnpack)(((delegate* unmanaged<nint>)globalContext)(), 0);
    }

    private static Version? VersionOf(nint cpu)
    {
        if (!NativeLibrary.TryGetExport(cpu, "aoti_torch_abi_version", out nint function)) return null;
        // Byte 7 is the major number, byte 6 the minor, byte 5 the patch.
        ulong version = ((delegate* unmanaged<ulong>)function)();
        return new Version((int)(version >> 56), (int)(version >> 48 & 0xFF), (int)(version >> 40 & 0xFF));
    }

    // Newest first; when the package is absent, the folder itself is named so that the message can say so.
    private static string[] InPackages(string package)
    {
        if (!Directory.Exists(package)) return [package];
        return [.. Directory.GetDirectories(package)
            .OrderByDescending(folder => Version.TryParse(Path.GetFileName(folder), out Version? version) ? version : new Version(0, 0))
            .Select(folder => Path.Combine(folder, "runtimes", RuntimeIdentifier, "native"))];
    }
}
