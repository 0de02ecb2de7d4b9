using System.Runtime.InteropServices;
using SerPipeline.Networks;
using SerPipeline.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

public sealed partial class TorchEngineTests
{
    [Fact]
    public void It_loads_beside_the_program_and_computes()
    {
        TorchEngine.Start();
        TorchEngine.Start();
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal([58f, 64f, 139f, 154f],
            tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]).matmul(tensor(new float[] { 7, 8, 9, 10, 11, 12 }, [3, 2])).data<float>()
            .ToArray());
        Assert.True(File.Exists(Path.Combine(TorchEngine.Folder, LibTorch.FileName("torch_cpu"))));
        if (!OperatingSystem.IsLinux()) return;
        // One copy of it, however often it is started.
        string[] mapped = [.. File.ReadAllLines("/proc/self/maps").Where(line => line.Contains("libtorch_cpu", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct()];
        Assert.Equal([Path.Combine(TorchEngine.Folder, "libtorch_cpu.so")], mapped);
    }

    [Fact]
    public void Threads_sleep_while_they_wait_and_only_errors_are_logged_unless_the_user_says_otherwise()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks the C environment that GNU OpenMP reads");
        TorchEngine.Start();
        foreach ((string name, string value) in new[] { ("OMP_WAIT_POLICY", "PASSIVE"), ("TORCH_CPP_LOG_LEVEL", "ERROR") })
            Assert.Equal(Environment.GetEnvironmentVariable(name) ?? value, Marshal.PtrToStringUTF8(EnvironmentOf(name)));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint EnvironmentOf(string name);

    [Fact]
    public void Without_CUDA_auto_is_the_CPU_and_cuda_is_an_error_that_says_why()
    {
        Assert.Equal(DeviceType.CPU, TorchEngine.Resolve(TorchDevice.Cpu).type);
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchEngine.Resolve((TorchDevice)7));
        bool cuda = TorchEngine.Resolve(TorchDevice.Auto).type == DeviceType.CUDA;
        Assert.Equal(torch.cuda.is_available(), cuda);
        Assert.SkipWhen(cuda, "there is CUDA here");
        string message = Assert.Throws<TorchException>(() => TorchEngine.Resolve(TorchDevice.Cuda)).Message;
        Assert.Contains("device is Cuda", message, StringComparison.Ordinal);
        Assert.Contains($"the libtorch in {TorchEngine.Folder} is built without CUDA", message, StringComparison.Ordinal);
        Assert.Contains("SER_LIBTORCH", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_folder_that_does_not_serve_is_an_error_and_not_passed_over()
    {
        using var empty = new TemporaryFolder();
        IReadOnlyList<LibTorch.Place> places = LibTorch.Places(Variables((TorchEngine.FolderVariable, empty.Path)), "/app", "/recorded",
            "/home");
        string message = Assert.Throws<TorchException>(() => LibTorch.Load(places, _ => { })).Message;
        Assert.Contains($"1. the environment variable SER_LIBTORCH: {empty.Path} has no {LibTorch.FileName("torch_cpu")}; "
            + $"{empty.File("lib")} does not exist", message, StringComparison.Ordinal);
        Assert.DoesNotContain("the program's folder", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_name_places_are_tried_in_order_and_each_failure_is_told()
    {
        using var home = new TemporaryFolder();
        string[] versions = ["2.9.1", "2.10.0"];
        foreach (string version in versions)
        {
            string native = home.File("packages", $"libtorch-cpu-{LibTorch.RuntimeIdentifier}", version, "runtimes",
                LibTorch.RuntimeIdentifier, "native");
            Directory.CreateDirectory(native);
            File.WriteAllText(Path.Combine(native, LibTorch.FileName("torch_cpu")), "no library");
        }
        IReadOnlyList<LibTorch.Place> places = LibTorch.Places(Variables(("NUGET_PACKAGES", home.File("packages"))), home.Path,
            home.File("recorded"), "/home");
        // Its libraries are damaged: what the system's loader says stands in the message.
        string message = Assert.Throws<TorchException>(() => LibTorch.Load(places, LibTorch.LoadFolder)).Message;
        Assert.Contains($"1. the program's folder: {home.Path} has no {LibTorch.FileName("torch_cpu")}; "
            + $"{home.File("runtimes", LibTorch.RuntimeIdentifier, "native")} does not exist", message, StringComparison.Ordinal);
        Assert.Contains($"2. the package folder of the build: {home.File("recorded")} does not exist", message, StringComparison.Ordinal);
        Assert.Matches($"3. the NuGet package folder: .*{LibTorch.FileName("c10")}", message);
        var tried = new List<string>();
        string found = LibTorch.Load(places,
            folder => { tried.Add(folder); if (tried.Count == 1) throw new DllNotFoundException("too new"); });
        Assert.Equal((2, tried[1]), (tried.Count, found));
        Assert.Contains("2.10.0", tried[0], StringComparison.Ordinal);
        Assert.Contains("2.9.1", tried[1], StringComparison.Ordinal);
    }

    private static Func<string, string?> Variables((string Name, string Value) set) => name => name == set.Name ? set.Value : null;
}
