using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

/// <summary>Makes small corpora of tones in a temporary folder.</summary>
internal sealed class CorpusFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>Writes a sine of the given length; different frequencies are different recordings.</summary>
    public string Tone(string relative, double hertz = 220, double seconds = 0.5, double amplitude = 0.3, int sampleRateHz = 8000,
        int channels = 1)
    {
        int frames = (int)(seconds * sampleRateHz);
        var samples = new float[frames * channels];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (float)Math.Clamp(amplitude * Math.Sin(2 * Math.PI * hertz * (i / channels) / sampleRateHz), -1, 32767.0 / 32768);
        string path = Full(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        WavWriter.Write(path, new AudioClip(samples, sampleRateHz, channels));
        return path;
    }

    /// <summary>Writes any file; loaders look at names alone until audio is decoded.</summary>
    public string Text(string relative, string content = "x")
    {
        string path = Full(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public string Full(string relative) => System.IO.Path.Combine(Path, relative.Replace('/', System.IO.Path.DirectorySeparatorChar));

    public void Dispose() => _folder.Dispose();
}
