using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>The demo corpus laid out in other ways.</summary>
internal static class CorpusFolders
{
    /// <summary>The speaker in the names of the demo corpus's files, for <c>--speaker-pattern</c>.</summary>
    public const string SpeakerPattern = "-(?<speaker>[0-9]{2})[.]wav$";

    /// <summary>A copy as a folder a label, outside the demo corpus's own folder and without speakers.</summary>
    public static Task<string> WithoutSpeakers(string demo, TemporaryFolder folder) => ByLabel(demo, folder, _ => true);

    /// <summary>A copy of some clips as a folder a label.</summary>
    public static Task<string> ByLabel(string demo, TemporaryFolder folder, Func<CorpusClip, bool> which) =>
        Copy(demo, folder.File("labels"), which, clip => Path.Combine(clip.Label, Path.GetFileName(clip.Path)));

    /// <summary>A copy of some clips as if recorded: the same files without the mark of synthesis.</summary>
    public static Task<string> AsRecorded(string demo, TemporaryFolder folder, Func<CorpusClip, bool> which) => Copy(demo,
        folder.File("copy"), which, clip => clip.RelativePath);

    private static async Task<string> Copy(string demo, string root, Func<CorpusClip, bool> which, Func<CorpusClip, string> place)
    {
        foreach (CorpusClip clip in CorpusLoader.Load("demo", demo).Clips.Where(which))
        {
            string target = Path.Combine(root, place(clip));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using FileStream from = File.OpenRead(clip.Path), to = File.Create(target);
            await from.CopyToAsync(to);
        }
        return root;
    }

    /// <summary>Gives a WAV file a chunk that players pass over: the bytes change, the audio does not.</summary>
    public static async Task AppendChunk(string path)
    {
        byte[] bytes = [.. await File.ReadAllBytesAsync(path), .. "note"u8, 2, 0, 0, 0, (byte)'h', (byte)'i'];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), bytes.Length - 8);
        await File.WriteAllBytesAsync(path, bytes);
    }
}
