using System.ComponentModel;
using System.Diagnostics;

namespace SerPipeline.Audio;

/// <summary>Decodes the first audio stream of any file through an ffmpeg process, as float WAV.</summary>
internal static class FfmpegDecoder
{
    private const int ErrorCharactersShown = 600;
    private const string Advice = "Install ffmpeg (ffmpeg.org) and put it on the PATH, or convert the file to WAV or FLAC.";

    /// <summary>Decodes a file by its path, or its bytes if there is no path. <paramref name="maxBytes"/> limits the decoded
    /// bytes.</summary>
    public static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, string? path, string looksLike, AudioReadOptions options,
        int? maxBytes = null)
    {
        if (options.FfmpegPath is null)
            throw new AudioFormatException($"{name}: this is {looksLike}, which needs ffmpeg, but FfmpegPath is null. {Advice}");
        int limit = maxBytes ?? Array.MaxLength;
        if (path is not null) return Run(Path.GetFullPath(path), name, looksLike, options, limit);
        // A file, not a pipe: formats such as MP4 need seeking.
        string temporary = Path.Combine(Path.GetTempPath(), $"ser-{Guid.NewGuid():N}.audio");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew)) file.Write(bytes);
            return Run(temporary, name, looksLike, options, limit);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static AudioClip Run(string path, string name, string looksLike, AudioReadOptions options, int maxBytes)
    {
        using Process process = Start(path, name, looksLike, options);
        // 1. Drain both pipes at once, so that neither fills up and blocks the process.
        process.StandardInput.Close();
        using var output = new MemoryStream();
        Task copy = DrainAsync(process, output, maxBytes);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        // 2. Wait up to the time limit.
        bool finished = Task.WhenAll(copy, errors).ContinueWith(_ => { }, TaskScheduler.Default).Wait(options.FfmpegTimeout)
            && process.WaitForExit(options.FfmpegTimeout);
        if (copy.IsFaulted)
        {
            string why = output.Length < maxBytes ? copy.Exception!.InnerException!.Message
                : $"the decoded audio is larger than {maxBytes} bytes. Cut the recording into shorter files.";
            throw new AudioFormatException($"{name}: the output of {options.FfmpegPath} for {looksLike} could not be read: {why}",
                copy.Exception);
        }
        if (!finished)
        {
            process.Kill(entireProcessTree: true);
            throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{name}: {options.FfmpegPath} took longer than {options.FfmpegTimeout.TotalSeconds:0.###} s to decode {looksLike} and "
                    + $"was stopped. Raise FfmpegTimeout for long files, or convert the file to WAV or FLAC."));
        }
        string log = Shorten(errors.IsCompletedSuccessfully ? errors.Result : "");
        // 3. Read the output as WAV.
        if (process.ExitCode != 0)
            throw new AudioFormatException($"{name}: this is {looksLike}; {options.FfmpegPath} could not decode it (exit code "
                + $"{process.ExitCode}): {log}");
        ReadOnlySpan<byte> wav = output.GetBuffer().AsSpan(0, (int)output.Length);
        if (!WavReader.IsWav(wav) || WavReader.ReadHeader(wav, name) is not { Encoding: not null } header)
            throw new AudioFormatException($"{name}: expected WAV samples from {options.FfmpegPath}, "
                + $"found {AudioSignature.Of(wav).What}. Is it ffmpeg? {log}");
        return header.ToClip(wav, name);
    }

    // Kill the process on error: it would otherwise block on a full pipe until the time limit.
    private static async Task DrainAsync(Process process, MemoryStream output, int maxBytes)
    {
        byte[] piece = new byte[1 << 16];
        try
        {
            int read;
            while ((read = await process.StandardOutput.BaseStream.ReadAsync(piece).ConfigureAwait(false)) > 0)
            {
                int taken = (int)Math.Min(read, maxBytes - output.Length);
                output.Write(piece, 0, taken);
                if (taken < read) throw new IOException($"Received more than {maxBytes} bytes.");
            }
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(string path, string name, string looksLike, AudioReadOptions options)
    {
        string program = Find(options.FfmpegPath!) ?? throw NotStarted(name, looksLike, options, "program not found", null);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        // "file:" keeps ffmpeg from taking part of a name such as "a:b.mp3" for a protocol.
        string[] input = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", "file:" + path];
        foreach (string argument in (string[])[.. input, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"])
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw NotStarted(name, looksLike, options, error.Message, error);
        }
    }

    // The system's lookup may include the current folder, where a file next to the recordings could be called ffmpeg.
    private static string? Find(string program)
    {
        if (program.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
            return File.Exists(program) ? Path.GetFullPath(program) : null;
        string[] names = OperatingSystem.IsWindows() ? [program, program + ".exe"] : [program];
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(file => Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);
    }

    private static AudioFormatException NotStarted(string name, string looksLike, AudioReadOptions options, string why, Exception? cause) =>
        new($"{name}: this is {looksLike}, which needs ffmpeg, and '{options.FfmpegPath}' could not be started ({why}). {Advice}", cause);

    private static string Shorten(string text)
    {
        text = text.Trim();
        return text.Length switch
        {
            0 => "no error message.",
            > ErrorCharactersShown => "..." + text[^ErrorCharactersShown..],
            _ => text,
        };
    }
}
