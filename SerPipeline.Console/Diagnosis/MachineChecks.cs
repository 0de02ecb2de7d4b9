using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using SerPipeline.Audio;
using SerPipeline.Networks;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Console.Diagnosis;

/// <summary>How a check ended.</summary>
internal enum FindingState
{
    /// <summary>There, and it works.</summary>
    Ok,

    /// <summary>Something is slower or left out without it.</summary>
    Warning,

    /// <summary>A command fails without it.</summary>
    Missing,
}

/// <summary>What a check found.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Found">What is there.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record Finding(string Name, FindingState State, string Found, string? Remedy = null);

/// <summary>Looks at what the program needs on this machine.</summary>
internal static class MachineChecks
{
    private const double LeastFreeGiB = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // A letter of each script that labels are often written in.
    private static readonly (string Script, string Letter)[] Scripts =
        [("Cyrillic", "Ж"), ("Greek", "Ω"), ("Arabic", "غ"), ("Hebrew", "א"), ("Devanagari", "क"), ("Bengali", "ক"), ("Thai", "ก"),
            ("Chinese", "气"), ("Japanese", "あ"), ("Korean", "한")];

    /// <summary>All checks, in the order of the report; none throws.</summary>
    /// <param name="runs">The folder that runs go to.</param>
    /// <param name="cache">The folder of the cache.</param>
    public static IEnumerable<Finding> All(string runs, string cache)
    {
        yield return new(".NET runtime", FindingState.Ok, $"{RuntimeInformation.FrameworkDescription} on "
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
            + $"{Format.Count(Environment.ProcessorCount, "processor")}");
        yield return Sdk();
        yield return Processor();
        Finding torch = LibTorch();
        yield return torch;
        if (torch.State == FindingState.Ok)
        {
            yield return Convolutions();
            yield return new("training device", FindingState.Ok, TorchEngine.Resolve(TorchDevice.Auto).type.ToString().ToLowerInvariant());
        }
        yield return Try("ONNX Runtime", () => new("ONNX Runtime", FindingState.Ok, OrtEnv.Instance().GetVersionString()),
            "publish or build the program for this system: predictions need it");
        yield return Try("decoders", Decoders, "build the program anew");
        yield return Ffmpeg();
        yield return Folder("run folder", runs, "name another with --out, or change its rights");
        yield return Folder("cache folder", cache, "name another with --cache or SER_CACHE, or train with --no-cache");
        yield return Folder("temporary folder", Path.GetTempPath(), "set TMPDIR (TEMP on Windows) to a folder that can be written");
        yield return Try("fonts", Fonts, "build or publish the program for this system: figures need SkiaSharp");
    }

    private static Finding Sdk()
    {
        const string name = ".NET SDK", remedy = "install the .NET 10 SDK to build generated projects; training and predicting need none";
        if (Output("dotnet", "--list-sdks") is not { } listed) return new(name, FindingState.Warning, "no dotnet on the PATH", remedy);
        string[] versions = [.. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];
        bool fits = versions.Any(version => Version.TryParse(version.Split('-')[0], out Version? known) && known.Major >= 10);
        string found = versions.Length == 0 ? "none" : string.Join(", ", versions);
        return new(name, fits ? FindingState.Ok : FindingState.Warning, found, fits ? null : remedy);
    }

    private static Finding Processor()
    {
        (string Name, bool Has)[] features =
        [
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512", Avx512F.IsSupported),
            ("bfloat16", ComputePrecisions.HasBFloat16Instructions),
        ];
        string[] has = [.. features.Where(feature => feature.Has).Select(feature => feature.Name)];
        bool slow = RuntimeInformation.ProcessArchitecture == Architecture.X64 && !Avx2.IsSupported;
        return new("processor", slow ? FindingState.Warning : FindingState.Ok, has.Length == 0 ? "no vector features known here"
            : string.Join(", ", has), slow ? "training is several times slower here: train on another machine" : null);
    }

    private static Finding LibTorch() => Try("libtorch", () =>
    {
        TorchEngine.Start();
        return new("libtorch", FindingState.Ok, $"{TorchSharp.torch.__version__} in {TorchEngine.Folder}, found by {TorchEngine.FoundBy}");
    }, $"training needs it, predicting does not: run dotnet restore where the program is built, or set {TorchEngine.FolderVariable} to the "
        + "folder of libtorch 2.10");

    private static Finding Convolutions() => Try("convolution check", () =>
    {
        TorchEngine.Check();
        return new("convolution check", FindingState.Ok, "convolutions and their gradients agree with plain loops");
    }, "libtorch computes wrong values on this processor: train on another machine, "
        + $"or with another libtorch 2.10 ({TorchEngine.FolderVariable})");

    // A click through the writer and back: that decoding works at all here.
    private static Finding Decoders()
    {
        using var wav = new MemoryStream();
        WavWriter.Write(wav, new AudioClip([0f, 0.5f, -0.5f, 0f], 16_000));
        AudioClip read = AudioFile.Decode(wav.ToArray(), "check.wav");
        return read.Length == 4 ? new("decoders", FindingState.Ok, "WAV, AIFF, FLAC, MP3, Ogg Vorbis and Ogg Opus are decoded here")
            : throw new InvalidDataException($"4 samples were written, {read.Length} were read");
    }

    private static Finding Ffmpeg() => Output("ffmpeg", "-version") is { } version
        ? new("ffmpeg", FindingState.Ok, version.Split('\n')[0].Trim())
        : new("ffmpeg", FindingState.Warning, "not on the PATH", "install ffmpeg for m4a, wma, webm and video files; the formats above "
            + "need none");

    private static Finding Folder(string name, string folder, string remedy) => Try(name, () =>
    {
        double? free = FreeGiB(OutFolder.Probe(folder));
        string room = free?.ToString("0.0 GiB", CultureInfo.InvariantCulture) ?? "nobody knows how much";
        string found = $"{folder} can be written, {room} free";
        return free < LeastFreeGiB
            ? new(name, FindingState.Warning, found, "a run may fill the disk: make room, or name a folder on another disk")
            : new(name, FindingState.Ok, found);
    }, remedy, folder);

    // Null where the system does not tell, as of network folders on Windows, which are no drives.
    private static double? FreeGiB(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace / (double)(1 << 30);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Finding Fonts()
    {
        string[] without = [.. Scripts.Where(script => !TextRun.CanDraw(Rune.GetRuneAt(script.Letter, 0))).Select(script => script.Script)];
        string found = TextRun.Families is { Count: > 0 } families ? string.Join(", ", families.Take(4))
            + (families.Count > 4 ? $" and {Format.Whole(families.Count - 4)} more" : "") : "none on this machine";
        return without.Length == 0 ? new("fonts", FindingState.Ok, found)
            : new("fonts", FindingState.Warning, $"{found}; none for {string.Join(", ", without)}", "labels in these scripts are numbers "
                + "in PNG figures, with a list beside them: install fonts that have them, such as the Noto fonts");
    }

    private static Finding Try(string name, Func<Finding> check, string remedy, string? where = null)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            string message = string.Join(" ", e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return new(name, FindingState.Missing, where is null ? message : $"{where}: {message}", remedy);
        }
    }

    // The standard output of a program; null where it is not there or does not answer.
    private static string? Output(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> text = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
            return process.ExitCode == 0 ? text.GetAwaiter().GetResult() : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
