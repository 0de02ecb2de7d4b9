using System.Collections.Concurrent;

namespace SerPipeline.Audio;

/// <summary>
/// A polyphase filter bank: row p holds the taps for an output sample that lies p/<see cref="Phases"/> of an input sample behind an input
/// sample.
/// </summary>
internal sealed class ResamplerFilter
{
    // Ratios of near-coprime rates would need huge tables; past this many taps in all, this many phases are interpolated instead.
    // Linear interpolation over 1/8192 of a zero crossing errs by about (pi / 8192)^2 / 8, 155 dB below full scale: under float rounding.
    private const long MaxExactTaps = 1 << 22;
    private const int InterpolatedPhasesPerCrossing = 8192;
    private const int MaxCached = 64;

    private static readonly ConcurrentDictionary<(int Up, int Down, ResamplerOptions Options), Lazy<ResamplerFilter>> Cache = new();

    private readonly float[] _taps;

    private ResamplerFilter(int up, int down, ResamplerOptions options)
    {
        // 1. The filter's half width in input samples: zero crossings lie at multiples of the lower rate's period.
        double scale = Math.Min(1.0, (double)up / down);
        double halfWidth = options.ZeroCrossings / scale;
        Before = (int)Math.Floor(halfWidth);
        TapsPerPhase = (2 * Before) + 2;
        // 2. One row a phase; when interpolated, one more row for the far end.
        IsExact = (long)up * TapsPerPhase <= MaxExactTaps;
        Phases = IsExact ? up : (int)Math.Ceiling(InterpolatedPhasesPerCrossing * scale);
        int rows = IsExact ? Phases : Phases + 1;
        _taps = new float[(long)rows * TapsPerPhase];
        var kernel = new SincKernel(options, scale);
        for (int phase = 0; phase < rows; phase++)
        {
            Span<float> row = _taps.AsSpan(phase * TapsPerPhase, TapsPerPhase);
            if (2 * phase <= Phases)
            {
                kernel.Fill(row, Before, (double)phase / Phases);
                continue;
            }
            // The response is even: the second half of the rows mirrors the first.
            Row(Phases - phase).CopyTo(row);
            row.Reverse();
        }
    }

    /// <summary>Rows of the bank.</summary>
    public int Phases { get; }

    /// <summary>Whether each phase of the ratio has its own row; otherwise neighbouring rows are interpolated.</summary>
    public bool IsExact { get; }

    /// <summary>Taps in each row.</summary>
    public int TapsPerPhase { get; }

    /// <summary>How many input samples before the current one the first tap stands.</summary>
    public int Before { get; }

    /// <summary>The taps of one phase.</summary>
    public ReadOnlySpan<float> Row(int phase) => _taps.AsSpan(phase * TapsPerPhase, TapsPerPhase);

    /// <summary>The bank for a reduced ratio, made once.</summary>
    public static ResamplerFilter Get(int up, int down, ResamplerOptions options)
    {
        if (Cache.Count > MaxCached) Cache.Clear();
        return Cache.GetOrAdd((up, down, options), static key => new(() => new ResamplerFilter(key.Up, key.Down, key.Options))).Value;
    }
}
