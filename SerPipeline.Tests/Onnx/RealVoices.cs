using System.Collections.Concurrent;
using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Onnx;

/// <summary>Recordings of RAVDESS, where they lie beside the checkout.</summary>
internal static class RealVoices
{
    private static readonly string[] Names = ["Actor_01/03-01-05-01-01-01-01", "Actor_06/03-01-04-01-02-01-06",
        "Actor_15/03-01-08-02-01-01-15", "Actor_22/03-01-01-01-01-02-22"];

    private static readonly ConcurrentDictionary<(string Name, int Rate), AudioClip> Clips = new();

    /// <summary>
    /// Clips of four actors: their own silence before and after the speech differs, so trimming leaves four lengths. Longer ones are
    /// repeated.
    /// </summary>
    public static float[][] Of(double seconds, int rate) => [.. Names.Select(name =>
    {
        AudioClip clip = Read(name, rate);
        var samples = new float[(int)(seconds * rate)];
        // Short ones are cut from within the speech.
        int from = samples.Length < clip.Length ? Math.Min(rate, clip.Length - samples.Length) : 0;
        for (int i = 0; i < samples.Length; i++) samples[i] = clip.Samples[(from + i) % clip.Length];
        return samples;
    })];

    /// <summary>The same clips as they were recorded.</summary>
    public static float[][] Whole(int rate) => [.. Names.Select(name => Read(name, rate).Samples.ToArray())];

    // Found, decoded and resampled once for all tests.
    private static AudioClip Read(string name, int rate)
    {
        string folder = Companions.Require("corpora", "RAVDESS");
        return Clips.GetOrAdd((name, rate), _ => AudioFile.Read(
            Directory.GetFiles(folder, Path.GetFileName(name) + ".*", SearchOption.AllDirectories).Single()).ToMono().Resample(rate));
    }
}
