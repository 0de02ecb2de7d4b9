using System.Diagnostics;
using System.IO.Hashing;
using NWaves.Filters.Base64;
using NWaves.Filters.Butterworth;
using NWaves.Operations.Convolution;
using NWaves.Signals;

namespace SerPipeline.Audio;

/// <summary>What a clip's sound goes through before it is heard: made from clean recordings, to learn from and to test on.</summary>
public enum RecordingCondition
{
    /// <summary>The clip as it is.</summary>
    AsRecorded,

    /// <summary>A narrow-band telephone line: 300 to 3400 Hz (Butterworth, 24 dB an octave), 8 kHz, 8 bits of the μ-law (ITU-T
    /// G.711).</summary>
    Telephone,

    /// <summary>Pink noise, 10 to 20 dB below the clip's mean power, drawn by clip.</summary>
    Noise,

    /// <summary>A room: an exponentially decaying tail of noise, 60 dB in 0.3 to 0.7 s, 0 to 6 dB below the direct sound, drawn by
    /// clip.</summary>
    Room,
}

/// <summary>Clips as they sound under a condition.</summary>
public static class RecordingConditions
{
    private const int LineRateHz = 8000, FftSize = 16384;

    /// <summary>The clip as it sounds under a condition: of the same length, rate and mean power. What is drawn follows from the clip's
    /// samples, so that the same clip always sounds the same; samples that differ in their last bits, as those of another processor's
    /// resampling may, draw otherwise.</summary>
    /// <param name="clip">Mono audio.</param>
    /// <param name="condition">What it goes through.</param>
    /// <exception cref="ArgumentNullException">There is no clip.</exception>
    /// <exception cref="ArgumentException">The clip is not mono.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such condition.</exception>
    public static AudioClip Under(this AudioClip clip, RecordingCondition condition)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (clip.Channels != 1) throw new ArgumentException($"Expected a mono clip, found {clip.Channels} channels.", nameof(clip));
        if (!Enum.IsDefined(condition))
            throw new ArgumentOutOfRangeException(nameof(condition), condition, "There is no such condition.");
        // Every clip that is read comes through here.
        if (condition == RecordingCondition.AsRecorded) return clip;
        double power = Power(clip.Samples);
        // Of silence there is nothing to alter; what lies beyond is refused where it is loaded.
        if (power == 0 || !double.IsFinite(power)) return clip;
        float[] samples = clip.Samples.ToArray();
        float[] heard = condition switch
        {
            RecordingCondition.Telephone => Telephone(samples, clip.SampleRateHz),
            RecordingCondition.Noise => Noise(samples, power, RandomOf(samples)),
            RecordingCondition.Room => Room(samples, clip.SampleRateHz, RandomOf(samples)),
            _ => throw new UnreachableException(),
        };
        double scale = Math.Sqrt(power / Math.Max(Power(heard), double.Epsilon));
        return clip.With(Array.ConvertAll(heard, sample => (float)(sample * scale)));
    }

    private static float[] Telephone(float[] samples, int rateHz)
    {
        // Of a filter in single precision at a high rate nothing would be left: its poles lie too close to 1.
        var line = new AudioClip(samples, rateHz);
        if (rateHz > LineRateHz) line = line.Resample(LineRateHz);
        double rate = line.SampleRateHz;
        var band = new FilterChain64([new HighPassFilter(300 / rate, 4).Tf, new LowPassFilter(Math.Min(3400, 0.45 * rate) / rate, 4).Tf]);
        float[] passed = Array.ConvertAll(line.Samples.ToArray(), sample => (float)band.Process(sample));
        // Full scale is the loudest sample: a line's level is set so that speech fills it.
        float peak = Math.Max(passed.Max(Math.Abs), float.Epsilon);
        var coded = new AudioClip(Array.ConvertAll(passed, sample => Companded(sample / peak)), line.SampleRateHz);
        return Fit(coded.Resample(rateHz).Samples, samples.Length);
    }

    // G.711's characteristic as the formula it approximates, rounded to 8 bits.
    private static float Companded(float sample)
    {
        const double mu = 255;
        double level = Math.Round(Math.Log(1 + (mu * Math.Min(1, Math.Abs(sample)))) / Math.Log(1 + mu) * 127) / 127;
        return (float)(Math.Sign(sample) * (Math.Pow(1 + mu, level) - 1) / mu);
    }

    private static float[] Noise(float[] samples, double power, SeededRandom random)
    {
        float[] noise = Pink(samples.Length, random);
        double gain = Math.Sqrt(power / Power(noise) * Math.Pow(10, -random.NextDouble(10, 20) / 10));
        return [.. samples.Zip(noise, (sample, pink) => (float)(sample + (gain * pink)))];
    }

    private static float[] Room(float[] samples, int rateHz, SeededRandom random)
    {
        double seconds = random.NextDouble(0.3, 0.7), below = random.NextDouble(0, 6);
        int length = (int)(seconds * rateHz);
        // A factor of 1000, 60 dB, from one end to the other.
        double[] tail = [.. Enumerable.Range(0, length).Select(i => random.NextNormal() * Math.Exp(-Math.Log(1000) * i / length))];
        double gain = Math.Sqrt(Math.Pow(10, -below / 10) / tail.Sum(sample => sample * sample));
        var response = new float[length + 1];
        response[0] = 1;
        for (int i = 0; i < length; i++) response[i + 1] = (float)(tail[i] * gain);
        int size = Math.Max(FftSize, 2 * (int)BitOperations.RoundUpToPowerOf2((uint)response.Length));
        return Fit(new OlsBlockConvolver(response, size).ApplyTo(new DiscreteSignal(rateHz, samples)).Samples, samples.Length);
    }

    // White noise through Paul Kellet's economical filter (musicdsp.org, 1999): within .5 dB of -3 dB an octave above 9 Hz at 44.1 kHz.
    private static float[] Pink(int length, SeededRandom random)
    {
        var pink = new float[length];
        double slow = 0, middle = 0, fast = 0;
        for (int i = 0; i < length; i++)
        {
            double white = random.NextNormal();
            slow = (0.99765 * slow) + (white * 0.0990460);
            middle = (0.96300 * middle) + (white * 0.2965164);
            fast = (0.57000 * fast) + (white * 1.0526913);
            pink[i] = (float)(slow + middle + fast + (white * 0.1848));
        }
        return pink;
    }

    private static float[] Fit(ReadOnlySpan<float> samples, int length)
    {
        var fitted = new float[length];
        samples[..Math.Min(samples.Length, length)].CopyTo(fitted);
        return fitted;
    }

    private static double Power(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples) sum += (double)sample * sample;
        return samples.Length == 0 ? 0 : sum / samples.Length;
    }

    private static SeededRandom RandomOf(float[] samples) =>
        new(unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes<float>(samples))));
}
