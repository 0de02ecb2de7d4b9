using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>The demo corpus laid out in other ways.</summary>
internal static class CorpusFolders
{
    /// <summary>A copy as a folder a label, outside the demo corpus's own folder and without speakers.</summary>
    public static async Task<string> WithoutSpeakers(string demo, TemporaryFolder folder)
    {
        string root = folder.File("labels");
        foreach (CorpusClip clip in CorpusLoader.Load("demo", demo).Clips)
        {
            string target = Path.Combine(root, clip.Label, Path.GetFileName(clip.Path));
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
