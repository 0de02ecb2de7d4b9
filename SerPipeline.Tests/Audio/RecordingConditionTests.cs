using System.Numerics;
using SerPipeline.Audio;

namespace SerPipeline.Tests.Audio;

/// <summary>Clips under a condition, held to what it is defined by: the band, the level and colour of noise, the decay.</summary>
public sealed class RecordingConditionTests
{
    private const int Rate = 16000;

    private static readonly RecordingCondition[] Altered =
        [RecordingCondition.Telephone, RecordingCondition.Noise, RecordingCondition.Room];

    public static TheoryData<RecordingCondition, int> AlteredAtRates =>
        [.. from condition in Altered from rate in (int[])[8000, 16000, 44100] select (condition, rate)];

    [Theory, MemberData(nameof(AlteredAtRates))]
    public void Length_rate_and_power_stay_and_the_same_clip_always_sounds_the_same(RecordingCondition condition, int rate)
    {
        AudioClip clip = Speechlike(1, rate);
        AudioClip heard = clip.Under(condition);
        Assert.Equal((clip.Length, rate), (heard.Length, heard.SampleRateHz));
        // Of float samples.
        Assert.Equal(1, Power(heard) / Power(clip), 1e-4);
        Assert.True(heard.Samples.SequenceEqual(new AudioClip(clip.Samples.ToArray(), rate).Under(condition).Samples));
        Assert.False(heard.Samples.SequenceEqual(clip.Samples));
    }

    [Fact]
    public void As_recorded_and_silence_are_the_clip_itself_and_stereo_is_refused()
    {
        AudioClip clip = Speechlike(1), silence = new(new float[100], Rate), none = new([], Rate);
        Assert.Same(clip, clip.Under(RecordingCondition.AsRecorded));
        foreach (RecordingCondition condition in Altered)
        {
            Assert.Same(silence, silence.Under(condition));
            Assert.Same(none, none.Under(condition));
            // As short as can be.
            Assert.Equal(1, new AudioClip([0.5f], Rate).Under(condition).Length);
        }
        Assert.Throws<ArgumentException>(() => new AudioClip(new float[100], Rate, 2).Under(RecordingCondition.Room));
        Assert.Throws<ArgumentOutOfRangeException>(() => clip.Under((RecordingCondition)9));
    }

    [Fact]
    public void A_telephone_passes_its_band_alone()
    {
        double[] tones = [100, 1000, 2000, 3800, 6000];
        AudioClip heard = Tones(tones, 0.1).Under(RecordingCondition.Telephone);
        double[] levels = [.. tones.Select(hz => 20 * Math.Log10(Magnitude(heard.Samples, hz)))];
        // Order 4 falls by 24 dB an octave and more: 100 Hz lies an octave and a half below the band, 6 kHz is above half the line's rate.
        Assert.InRange(levels[2] - levels[1], -1, 1);
        Assert.True(levels[0] < levels[1] - 25, $"100 Hz: {levels[0] - levels[1]:0.0} dB");
        Assert.True(levels[3] < levels[1] - 3, $"3800 Hz: {levels[3] - levels[1]:0.0} dB");
        Assert.True(levels[4] < levels[1] - 40, $"6 kHz: {levels[4] - levels[1]:0.0} dB");
    }

    [Fact]
    public void A_telephone_rounds_as_eight_bits_of_the_mu_law_do()
    {
        // G.711 keeps a tone some 38 dB above its rounding over a wide range of levels; full scale is the peak, whatever the clip's.
        foreach (double amplitude in (double[])[0.01, 0.9])
        {
            AudioClip heard = Tones([1020], amplitude).Under(RecordingCondition.Telephone);
            float[] middle = heard.Samples[(Rate / 10)..(Rate * 9 / 10)].ToArray();
            double tone = Math.Pow(Magnitude(heard.Samples, 1020), 2) / 2, rest = Power(new AudioClip(middle, Rate)) - tone;
            Assert.InRange(10 * Math.Log10(tone / rest), 33, 43);
        }
    }

