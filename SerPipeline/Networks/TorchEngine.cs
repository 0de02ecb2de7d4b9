using System.Reflection;

namespace SerPipeline.Networks;

/// <summary>
/// libtorch under TorchSharp. Trainers start it themselves; code that makes tensors or modules of TorchSharp before any of them calls
/// <see cref="Start"/> first, because libtorch lies outside the program, where TorchSharp alone does not look.
/// </summary>
public static class TorchEngine
{
    private const string Binding = "LibTorchSharp";

    private static readonly Lazy<string> Started = new(StartOnce);

    private static readonly Lazy<string?> Wrong = new(() => ConvolutionCheck.Find());

    /// <summary>
    /// The environment variable that names the folder of another libtorch 2.10, one with CUDA for instance: the folder of its library
    /// files, or the one above their <c>lib</c>.
    /// </summary>
    public const string FolderVariable = "SER_LIBTORCH";

    /// <summary>The folder libtorch was loaded from; starts the engine.</summary>
    /// <exception cref="TorchException">As <see cref="Start"/> says.</exception>
    public static string Folder => Started.Value;

    /// <summary>
    /// Loads libtorch and TorchSharp's native library, once a process; later calls return at once. Sets <c>OMP_WAIT_POLICY</c> to
    /// <c>PASSIVE</c> and <c>TORCH_CPP_LOG_LEVEL</c> to <c>ERROR</c> for this process unless they are set.
    /// </summary>
    /// <exception cref="TorchException">One of them was found nowhere, or cannot be loaded; the message lists each place and why it
    /// failed.</exception>
    public static void Start() => _ = Started.Value;

    /// <summary>
    /// Requires that convolutions and their gradients agree with plain loops on this processor; a fraction of a second, once a process.
    /// Trainers call it before the first step: oneDNN has given wrong values and NaN without an error, and a training on them looks like
    /// a poor network.
    /// </summary>
    /// <exception cref="TorchException">They do not agree, or <see cref="Start"/> fails.</exception>
    public static void Check()
    {
        Start();
        if (Wrong.Value is { } problem) throw new TorchException(problem);
    }

    /// <summary>The device to train on; starts the engine.</summary>
    /// <exception cref="TorchException"><see cref="TorchDevice.Cuda"/> is wanted and there is no CUDA, or <see cref="Start"/>
    /// fails.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not a value of <see cref="TorchDevice"/>.</exception>
    public static torch.Device Resolve(TorchDevice device)
    {
        Start();
        return device switch
        {
            TorchDevice.Cpu => torch.CPU,
            TorchDevice.Auto => torch.TryInitializeDeviceType(DeviceType.CUDA) ? torch.CUDA : torch.CPU,
            TorchDevice.Cuda when torch.TryInitializeDeviceType(DeviceType.CUDA) => torch.CUDA,
            TorchDevice.Cuda => throw new TorchException(
                $"TorchEngine: device is {TorchDevice.Cuda}, and {WhyNoCuda()}. "
                + $"Take {TorchDevice.Auto} or {TorchDevice.Cpu}, or set {FolderVariable} to the folder "
                + $"of a libtorch 2.10 built with CUDA."),
            _ => throw new ArgumentOutOfRangeException(nameof(device), device, "not a device"),
        };
    }

    /// <summary>
    /// Lets the process keep the memory that libtorch frees, for the next training step: a training is then up to a quarter faster, and
    /// the process stays as large as it ever was. Has an effect with glibc (most Linux distributions) alone.
    /// </summary>
    public static void KeepFreedMemory() => NativeSettings.KeepFreedMemory();

    /// <summary>What named the folder libtorch was loaded from, such as the build or <see cref="FolderVariable"/>.</summary>
    internal static string FoundBy => Places().First(place => place.Folders.Contains(Folder)).Origin;

    /// <summary>Held while a network is built that draws its first weights from the generator of the process, and while a checkpoint keeps
    /// or sets that generator's state: two that did so at once would have each other's draws.</summary>
    internal static Lock GeneratorLock { get; } = new();

    private static IReadOnlyList<LibTorch.Place> Places() => LibTorch.Places(Environment.GetEnvironmentVariable, AppContext.BaseDirectory,
        Recorded("LibTorchFolder"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    private static string StartOnce()
    {
        // Read once, when libtorch is loaded. GNU OpenMP's threads spin by default while they wait for each other: a little faster on an
        // idle machine, and ruinous on a busy one, where a spinning thread keeps the one that is waited for off the processor.
        NativeSettings.SetUnlessSet("OMP_WAIT_POLICY", "PASSIVE");
        NativeSettings.SetUnlessSet("TORCH_CPP_LOG_LEVEL", "ERROR");
        string folder = LibTorch.Load(Places(), LibTorch.LoadFolder);
        // Loaded before TorchSharp asks for it: where it fails to load, TorchSharp copies libtorch into the program's folder and writes
        // to standard output.
        LoadBinding(Recorded("TorchSharpFile"));
        torch.InitializeDeviceType(DeviceType.CPU);
        return folder;
    }

    /// <param name="recorded">The copy that the library's own build made, for programs that are built without the step that makes
    /// theirs.</param>
    private static void LoadBinding(string? recorded)
    {
        try
        {
            NativeLibrary.Load(Binding, typeof(torch).Assembly, null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            // Once loaded from anywhere, the loader finds it by its name for TorchSharp.
            if (File.Exists(recorded) && NativeLibrary.TryLoad(recorded, out _)) return;
            throw new TorchException(
                $"TorchSharp's native library {LibTorch.FileName(Binding)} could not be loaded from the program's folder "
                + $"{AppContext.BaseDirectory}. It is there for linux-x64, win-x64 and osx-arm64. "
                + "Where the message below asks for GLIBCXX_3.4.32, "
                + "import SerPipeline/build/LibTorch.targets into the program's project: its build makes a copy that loads."
                + $"{Environment.NewLine}{error.Message}", error);
        }
    }

    private static string WhyNoCuda() => File.Exists(Path.Combine(Folder, LibTorch.FileName("torch_cuda")))
        ? "no CUDA GPU answers (is its driver installed, and does CUDA_VISIBLE_DEVICES show one?)"
        : $"the libtorch in {Folder} is built without CUDA";

    private static string? Recorded(string key) => typeof(TorchEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == key)?.Value;
}
