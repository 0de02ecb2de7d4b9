using System.Buffers;

namespace SerPipeline.Audio;

/// <summary>Resamples by any rational ratio with a polyphase windowed-sinc filter: linear phase, no delay. Immutable and
/// thread-safe.</summary>
public sealed class Resampler
{
    // Larger ratios are mistakes, and the limit keeps the filter tables small.
    private const long MaxRatio = 1024;

    private readonly int _up, _down;
    private readonly ResamplerFilter? _filter;

    // resampy gives floor(length * ratio) samples and librosa pads to the ceiling with a zero, which features can depend on.
    private readonly bool _endsInZero;

    /// <summary>Creates a resampler. Filter tables are shared between instances of equal ratio and options.</summary>
    /// <param name="fromRateHz">Input sample rate, at least 1.</param>
    /// <param name="toRateHz">Output sample rate, at least 1 and within a factor of 1024 of the input's.</param>
    /// <param name="options">Filter design; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid, or the rates cannot be used together.</exception>
    public Resampler(int fromRateHz, int toRateHz, ResamplerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(toRateHz, 1);
        options ??= new ResamplerOptions();
        options.Validate();
        new OptionsCheck(nameof(Resampler))
            .Require(Problem(fromRateHz, toRateHz, options) is null, fromRateHz, Problem(fromRateHz, toRateHz, options) ?? "")
            .ThrowIfAny();
        int divisor = (int)BigInteger.GreatestCommonDivisor(fromRateHz, toRateHz);
        (_up, _down) = (toRateHz / divisor, fromRateHz / divisor);
        _endsInZero = options.TablePointsPerCrossing is not null;
        _filter = _up == _down ? null : ResamplerFilter.Get(_up, _down, options);
    }

    /// <summary>Number of output samples: <c>ceil(inputLength * toRateHz / fromRateHz)</c>.</summary>
    /// <param name="inputLength">Number of input samples.</param>
    public int OutputLength(int inputLength) => checked((int)((((long)inputLength * _up) + _down - 1) / _down));

    /// <summary>Resamples one channel, with zeros assumed before its start and after its end.</summary>
    /// <param name="mono">Samples at the input rate.</param>
    /// <returns><see cref="OutputLength(int)"/> samples; the first is at the time of the first input sample.</returns>
    public float[] Resample(ReadOnlySpan<float> mono)
    {
        if (_filter is null || mono.IsEmpty) return mono.ToArray();
        // 1. Pad, so that every output sample has a full row of taps.
        int padded = mono.Length + _filter.TapsPerPhase + _filter.Before;
        float[] rented = ArrayPool<float>.Shared.Rent(padded);
        Span<float> input = rented.AsSpan(0, padded);
        input[.._filter.Before].Clear();
        mono.CopyTo(input[_filter.Before..]);
        input[(_filter.Before + mono.Length)..].Clear();
        // 2. Each output sample is the dot product of its phase's taps and the input around it.
        var output = new float[OutputLength(mono.Length)];
        Run(input, 0, 0, output);
        output.AsSpan((int)NonZeroLength(mono.Length)).Clear();
        ArrayPool<float>.Shared.Return(rented);
        return output;
    }

    /// <summary>The rule that the input rate breaks, to be read after "must"; null if it is valid.</summary>
    internal static string? Problem(int fromRateHz, int toRateHz, ResamplerOptions options)
    {
        if (fromRateHz > MaxRatio * toRateHz || toRateHz > MaxRatio * fromRateHz)
            return string.Create(CultureInfo.InvariantCulture, $"be within a factor of {MaxRatio} of the output rate of {toRateHz} Hz");
        // Neighbouring taps are a whole number of table points apart, at least one.
        if (options.TablePointsPerCrossing is not { } points
            || SincKernel.StepOf(Math.Min(1.0, (double)toRateHz / fromRateHz), points) >= 1) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"be at most {points} times the output rate of {toRateHz} Hz, as the filter table has {points} points per zero crossing: "
                + $"resample in two steps or raise {nameof(options.TablePointsPerCrossing)}");
    }

    internal bool IsIdentity => _filter is null;

    /// <summary>Zeros that the filter needs before the first sample.</summary>
    internal int SamplesBefore => _filter?.Before ?? 0;

    /// <summary>Zeros that the filter may need after the last sample.</summary>
    internal int SamplesAfter => _filter?.TapsPerPhase ?? 0;

    internal long OutputLength(long inputLength) => ((inputLength * _up) + _down - 1) / _down;

    /// <summary>Output samples before the trailing zero of resampy's recipe.</summary>
    internal long NonZeroLength(long inputLength) => _endsInZero && !IsIdentity ? inputLength * _up / _down : OutputLength(inputLength);

    /// <summary>Index, in the padded input, of the first sample that an output sample depends on.</summary>
    internal long FirstInput(long output) => output * _down / _up;

    /// <summary>Number of output samples that can be computed from that many samples of the padded input.</summary>
    internal long OutputsFrom(long samples)
    {
        long last = samples - _filter!.TapsPerPhase;
        return last < 0 ? 0 : ((((last + 1) * _up) - 1) / _down) + 1;
    }

    /// <summary>Computes output samples from index <paramref name="from"/> on; <paramref name="input"/> begins at index
    /// <paramref name="first"/> of the padded input.</summary>
    internal void Run(ReadOnlySpan<float> input, long first, long from, Span<float> output)
    {
        if (_filter!.IsExact) RunExact(input, first, from, output);
        else RunInterpolated(input, first, from, output);
    }

    // Output sample n is at input position n * down / up = index + phase / up.
    private void RunExact(ReadOnlySpan<float> input, long first, long from, Span<float> output)
    {
        int index = (int)(FirstInput(from) - first), phase = (int)(from * _down % _up), wholeStep = _down / _up, phaseStep = _down % _up;
        int taps = _filter!.TapsPerPhase;
        for (int n = 0; n < output.Length; n++)
        {
            output[n] = Dot(_filter.Row(phase), input.Slice(index, taps));
            index += wholeStep;
            phase += phaseStep;
            if (phase < _up) continue;
            phase -= _up;
            index++;
        }
    }

    private void RunInterpolated(ReadOnlySpan<float> input, long first, long from, Span<float> output)
    {
        int taps = _filter!.TapsPerPhase;
        for (int n = 0; n < output.Length; n++)
        {
            long position = (from + n) * _down;
            double phase = (double)(position % _up) / _up * _filter.Phases;
            int row = (int)phase;
            ReadOnlySpan<float> around = input.Slice((int)((position / _up) - first), taps);
            float low = Dot(_filter.Row(row), around), high = Dot(_filter.Row(row + 1), around);
            output[n] = low + ((float)(phase - row) * (high - low));
        }
    }

    private static float Dot(ReadOnlySpan<float> taps, ReadOnlySpan<float> samples)
    {
        // Four independent sums for throughput; the order of additions depends on the vector width only.
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(taps);
        ReadOnlySpan<Vector<float>> b = MemoryMarshal.Cast<float, Vector<float>>(samples)[..a.Length];
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + 3 < a.Length; i += 4)
        {
            s0 = Vector.FusedMultiplyAdd(a[i], b[i], s0);
            s1 = Vector.FusedMultiplyAdd(a[i + 1], b[i + 1], s1);
            s2 = Vector.FusedMultiplyAdd(a[i + 2], b[i + 2], s2);
            s3 = Vector.FusedMultiplyAdd(a[i + 3], b[i + 3], s3);
        }
        for (; i < a.Length; i++) s0 = Vector.FusedMultiplyAdd(a[i], b[i], s0);
        float sum = Vector.Sum(s0 + s1 + (s2 + s3));
        for (int k = a.Length * Vector<float>.Count; k < taps.Length; k++) sum += taps[k] * samples[k];
        return sum;
    }
}

