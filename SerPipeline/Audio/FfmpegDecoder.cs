using System.ComponentModel;
using System.Diagnostics;

namespace SerPipeline.Audio;

/// <summary>Decodes foreign formats with an ffmpeg program, if there is one: the first audio stream, as float WAV.</summary>
internal static class FfmpegDecoder
{
    private const int ErrorCharactersShown = 600;
    private const string Advice = "Install ffmpeg (ffmpeg.org) and put it on the PATH, or convert the file to WAV or FLAC.";

    /// <summary>Decodes a file.</summary>
    /// <param name="bytes">The file's content; used when there is no path.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="path">The file's path, or null.</param>
    /// <param name="looksLike">What the bytes look like, for messages.</param>
    /// <param name="options">Program and time limit.</param>
    /// <param name="mostBytes">The decoded bytes taken at most; no array holds more than the default.</param>
    public static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, string? path, string looksLike, AudioReadOptions options, int? mostBytes = null)
    {
        if (options.FfmpegPath is null) throw new AudioFormatException($"{name}: this is {looksLike}, which only ffmpeg could decode, "
            + $"and the options rule it out (FfmpegPath is null). {Advice}");
        int most = mostBytes ?? Array.MaxLength;
        if (path is not null) return Run(Path.GetFullPath(path), name, looksLike, options, most);
        // A file, not a pipe: formats such as MP4 are read from their end.
        string temporary = Path.Combine(Path.GetTempPath(), $"ser-{Guid.NewGuid():N}.audio");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew)) file.Write(bytes);
            return Run(temporary, name, looksLike, options, most);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static AudioClip Run(string path, string name, string looksLike, AudioReadOptions options, int mostBytes)
    {
        using Process process = Start(path, name, looksLike, options);
        // 1. Both pipes are drained at once, so that neither fills up and stops the program.
        process.StandardInput.Close();
        using var output = new MemoryStream();
        Task copy = DrainAsync(process, output, mostBytes);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        // 2. The program, and what it started, ends in time or is ended.
        bool finished = Task.WhenAll(copy, errors).ContinueWith(_ => { }, TaskScheduler.Default).Wait(options.FfmpegTimeout)
            && process.WaitForExit(options.FfmpegTimeout);
        if (copy.IsFaulted)
        {
            string why = output.Length < mostBytes ? copy.Exception!.InnerException!.Message
                : $"the decoded audio is larger than {mostBytes} bytes. Cut the recording into shorter files.";
            throw new AudioFormatException($"{name}: what {options.FfmpegPath} decoded from {looksLike} could not be taken over: {why}", copy.Exception);
        }
        if (!finished)
        {
            process.Kill(entireProcessTree: true);
            throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{name}: {options.FfmpegPath} took longer than {options.FfmpegTimeout.TotalSeconds:0.###} s to decode {looksLike} and "
                    + $"was stopped. Raise FfmpegTimeout for long files, or convert the file to WAV or FLAC."));
        }
        string said = Shorten(errors.IsCompletedSuccessfully ? errors.Result : "");
        // 3. What it wrote is a WAV file like any other.
        if (process.ExitCode != 0)
            throw new AudioFormatException($"{name}: this is {looksLike}; {options.FfmpegPath} could not decode it (exit code "
                + $"{process.ExitCode}): {said}");
        ReadOnlySpan<byte> wav = output.GetBuffer().AsSpan(0, (int)output.Length);
        if (!WavReader.IsWav(wav) || WavReader.ReadHeader(wav, name) is not { Encoding: not null } header)
            throw new AudioFormatException($"{name}: {options.FfmpegPath} was to write WAV samples and wrote "
                + $"{AudioSignature.Of(wav).What}. Is it ffmpeg? {said}");
        return header.ToClip(wav, name);
    }

    // A program that nobody listens to any more would wait for its pipe until the time is up, so it is ended.
    private static async Task DrainAsync(Process process, MemoryStream output, int mostBytes)
    {
        byte[] piece = new byte[1 << 16];
        try
        {
            int read;
            while ((read = await process.StandardOutput.BaseStream.ReadAsync(piece).ConfigureAwait(false)) > 0)
            {
                int taken = (int)Math.Min(read, mostBytes - output.Length);
                output.Write(piece, 0, taken);
                if (taken < read) throw new IOException($"More than {mostBytes} bytes came.");
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
        string program = Find(options.FfmpegPath!) ?? throw NotStarted(name, looksLike, options, "no such program was found", null);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        // "file:" keeps ffmpeg from reading a protocol into a name such as "a:b.mp3".
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

    // The system's own look-up would also try the current folder, where a recording's neighbour may call itself ffmpeg.
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
            0 => "it gave no reason.",
            > ErrorCharactersShown => "..." + text[^ErrorCharactersShown..],
            _ => text,
        };
    }
}
