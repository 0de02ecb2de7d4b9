namespace SerPipeline.Tests.Audio;

/// <summary>Sounds that hold no speech, by name: noise at several levels, hum, tones, music, clicks, sweeps.</summary>
internal static class MadeUpSounds
{
    private static readonly int[] Scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16];

    public static IReadOnlyList<string> Names { get; } =
    [
        "silence", "dc", "one click", "3 clicks", "30 clicks", "knocks",
        .. from color in (string[])["white", "pink", "brown"] from level in (int[])[-85, -60, -40, -20, -6] select $"{color} {level}",
        .. from hz in (int[])[50, 60] from harmonics in (int[])[1, 3, 10, 30] select $"hum {hz} {harmonics}",
        .. from wave in (string[])["sine", "saw", "square"] from hz in (int[])[100, 220, 440, 1000, 3000] select $"{wave} {hz}",
        .. from hz in (int[])[100, 220, 440, 1000] from kind in (string[])["beeps", "trembling", "vibrato"] select $"{kind} {hz}",
        .. from kind in (string[])["sine", "saw", "pluck", "organ"] from seed in (int[])[1, 2, 3, 4] select $"melody {kind} {seed}",
        .. from kind in (string[])["sine", "saw"] from chord in (string[])["major", "minor", "seventh"] select $"chord {kind} {chord}",
        "sweep linear", "sweep logarithmic", "siren", "dialling", "ringing", "gated noise", "trembling noise",
    ];

    public static float[] Of(string name, int rate, double seconds = 3)
    {
        string[] words = name.Split(' ');
        int length = (int)(seconds * rate);
        double number = words.Length > 1 && double.TryParse(words[1], out double value) ? value : 0;
        var random = new SeededRandom(name.Sum(letter => letter));
        float[] Wave(Func<double, double> at) => [.. Enumerable.Range(0, length).Select(i => (float)at((double)i / rate))];
        return words[0] switch
        {
            "silence" => new float[length],
            "dc" => Wave(_ => 0.2),
            "one" => Clicks(length, 1, random),
            "3" or "30" => Clicks(length, int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture), random),
            "knocks" => Knocks(length, rate, random),
            "white" or "pink" or "brown" => Noise(words[0], length, number, random),
            "hum" => Wave(t => 0.1 * Enumerable.Range(1, int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture))
                .Sum(k => Math.Sin((2 * Math.PI * number * k * t) + k) / k)),
            "sine" or "saw" or "square" => Wave(t => 0.3 * Cycle(words[0], number * t)),
            "beeps" => Wave(t => t % 0.5 < 0.25 ? 0.3 * Cycle("sine", number * t) : 0),
            "trembling" when number > 0 => Wave(t => 0.15 * (1 + Math.Sin(8 * Math.PI * t)) * Cycle("sine", number * t)),
            "trembling" => [.. Noise("white", length, -20, random)
                .Select((x, i) => x * (float)(0.5 + (0.5 * Math.Sin(8 * Math.PI * i / rate))))],
            "vibrato" => Wave(t => 0.3 * Math.Sin((2 * Math.PI * number * t) + (number * 0.004 * Math.Sin(10 * Math.PI * t)))),
            "melody" => Melody(length, rate, words[1],
                new SeededRandom(long.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture))),
            "chord" => Wave(t => (words[2] switch { "major" => (int[])[0, 4, 7], "minor" => [0, 3, 7], _ => [0, 4, 7, 10] })
                .Sum(step => 0.1 * Cycle(words[1], 261.63 * Math.Pow(2, step / 12.0) * t))),
            "sweep" when words[1] == "linear" => Wave(t =>
                0.3 * Math.Sin(2 * Math.PI * ((50 * t) + (((rate / 2.2) - 50) / (2 * seconds) * t * t)))),
            "sweep" => Wave(t => 0.3 * Math.Sin(2 * Math.PI * 80 * seconds / Math.Log(40) * (Math.Exp(t / seconds * Math.Log(40)) - 1))),
            "siren" => Wave(t => 0.3 * Math.Sin(2 * Math.PI * ((700 * t) + (95 * Math.Sin(Math.PI * t))))),
            "dialling" => Wave(t => t % 0.2 < 0.1
                ? 0.2 * (Cycle("sine", (697 + (80 * ((int)(t * 5) % 3))) * t) + Cycle("sine", 1336 * t)) : 0),
            "ringing" => Wave(t => t % 2 < 1 ? 0.2 * (Cycle("sine", 440 * t) + Cycle("sine", 480 * t)) : 0),
            "gated" => [.. Noise("pink", length, -20, random).Select((x, i) => 3.0 * i / rate % 1 > 0.5 ? 0 : x)],
            _ => throw new ArgumentException($"There is no sound '{name}'.", nameof(name)),
        };
    }

    private static double Cycle(string wave, double turns) => wave switch
    {
        "saw" => (2 * (turns - Math.Floor(turns))) - 1,
        "square" => Math.Sign(Math.Sin(2 * Math.PI * turns)),
        _ => Math.Sin(2 * Math.PI * turns),
    };

    // Pink by Kellet's sum of six low-pass filters.
    private static float[] Noise(string color, int length, double levelDb, SeededRandom random)
    {
        double[] poles = [0.99886, 0.99332, 0.96900, 0.86650, 0.55000, -0.7616];
        double[] gains = [0.0555179, 0.0750759, 0.1538520, 0.3104856, 0.5329522, -0.0168980];
        var state = new double[6];
        double walk = 0;
        var samples = new double[length];
        for (int i = 0; i < length; i++)
        {
            double white = random.NextNormal();
            walk = (0.998 * walk) + white;
            for (int k = 0; k < 6; k++) state[k] = (poles[k] * state[k]) + (gains[k] * white);
            samples[i] = color == "white" ? white : color == "brown" ? walk : state.Sum() + (0.5362 * white);
        }
        double gain = Math.Pow(10, levelDb / 20) / Math.Sqrt(samples.Average(x => x * x));
        return [.. samples.Select(x => (float)Math.Clamp(x * gain, -1, 1))];
    }

    private static float[] Melody(int length, int rate, string kind, SeededRandom random)
    {
        var samples = new float[length];
        for (int at = 0; at < length;)
        {
            int note = (int)(rate * ((double[])[0.15, 0.25, 0.5])[random.Next(0, 3)]);
            double hz = 220 * Math.Pow(2, Scale[random.Next(0, Scale.Length)] / 12.0);
            for (int i = 0; i < note && at + i < length; i++)
            {
                double t = (double)i / rate;
                double envelope = kind == "pluck" ? Math.Exp(-5 * t) : Math.Min(1, Math.Min(t / 0.01, (note - i) / (0.02 * rate)));
                double wave = kind switch
                {
                    "organ" => Enumerable.Range(1, 6).Sum(k => Math.Sin(2 * Math.PI * hz * k * t) / k) / 2,
                    "pluck" => Enumerable.Range(1, 10).Sum(k => Math.Exp(-2 * k * t) * Math.Sin(2 * Math.PI * hz * k * t) / k),
                    _ => Cycle(kind, hz * t),
                };
                samples[at + i] = (float)(0.3 * envelope * wave);
            }
            at += note;
        }
        return samples;
    }

    private static float[] Clicks(int length, int count, SeededRandom random)
    {
        var samples = new float[length];
        for (int click = 0; click < count; click++)
        {
            int at = random.Next(length / 4, length - 100);
            for (int i = 0; i < 20; i++) samples[at + i] += (float)(0.8 * Math.Exp(-i / 4.0) * (i % 2 == 0 ? 1 : -1));
        }
        return samples;
    }

    private static float[] Knocks(int length, int rate, SeededRandom random)
    {
        var samples = new float[length];
        for (int knock = 0; knock < 6; knock++)
        {
            int at = random.Next(0, length - (rate / 4));
            for (int i = 0; i < rate / 4; i++)
                samples[at + i] += (float)(0.3 * Math.Exp(-i / (0.03 * rate)) * Math.Sin(2 * Math.PI * 150 * i / rate));
        }
        return samples;
    }
}
