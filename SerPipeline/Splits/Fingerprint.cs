using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Features;

namespace SerPipeline.Splits;

/// <summary>Identifies a clip's decoded audio; both values are null where the file cannot be decoded.</summary>
/// <param name="ContentHash">Equal for the same samples, see <see cref="AudioContent"/>.</param>
/// <param name="Print">Similar for versions of the same recording.</param>
public sealed record ClipFingerprint(string? ContentHash, Fingerprint? Print);

/// <summary>Reads every audio file of a corpus once and computes what identifies it.</summary>
public static class ClipFingerprints
{
    private static readonly ClipFingerprint Unreadable = new(null, null);

    /// <summary>One fingerprint per clip, in the corpus's order.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="filesRead">Receives the number of files read so far, from any thread.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<ClipFingerprint> Compute(Corpus corpus, IProgress<int>? filesRead = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return Compute([.. corpus.Clips.Select(clip => clip.Path)], filesRead, cancellation);
    }

    /// <summary>One fingerprint per path, in the same order; a path listed twice is read once.</summary>
    /// <param name="paths">The audio files.</param>
    /// <param name="filesRead">Receives the number of files read so far, from any thread.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<ClipFingerprint> Compute(IReadOnlyList<string> paths, IProgress<int>? filesRead = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths.Distinct()];
        var prints = new ClipFingerprint[files.Length];
        int done = 0;
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, files.Length, parallel, i =>
        {
            prints[i] = Read(files[i]);
            filesRead?.Report(Interlocked.Increment(ref done));
        });
        Dictionary<string, ClipFingerprint> byPath = files.Zip(prints).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. paths.Select(path => byPath[path])];
    }

    /// <summary>The fingerprint of decoded audio.</summary>
    /// <param name="clip">The audio.</param>
    public static ClipFingerprint Of(AudioClip clip) => new(AudioContent.Hash(clip), Fingerprinter.Compute(clip));

    private static ClipFingerprint Read(string path)
    {
        try
        {
            return Of(AudioFile.Read(path));
        }
        catch (Exception e) when (e is SerPipelineException or IOException or UnauthorizedAccessException)
        {
            // The corpus scan and training report the error; here the clip just cannot be compared.
            return Unreadable;
        }
    }
}

/// <summary>
/// What a recording sounds like, robust to level, sample rate, coding and a cut or padded edge: 32 bits a frame after Haitsma and Kalker
/// 2002, "A Highly Robust Audio Fingerprinting System" (ISMIR). Made by <see cref="Fingerprinter"/>; 9 bytes of memory a frame of 16 ms,
/// about 2 kB for 3.7 s.
/// </summary>
public sealed class Fingerprint
{
    internal Fingerprint(uint[] bits, uint[] weak, bool[] isSounding, int every = 1)
    {
        Every = every;
        (Bits, Weak, IsSounding) = (bits, weak, isSounding);
        Sounding = isSounding.Count(frame => frame);
    }

    /// <summary>Frames of 16 ms in all.</summary>
    public int Frames => Bits.Length * Every;

    /// <summary>Frames that are not silent, the only ones compared; 0 for a silent clip, which resembles nothing.</summary>
    public int Sounding { get; }

    /// <summary>1, or n where only one frame in n is known: frames 0, n, 2n and so on, which the arrays hold.</summary>
    internal int Every { get; }

    internal uint[] Bits { get; }

    /// <summary>Each frame's bits with the smallest margins, which are the first to flip.</summary>
    internal uint[] Weak { get; }

    internal bool[] IsSounding { get; }

    /// <summary>A recording of which one frame in n is known.</summary>
    /// <param name="kept">The bits of these frames, 0 for a silent one.</param>
    /// <param name="every">n.</param>
    internal static Fingerprint Thinned(ReadOnlySpan<uint> kept, int every)
    {
        uint[] bits = kept.ToArray();
        return new Fingerprint(bits, [], Array.ConvertAll(bits, value => value != 0), every);
    }

    /// <summary>
    /// The share of equal bits over the frames that sound in both, with this clip's frame <c>t</c> beside the other's <c>t + offset</c>.
    /// </summary>
    /// <param name="other">The other clip, of which not every frame need be known; of this one they must.</param>
    /// <param name="offset">Frames by which the other clip is later.</param>
    /// <returns>The share, and how many frames were compared.</returns>
    internal (double Similarity, int Compared) Compare(Fingerprint other, int offset)
    {
        int first = offset <= 0 ? 0 : (offset + other.Every - 1) / other.Every, compared = 0, differing = 0;
        for (int i = first, t = (first * other.Every) - offset; i < other.Bits.Length && t < Bits.Length; i++, t += other.Every)
        {
            if (!IsSounding[t] || !other.IsSounding[i]) continue;
            compared++;
            differing += BitOperations.PopCount(Bits[t] ^ other.Bits[i]);
        }
        return (compared == 0 ? 0 : 1 - (differing / (32.0 * compared)), compared);
    }
}

/// <summary>Makes fingerprints. Immutable and thread-safe.</summary>
/// <remarks>
/// 1. Mono at 8,000 Hz. 2. Power spectra of 256 ms every 16 ms. 3. Energies of 33 bands between 300 and 3,000 Hz, each 7 % above the last.
/// 4. A bit tells whether the difference of two neighbouring bands has risen since the frame before. The paper takes 370 ms every 11.6 ms
/// up to 2,000 Hz; speech clips are short, and two takes of one sentence are told apart by their timing, which a shorter frame keeps. 5.
/// Frames 30 dB below the loudest are silent: their bits would be random.
/// </remarks>
internal static class Fingerprinter
{
    /// <summary>Everything is resampled to this rate.</summary>
    public const int SampleRateHz = 8000;

    /// <summary>Hop: 16 ms.</summary>
    public const int HopSamples = 128;

    private const int FftLength = 2048;
    private const int Bands = 33;
    private const int WeakBits = 4;
    private const double LowHz = 300, HighHz = 3000;
    private const double SilenceRatio = 1e-3; // 30 dB

    // Samples are at most 1: below -90 dB there is nothing but the rounding of 16-bit files.
    private const double SilencePower = 1e-9;
    private static readonly Stft Stft = new(new StftOptions
    { SampleRateHz = SampleRateHz, FftLength = FftLength, WindowSamples = FftLength, HopSamples = HopSamples });
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
