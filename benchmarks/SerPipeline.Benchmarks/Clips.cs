namespace SerPipeline.Benchmarks;

/// <summary>The audio that is measured: made-up voices in memory, and recordings where they are there.</summary>
internal static class Clips
{
    /// <summary>Seconds of each made-up clip: a RAVDESS clip without its silence is about as long as half of it.</summary>
    public const int Seconds = 3;

    /// <summary>Clips of a gliding pulse train in noise, so that pitch and voicing have something to find. The same every time.</summary>
    /// <param name="count">How many.</param>
    /// <param name="rateHz">Samples a second.</param>
    public static float[][] Voices(int count, int rateHz)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(clip => Voice(random, rateHz, 100 + (10 * clip)))];
    }

    /// <summary>FLAC files of RAVDESS in memory, or null where the corpus is absent. Two of each actor.</summary>
    public static byte[][]? Recordings()
    {
        string? shared = Environment.GetEnvironmentVariable("SER_SHARED");
        string folder = Path.Combine(string.IsNullOrEmpty(shared) ? "../shared" : shared, "corpora", "RAVDESS");
        if (!Directory.Exists(folder)) return null;
        IEnumerable<string> files = Directory.EnumerateFiles(folder, "*.flac", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        byte[][] chosen = [.. files.Where((_, index) => index % 30 == 0).Select(File.ReadAllBytes)];
        return chosen.Length == 0 ? null : chosen;
    }

    private static float[] Voice(Random random, int rateHz, double pitchHz)
    {
        var samples = new float[Seconds * rateHz];
        double phase = 0, first = 0, second = 0;
        double decay = Math.Exp(-400 * Math.PI / rateHz), turn = 2 * decay * Math.Cos(2 * Math.PI * 700 / rateHz);
        for (int n = 0; n < samples.Length; n++)
        {
            double seconds = (double)n / rateHz;
            phase += pitchHz * (1 + (0.3 * Math.Sin(2 * seconds))) / rateHz;
            double pulse = 0;
            if (phase >= 1) (phase, pulse) = (phase - 1, 1);
            // One formant: a resonance at 700 Hz, 400 Hz wide.
            double value = pulse + (0.01 * (random.NextDouble() - 0.5)) + (turn * first) - (decay * decay * second);
            (first, second) = (value, first);
            samples[n] = (float)(0.1 * value);
        }
        return samples;
    }
}