/// <summary>Resampling of clips.</summary>
public static class ResamplerExtensions
{
    /// <summary>Resamples every channel; returns the same clip if it already has that rate.</summary>
    /// <param name="clip">A clip of any number of channels.</param>
    /// <param name="toRateHz">Output sample rate.</param>
    /// <param name="options">Filter design; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid, or the rates cannot be used together.</exception>
    public static AudioClip Resample(this AudioClip clip, int toRateHz, ResamplerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var resampler = new Resampler(clip.SampleRateHz, toRateHz, options);
        if (clip.SampleRateHz == toRateHz) return clip;
        if (clip.Channels == 1) return clip.With(resampler.Resample(clip.Samples), toRateHz);
        int channels = clip.Channels;
        var channel = new float[clip.Length];
        var result = new float[resampler.OutputLength(clip.Length) * channels];
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < channel.Length; i++) channel[i] = clip.Samples[(i * channels) + c];
            float[] resampled = resampler.Resample(channel);
            for (int i = 0; i < resampled.Length; i++) result[(i * channels) + c] = resampled[i];
        }
        return clip.With(result, toRateHz);
    }
}

/// <summary>The low-pass filter of a <see cref="Resampler"/>: a Kaiser-windowed sinc. With the defaults the pass band reaches 0.90 of the
/// lower Nyquist frequency within 0.001 dB, and the stop band begins at that Nyquist frequency with at least 95 dB attenuation.</summary>
public sealed record ResamplerOptions
{
    /// <summary>resampy 0.2's <c>kaiser_fast</c>, as used by librosa 0.6 to 0.9: short, with a wide transition band and some
    /// aliasing.</summary>
    public static ResamplerOptions KaiserFast { get; } =
        new() { ZeroCrossings = 16, KaiserBeta = 8.555504641634386, RollOff = 0.85, TablePointsPerCrossing = 512 };

    /// <summary>Zero crossings of the sinc on each side, before <see cref="RollOff"/> is applied, 1 to 1024. More make the transition band
    /// narrower and the filter slower. Default 64.</summary>
    public int ZeroCrossings { get; init; } = 64;

    /// <summary>Shape of the Kaiser window, 0 to 50; the attenuation is about <c>beta / 0.1102 + 8.7</c> dB (Kaiser 1974). Default 10.056,
    /// for 100 dB.</summary>
    public double KaiserBeta { get; init; } = 10.056;

    /// <summary>Cutoff (half-amplitude) frequency as a fraction of the lower Nyquist frequency, above 0 and at most 1. Default
    /// 0.95.</summary>
    public double RollOff { get; init; } = 0.95;

    /// <summary>Null evaluates the filter exactly at every phase. A number, 1 to 65536, reproduces resampy 0.2 for features made with it:
    /// the filter is read from a table with that many points per zero crossing by linear interpolation, taps are a whole number of points
    /// apart, the outermost tap of each side is dropped, and a last output sample less than one period before the input's end is 0
    /// (librosa's padding). Default null.</summary>
    public int? TablePointsPerCrossing { get; init; }

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => Check().ThrowIfAny();

    internal OptionsCheck Check() => new OptionsCheck(nameof(ResamplerOptions))
        .Require(ZeroCrossings is >= 1 and <= 1024, ZeroCrossings, "be between 1 and 1024")
        .Require(KaiserBeta is >= 0 and <= 50, KaiserBeta, "be between 0 and 50")
        .Require(RollOff is > 0 and <= 1, RollOff, "be above 0 and at most 1")
        .Require(TablePointsPerCrossing is null or (>= 1 and <= 65536), TablePointsPerCrossing, "be between 1 and 65536, or null");
}
