using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="Yin"/>.</summary>
public sealed record YinOptions
{
    /// <summary>The sample rate of the audio that will be given. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>The lowest pitch looked for. Default 65 Hz.</summary>
    public double LowHz { get; init; } = 65;

    /// <summary>The highest pitch looked for. Default 500 Hz.</summary>
    public double HighHz { get; init; } = 500;

    /// <summary>Samples of a frame; half of them are compared with the frame moved by each period, so it must hold two of the longest. Default 1024.</summary>
    public int FrameSamples { get; init; } = 1024;

    /// <summary>Samples from one frame to the next. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>The first period whose aperiodicity has a minimum below it is taken; the deepest minimum when there is none. Default 0.1.</summary>
    public double TroughThreshold { get; init; } = 0.1;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (padding both ends) or starts there. Default true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>What centred frames see outside the clip. Default zeros.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Constant;

    /// <summary>The shortest period in samples.</summary>
    internal int MinPeriod => (int)Math.Floor(SampleRateHz / HighHz);

    /// <summary>The longest period in samples.</summary>
    internal int MaxPeriod => Math.Min((int)Math.Ceiling(SampleRateHz / LowHz), FrameSamples - WindowSamples - 1);

    /// <summary>Samples that are compared.</summary>
    internal int WindowSamples => FrameSamples / 2;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate()
    {
        OptionsCheck check = new OptionsCheck(nameof(YinOptions))
            .Require(SampleRateHz is >= 1 and <= 1_000_000, SampleRateHz, "be between 1 and 1000000 Hz")
            .Require(LowHz > 0 && LowHz < HighHz, LowHz, "be above 0 Hz and below HighHz")
            .Require(HighHz <= SampleRateHz / 2.0, HighHz, "be at most half of SampleRateHz")
            .Require(FrameSamples is >= 8 and <= 65536, FrameSamples, "be between 8 and 65536 samples")
            .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
            .Require(TroughThreshold is > 0 and <= 1, TroughThreshold, "be above 0 and at most 1")
            .Require(Enum.IsDefined(Padding), Padding, "be Constant, Reflect or Edge");
        if (check.Problems.Count == 0)
            check.Require(MaxPeriod >= MinPeriod + 2, FrameSamples, "hold at least three periods to choose from: lower LowHz, raise HighHz or FrameSamples");
        check.ThrowIfAny();
    }
}

/// <summary>Pitch over time.</summary>
/// <param name="F0Hz">The fundamental frequency of each frame, <c>[1, frames]</c>: the best guess even where nothing is periodic.</param>
/// <param name="Aperiodicity">YIN's normalised difference at the chosen period, <c>[1, frames]</c>: near 0 where periodic (voiced), near 1 where not; 1 in silence.</param>
public sealed record PitchTrack(FrameMatrix F0Hz, FrameMatrix Aperiodicity);

/// <summary>
/// The fundamental frequency after de Cheveigne and Kawahara (2002), "YIN, a fundamental frequency estimator for speech and music", with the
/// values of librosa's <c>yin</c>. Immutable and thread-safe.
/// </summary>
public sealed class Yin
{
    private readonly Framing _framing;
    private readonly YinDifference _difference;

    /// <summary>Creates the estimator.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public Yin(YinOptions? options = null)
    {
        Options = options ?? new YinOptions();
        Options.Validate();
        _framing = new Framing(Options.FrameSamples, Options.HopSamples, Options.Center, Options.Padding);
        _difference = new YinDifference(Options);
    }

    /// <summary>The options.</summary>
    public YinOptions Options { get; }

    /// <summary>Frames of a clip; 0 when it is empty or, without centring, shorter than one frame.</summary>
    /// <param name="samples">Samples of the clip.</param>
    public int FrameCount(int samples) => _framing.Count(samples);

    /// <summary>Tracks the pitch of one clip.</summary>
    /// <param name="mono">Samples at <see cref="YinOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public PitchTrack Extract(ReadOnlySpan<float> mono)
    {
        int frames = _framing.Require(mono), width = Vector<double>.Count, periods = Options.MaxPeriod - Options.MinPeriod + 1;
        var track = new PitchTrack(new FrameMatrix(1, frames), new FrameMatrix(1, frames));
        using var padded = new PaddedSignal(_framing, mono, frames + width - 1);
        using var pool = new LanePool(_difference.ScratchLanes + periods);
        Span<Vector<double>> normalized = pool.Lanes[..periods], scratch = pool.Lanes[periods..];
        using var row = new LanePool((periods + width - 1) / width);
        Span<double> curve = MemoryMarshal.Cast<Vector<double>, double>(row.Lanes)[..periods];
        for (int first = 0; first < frames; first += width)
        {
            Vector<double> energy = _difference.Compute(padded.Samples[(first * Options.HopSamples)..], normalized, scratch);
            for (int lane = 0; lane < Math.Min(width, frames - first); lane++)
            {
                for (int i = 0; i < periods; i++) curve[i] = normalized[i][lane];
                int chosen = Choose(curve);
                track.F0Hz.Values[first + lane] = (float)(Options.SampleRateHz / (Options.MinPeriod + chosen + Shift(curve, chosen)));
                track.Aperiodicity.Values[first + lane] = energy[lane] > 0 ? (float)Math.Max(0, curve[chosen]) : 1;
            }
        }
        return track;
    }

    // The first local minimum below the threshold, else the global one.
    private int Choose(ReadOnlySpan<double> curve)
    {
        int least = 0, last = curve.Length - 1;
        for (int i = 0; i <= last; i++)
        {
            double value = curve[i];
            if (value < curve[least]) least = i;
            if (value >= Options.TroughThreshold) continue;
            bool falls = i == 0 || value < curve[i - 1];
            bool rises = i == 0 ? value < curve[1] : i == last || value <= curve[i + 1];
            if (falls && rises) return i;
        }
        return least;
    }

    // The vertex of the parabola through a minimum and its neighbours, as a distance from the minimum; 0 at the ends and where it would lie beyond a neighbour.
    private static double Shift(ReadOnlySpan<double> curve, int i)
    {
        if (i == 0 || i == curve.Length - 1) return 0;
        double a = curve[i + 1] + curve[i - 1] - (2 * curve[i]), b = (curve[i + 1] - curve[i - 1]) / 2;
        return Math.Abs(b) >= Math.Abs(a) ? 0 : -b / a;
    }
}
