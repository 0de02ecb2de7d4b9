using SerPipeline.Audio;

namespace SerPipeline.Tests.Splits;

/// <summary>What happens to recordings on their way through other people's archives.</summary>
internal static class Perturbations
{
    public static (string Name, Func<AudioClip, AudioClip> Change)[] All { get; } =
    [
        ("level x 0.1", clip => Map(clip, (x, _) => x * 0.1f)),
        ("level to 16 bit at x 0.05", clip => Map(clip, (x, _) => MathF.Round(x * 0.05f * 32768) / 32768)),
        ("22,050 Hz", clip => clip.Resample(22050)),
        ("16,000 Hz", clip => clip.Resample(16000)),
        ("8,000 Hz and back", clip => clip.Resample(8000).Resample(16000)),
        ("300 ms cut at the start", clip => Cut(clip, 0.3, 0)),
        ("300 ms cut at both ends", clip => Cut(clip, 0.3, 0.3)),
        ("371 ms of silence before", clip => Pad(clip, 0.371)),
        ("half a hop late (8 ms)", clip => Pad(clip, 0.008)),
        ("noise 30 dB below", clip => Noise(clip, 30)),
        ("noise 20 dB below", clip => Noise(clip, 20)),
        ("8 bit at full scale", clip => EightBit(clip)),
        ("mu-law telephone", clip => MuLaw(Map(clip.Resample(8000), (x, peak) => x / peak))),
        ("cut, 22,050 Hz, noise 30 dB", clip => Noise(Cut(clip, 0.257, 0.1).Resample(22050), 30)),
    ];

    public static AudioClip Map(AudioClip clip, Func<float, float, float> change)
    {
        float[] samples = clip.Samples.ToArray();
        float peak = Math.Max(1e-9f, samples.Max(Math.Abs));
        return new AudioClip([.. samples.Select(x => change(x, peak))], clip.SampleRateHz, clip.Channels);
    }

    public static AudioClip Cut(AudioClip clip, double startSeconds, double endSeconds) =>
        new(clip.Samples[(int)(startSeconds * clip.SampleRateHz)..^(int)(endSeconds * clip.SampleRateHz)].ToArray(), clip.SampleRateHz);

    public static AudioClip Pad(AudioClip clip, double seconds) =>
        new([.. new float[(int)(seconds * clip.SampleRateHz)], .. clip.Samples], clip.SampleRateHz);

    public static AudioClip Noise(AudioClip clip, double decibels)
    {
        float[] samples = clip.Samples.ToArray();
        double power = samples.Sum(x => (double)x * x) / samples.Length, scale = Math.Sqrt(power * Math.Pow(10, -decibels / 10));
        var random = new SeededRandom(1);
        return new AudioClip([.. samples.Select(x => x + (float)(scale * random.NextNormal()))], clip.SampleRateHz);
    }

    public static AudioClip EightBit(AudioClip clip) => Map(clip, (x, peak) => MathF.Round(x / peak * 127) / 128);

    // The law's curve with 8 bits; the exact table of G.711 differs from it by less than a step.
    public static AudioClip MuLaw(AudioClip clip) => Map(clip, (x, _) =>
    {
        double y = MathF.Round((float)(Math.Sign(x) * Math.Log(1 + (255 * Math.Abs(x))) / Math.Log(256) * 127)) / 127;
        return (float)(Math.Sign(y) * (Math.Pow(256, Math.Abs(y)) - 1) / 255);
    });
}