    [Fact]
    public void Noise_is_pink_and_10_to_20_dB_below_the_clip()
    {
        var ratios = new List<double>();
        var octaves = new double[4];
        for (int seed = 0; seed < 6; seed++)
        {
            AudioClip clip = Speechlike(seed);
            float[] heard = clip.Under(RecordingCondition.Noise).Samples.ToArray();
            // What is left when as much of the clip as there is in it is taken away.
            double share = Dot(heard, clip.Samples) / Dot(clip.Samples, clip.Samples);
            float[] noise = [.. heard.Zip(clip.Samples.ToArray(), (h, s) => (float)(h - (share * s)))];
            ratios.Add(10 * Math.Log10(share * share * Power(clip) / Power(new AudioClip(noise, Rate))));
            foreach ((int i, double hz) in ((double[])[250, 500, 1000, 2000]).Index()) octaves[i] += Density(noise, hz, hz * 2);
        }
        // Noise of two seconds correlates with the clip by a hundredth or so.
        Assert.All(ratios, ratio => Assert.InRange(ratio, 9.7, 20.3));
        Assert.True(ratios.Max() - ratios.Min() > 3);
        // 3 dB an octave; a tenth of a decibel from the filter, the rest from the draw.
        for (int i = 1; i < octaves.Length; i++) Assert.InRange(10 * Math.Log10(octaves[i - 1] / octaves[i]), 2, 4);
    }

    [Fact]
    public void A_room_decays_by_60_dB_in_a_third_to_two_thirds_of_a_second()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            // A click, and a faint one that only makes each clip another.
            var samples = new float[2 * Rate];
            samples[100] = 1;
            samples[0] = 1e-6f * (seed + 1);
            float[] heard = new AudioClip(samples, Rate).Under(RecordingCondition.Room).Samples.ToArray();
            double direct = heard[100] * heard[100];
            double[] left = new double[heard.Length + 1];
            for (int i = heard.Length - 1; i > 100; i--) left[i] = left[i + 1] + (heard[i] * heard[i]);
            Assert.InRange(10 * Math.Log10(direct / left[101]), -0.01, 6.01);
            // Schroeder's integral: 30 dB of the decay take half of the time; the noise of the tail makes it uncertain.
            int fallen = Enumerable.Range(101, Rate).First(i => left[i] < left[101] * 1e-3) - 101;
            Assert.InRange(2.0 * fallen / Rate, 0.27, 0.75);
        }
    }

    [Fact]
    public void A_room_adds_up_what_its_clicks_would()
    {
        // The response is drawn by clip; but whatever it is, what is heard at a sample comes from that sample and those before it alone.
        AudioClip clip = Speechlike(3);
        float[] late = clip.Samples.ToArray();
        Array.Clear(late, 0, Rate);
        float[] heard = new AudioClip(late, Rate).Under(RecordingCondition.Room).Samples.ToArray();
        // The transform of 16,384 samples is in single precision.
        Assert.True(heard.Take(Rate).Max(Math.Abs) < 1e-4 * heard.Max(Math.Abs));
        Assert.Contains(heard.Skip(Rate), sample => Math.Abs(sample) > 0.01);
    }

    // Noise through a resonance, in syllables.
    private static AudioClip Speechlike(int seed, int rate = Rate)
    {
        var random = new SeededRandom(seed);
        var samples = new float[2 * rate];
        double before = 0, last = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double now = (1.8 * last) - (0.9 * before) + (0.01 * random.NextNormal() * Math.Pow(Math.Sin(3 * Math.PI * i / rate), 2));
            (before, last) = (last, now);
            samples[i] = (float)now;
        }
        return new AudioClip(samples, rate);
    }

    private static AudioClip Tones(double[] hz, double amplitude) => new([.. Enumerable.Range(0, Rate)
        .Select(i => (float)hz.Sum(one => amplitude * Math.Sin(2 * Math.PI * one * i / Rate)))], Rate);

    // Of a tone that begins and ends in the clip; its first and last tenths, where the filter settles, are left out.
    private static double Magnitude(ReadOnlySpan<float> samples, double hz)
    {
        Complex sum = 0;
        for (int i = Rate / 10; i < Rate * 9 / 10; i++) sum += samples[i] * Complex.Exp(new Complex(0, -2 * Math.PI * hz * i / Rate));
        return sum.Magnitude / (Rate * 4 / 10);
    }

    // The mean power of some frequencies of a band, by the definition of Fourier's transform.
    private static double Density(float[] samples, double low, double high)
    {
        double power = 0;
        int frequencies = 0;
        for (double hz = low; hz < high; hz += 37, frequencies++)
        {
            Complex sum = 0, turn = Complex.Exp(new Complex(0, -2 * Math.PI * hz / Rate)), phase = 1;
            foreach (float sample in samples)
            {
                sum += sample * phase;
                phase *= turn;
            }
            power += sum.Magnitude * sum.Magnitude;
        }
        return power / frequencies;
    }

    private static double Power(AudioClip clip) => Dot(clip.Samples, clip.Samples) / clip.Length;

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
