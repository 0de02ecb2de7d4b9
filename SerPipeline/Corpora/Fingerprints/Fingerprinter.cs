using SerPipeline.Audio;
using SerPipeline.Features;


namespace SerPipeline.Corpora.Fingerprints;

/// <summary>Makes fingerprints. Immutable and thread-safe.</summary>
/// <remarks>
/// 1. Mono at 8,000 Hz. 2. Power spectra of 256 ms every 16 ms. 3. Energies of 33 bands between 300 and 3,000 Hz, each 7 % above the last. 4. A bit tells whether the
/// difference of two neighbouring bands has risen since the frame before. The paper takes 370 ms every 11.6 ms up to 2,000 Hz; speech clips are short, and two takes of
/// one sentence are told apart by their timing, which a shorter frame keeps. 5. Frames 30 dB below the loudest are silence, whose bits would be chance.
/// </remarks>
internal static class Fingerprinter
{
    /// <summary>The rate everything is brought to.</summary>
    public const int SampleRateHz = 8000;

    /// <summary>Samples from frame to frame: 16 ms.</summary>
    public const int HopSamples = 128;

    private const int FftLength = 2048;
    private const int Bands = 33;
    private const int WeakBits = 4;
    private const double LowHz = 300, HighHz = 3000;
    private const double SilenceRatio = 1e-3; // 30 dB

    // Samples are at most 1: below -90 dB there is nothing but the rounding of 16-bit files.
    private const double SilencePower = 1e-9;
    private static readonly Stft Stft = new(new StftOptions { SampleRateHz = SampleRateHz, FftLength = FftLength, WindowSamples = FftLength, HopSamples = HopSamples });
    private static readonly ResamplerOptions Filter = new() { ZeroCrossings = 16 };
    private static readonly int[] Edges = [.. Enumerable.Range(0, Bands + 1)
        .Select(b => (int)Math.Round(LowHz * Math.Pow(HighHz / LowHz, (double)b / Bands) * FftLength / SampleRateHz))];

    /// <summary>The fingerprint of decoded audio.</summary>
    /// <param name="clip">The audio, any rate and number of channels.</param>
    public static Fingerprint Compute(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (clip.Length == 0) return new Fingerprint([], [], []);
        AudioClip mono = clip.ToMono().Resample(SampleRateHz, Filter);
        double[][] bands = BandEnergies(Stft.Power(mono.Samples), out double[] energies);
        double loudest = energies.Max();
        // Parseval: the energy of a frame of constant power p under this window is p * sum(window^2) * FftLength / 2, one-sided.
        double floor = Math.Max(loudest * SilenceRatio, SilencePower * FftLength * FftLength * 3 / 16);
        int frames = energies.Length;
        var (bits, weak, sounding) = (new uint[frames], new uint[frames], new bool[frames]);
        Span<double> margins = stackalloc double[Bands - 1];
        for (int t = 1; t < frames; t++)
        {
            sounding[t] = energies[t] > floor && energies[t - 1] > floor;
            if (!sounding[t]) continue;
            for (int b = 0; b < Bands - 1; b++)
            {
                margins[b] = bands[t][b] - bands[t][b + 1] - (bands[t - 1][b] - bands[t - 1][b + 1]);
                if (margins[b] > 0) bits[t] |= 1u << b;
                margins[b] = Math.Abs(margins[b]) / (bands[t][b] + bands[t][b + 1] + bands[t - 1][b] + bands[t - 1][b + 1]);
            }
            weak[t] = Weakest(margins);
        }
        return new Fingerprint(bits, weak, sounding);
    }

    private static double[][] BandEnergies(FrameMatrix power, out double[] energies)
    {
        double[][] bands = [.. Enumerable.Range(0, power.Frames).Select(_ => new double[Bands])];
        energies = new double[power.Frames];
        for (int b = 0; b < Bands; b++)
        {
            for (int k = Edges[b]; k < Edges[b + 1]; k++)
            {
                ReadOnlySpan<float> row = power.Row(k);
                for (int t = 0; t < row.Length; t++) bands[t][b] += row[t];
            }
            for (int t = 0; t < energies.Length; t++) energies[t] += bands[t][b];
        }
        return bands;
    }

    private static uint Weakest(Span<double> margins)
    {
        uint weak = 0;
        for (int n = 0; n < WeakBits; n++)
        {
            int least = 0;
            for (int b = 1; b < margins.Length; b++)
                if (margins[b] < margins[least]) least = b;
            weak |= 1u << least;
            margins[least] = double.MaxValue;
        }
        return weak;
    }
}
