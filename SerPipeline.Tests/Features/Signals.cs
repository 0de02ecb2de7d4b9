namespace SerPipeline.Tests.Features;

/// <summary>Signals with known properties.</summary>
internal static class Signals
{
    public static float[] Noise(int samples, long seed = 1, double amplitude = 0.5)
    {
        var random = new SeededRandom(seed);
        var noise = new float[samples];
        for (int i = 0; i < samples; i++) noise[i] = (float)(amplitude * random.NextDouble(-1, 1));
        return noise;
    }

    public static float[] Sine(double hz, int rate, int samples, double amplitude = 0.5)
    {
        var sine = new float[samples];
        for (int i = 0; i < samples; i++) sine[i] = (float)(amplitude * Math.Sin(2 * Math.PI * hz * i / rate));
        return sine;
    }

    /// <summary>A voice-like sum of harmonics below 4 kHz whose pitch and gain are functions of time in seconds.</summary>
    public static float[] Voice(Func<double, double> hz, Func<double, double> gain, int rate, int samples)
    {
        var voice = new float[samples];
        double phase = 0;
        for (int i = 0; i < samples; i++)
        {
            double t = (double)i / rate, f = hz(t), sum = 0;
            phase += 2 * Math.PI * f / rate;
            for (int h = 1; h * f < 4000; h++) sum += Math.Sin(h * phase) / h;
            voice[i] = (float)(0.3 * gain(t) * sum);
        }
        return voice;
    }

    public static IReadOnlyDictionary<string, float[]> Odd { get; } = new Dictionary<string, float[]>
    {
        ["one sample"] = [0.5f],
        ["one zero"] = [0f],
        ["two samples"] = [0.5f, -0.5f],
        ["159 samples"] = Noise(159),
        ["a window"] = Noise(400),
        ["silence"] = new float[16000],
        ["constant"] = [.. Enumerable.Repeat(0.25f, 8000)],
        ["impulse"] = [.. Enumerable.Range(0, 8000).Select(i => i == 4000 ? 1f : 0f)],
        ["full-scale square"] = [.. Enumerable.Range(0, 8000).Select(i => i / 40 % 2 == 0 ? 1f : -1f)],
        ["last bit"] = [.. Enumerable.Range(0, 8000).Select(i => i % 2 == 0 ? 1 / 32768f : 0f)],
        ["noise"] = Noise(16000),
        ["huge"] = Noise(4000, amplitude: 1e6),
        ["denormal"] = [.. Enumerable.Range(0, 2000).Select(i => i % 3 * 1e-40f)],
        ["half silent"] = [.. new float[8000], .. Sine(200, 16000, 8000)],
    };
}
