using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>What one set of options fixes once for all clips: frame count, window, transform. Immutable and thread-safe.</summary>
internal sealed class StftPlan
{
    private readonly double[] _window;

    public StftPlan(SpectrumOptions options)
    {
        Fft = LaneRealFft.Create(options.FftLength);
        Framing = new Framing(options.FftLength, options.HopSamples, options.Center, options.Padding);
        _window = Window.HannPeriodic(options.WindowSamples);
        WindowStart = (options.FftLength - options.WindowSamples) / 2;
    }

    public LaneRealFft Fft { get; }

    public Framing Framing { get; }

    public int Bins => Fft.Bins;

    /// <summary>Where the window starts within the frame: it is padded on both sides, as librosa's <c>pad_center</c> does.</summary>
    public int WindowStart { get; }

    public ReadOnlySpan<double> HannWindow => _window;
}

/// <summary>One clip's pass over its spectra, a block of <c>Vector&lt;double&gt;.Count</c> frames at a time, one frame a lane.</summary>
internal ref struct StftRun
{
    private readonly StftPlan _plan;
    private readonly PaddedSignal _padded;
    private readonly double[] _rented;
    private readonly Span<Vector<double>> _samples, _real, _imaginary, _scratch;
    private int _next;

    /// <summary>Starts a pass.</summary>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public StftRun(StftPlan plan, ReadOnlySpan<float> mono)
    {
        _plan = plan;
        Frames = plan.Framing.Require(mono);
        // The last block reads whole lanes, so zeros stand in for the frames it lacks.
        _padded = new PaddedSignal(plan.Framing, mono, Frames + Vector<double>.Count - 1);
        int fft = plan.Fft.Length, bins = plan.Bins, lanes = fft + (2 * bins) + plan.Fft.ScratchLanes;
        _rented = ArrayPool<double>.Shared.Rent(lanes * Vector<double>.Count);
        Span<Vector<double>> all = MemoryMarshal.Cast<double, Vector<double>>(_rented.AsSpan(0, lanes * Vector<double>.Count));
        _samples = all[..fft];
        _samples.Clear(); // only the part under the window is written later
        _real = all.Slice(fft, bins);
        _imaginary = all.Slice(fft + bins, bins);
        _scratch = all[(fft + (2 * bins))..];
    }

    /// <summary>Frames of the clip.</summary>
    public int Frames { get; }

    /// <summary>The frame in lane 0.</summary>
    public int FirstFrame { get; private set; }

    /// <summary>Lanes that hold frames of the clip.</summary>
    public readonly int Lanes => Math.Min(Vector<double>.Count, Frames - FirstFrame);

    public readonly ReadOnlySpan<Vector<double>> Real => _real;

    public readonly ReadOnlySpan<Vector<double>> Imaginary => _imaginary;

    /// <summary>Computes the next block; false after the last.</summary>
    public bool Next()
    {
        if (_next >= Frames) return false;
        FirstFrame = _next;
        _next += Vector<double>.Count;
        Load();
        _plan.Fft.Transform(_samples, _real, _imaginary, _scratch);
        return true;
    }

    /// <summary>Writes |X|^2 of the block.</summary>
    public readonly void Power(Span<Vector<double>> power)
    {
        ReadOnlySpan<Vector<double>> re = _real, im = _imaginary;
        for (int k = 0; k < re.Length; k++) power[k] = (re[k] * re[k]) + (im[k] * im[k]);
    }

    public readonly void Dispose()
    {
        _padded.Dispose();
        ArrayPool<double>.Shared.Return(_rented);
    }

    // Turns frames (rows, one hop apart) into lanes and applies the window.
    private readonly void Load()
    {
        ReadOnlySpan<double> window = _plan.HannWindow;
        int start = (FirstFrame * _plan.Framing.HopSamples) + _plan.WindowStart;
        FrameLoader.Load(_padded.Samples[start..], _plan.Framing.HopSamples, window, _samples.Slice(_plan.WindowStart, window.Length));
    }
}
