using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Audio;

/// <summary>
/// Changes the sample rate of a signal by any ratio: a polyphase windowed-sinc filter of linear phase and no delay. Immutable; any number
/// of threads may use one.
/// </summary>
public sealed class Resampler
{
    // Further apart, rates are mistakes; and tables of taps stay small.
    private const long FarthestRates = 1024;

    private readonly int _up, _down;
    private readonly ResamplerFilter? _filter;

    // resampy makes floor(length * ratio) samples; librosa fills up to the ceiling with a zero. Features made so hear that step.
    private readonly bool _endsInZero;

    /// <summary>Prepares a resampler; filter tables of equal ratios and options are shared.</summary>
    /// <param name="fromRateHz">Samples a second of the input.</param>
    /// <param name="toRateHz">Samples a second of the output.</param>
    /// <param name="options">The filter; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public Resampler(int fromRateHz, int toRateHz, ResamplerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(toRateHz, 1);
        options ??= new ResamplerOptions();
        options.Validate();
        new OptionsCheck(nameof(Resampler))
            .Require(Problem(fromRateHz, toRateHz, options) is null, fromRateHz, Problem(fromRateHz, toRateHz, options) ?? "")
            .ThrowIfAny();
        FromRateHz = fromRateHz;
        ToRateHz = toRateHz;
        int divisor = (int)BigInteger.GreatestCommonDivisor(fromRateHz, toRateHz);
        (_up, _down) = (toRateHz / divisor, fromRateHz / divisor);
        _endsInZero = options.TablePointsPerCrossing is not null;
        _filter = _up == _down ? null : ResamplerFilter.Get(_up, _down, options);
    }

    /// <summary>Samples a second of the input.</summary>
    public int FromRateHz { get; }

    /// <summary>Samples a second of the output.</summary>
    public int ToRateHz { get; }

    /// <summary>Samples that come out for a number of samples that go in: ceil(length * to / from).</summary>
    /// <param name="inputLength">Samples that go in.</param>
    public int OutputLength(int inputLength) => checked((int)((((long)inputLength * _up) + _down - 1) / _down));

    /// <summary>Resamples one channel; before its start and after its end the signal is taken as silent.</summary>
    /// <param name="mono">The samples.</param>
    /// <returns>A new array of <see cref="OutputLength(int)"/> samples, the first at the same instant as the first of the input.</returns>
    public float[] Resample(ReadOnlySpan<float> mono)
    {
        if (_filter is null || mono.IsEmpty) return mono.ToArray();
        // 1. Pad, so that every output sample sees a whole row of taps.
        int padded = mono.Length + _filter.TapsPerPhase + _filter.Before;
        float[] rented = ArrayPool<float>.Shared.Rent(padded);
        Span<float> input = rented.AsSpan(0, padded);
        input[.._filter.Before].Clear();
        mono.CopyTo(input[_filter.Before..]);
        input[(_filter.Before + mono.Length)..].Clear();
        // 2. Each output sample is the dot product of its phase's taps with the input around it.
        var output = new float[OutputLength(mono.Length)];
        Run(input, 0, 0, output);
        output.AsSpan((int)SoundingLength(mono.Length)).Clear();
        ArrayPool<float>.Shared.Return(rented);
        return output;
    }

    /// <summary>What the rate of the input must do for a resampler to take it; null where it does.</summary>
    internal static string? Problem(int fromRateHz, int toRateHz, ResamplerOptions options)
    {
        if (fromRateHz > FarthestRates * toRateHz || toRateHz > FarthestRates * fromRateHz)
            return string.Create(CultureInfo.InvariantCulture, $"be within a factor of {FarthestRates} of the {toRateHz} Hz that it is resampled to");
        // From tap to tap a table is read by whole points, one at least.
        if (options.TablePointsPerCrossing is not { } points || SincKernel.StepOf(Math.Min(1.0, (double)toRateHz / fromRateHz), points) >= 1) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"be at most {points} times the {toRateHz} Hz that it is resampled to, for the filter is read from {points} points a zero crossing: resample it before, or raise {nameof(options.TablePointsPerCrossing)}");
    }

    /// <summary>Whether both rates are the same, so that samples go through as they are.</summary>
    internal bool IsIdentity => _filter is null;

    /// <summary>Silent samples that the filter sees before the first one.</summary>
    internal int SamplesBefore => _filter?.Before ?? 0;

    /// <summary>Silent samples that the filter may see after the last one.</summary>
    internal int SamplesAfter => _filter?.TapsPerPhase ?? 0;

    /// <summary>Samples that come out for a number of samples that go in, however many.</summary>
    internal long OutputLength(long inputLength) => ((inputLength * _up) + _down - 1) / _down;

    /// <summary>The output samples before the zero that a recipe may end in.</summary>
    internal long SoundingLength(long inputLength) => _endsInZero && !IsIdentity ? inputLength * _up / _down : OutputLength(inputLength);

    /// <summary>The place, in the input with its silence before, of the first sample that an output sample is made of.</summary>
    internal long PlaceOf(long output) => output * _down / _up;

    /// <summary>How many output samples, from the first on, the first samples of the input with its silence before suffice for.</summary>
    internal long OutputsWithin(long samples)
    {
        long last = samples - _filter!.TapsPerPhase;
        return last < 0 ? 0 : ((((last + 1) * _up) - 1) / _down) + 1;
    }

    /// <summary>Computes some output samples.</summary>
    /// <param name="input">A part of the input with its silence before: all that these outputs are made of.</param>
    /// <param name="first">Where the part begins.</param>
    /// <param name="from">The first output sample.</param>
    /// <param name="output">Receives them.</param>
    internal void Run(ReadOnlySpan<float> input, long first, long from, Span<float> output)
    {
        if (_filter!.IsExact) RunExact(input, first, from, output);
        else RunInterpolated(input, first, from, output);
    }

    // Output n lies at input place n * down / up = index + phase / up.
    private void RunExact(ReadOnlySpan<float> input, long first, long from, Span<float> output)
    {
        int index = (int)(PlaceOf(from) - first), phase = (int)(from * _down % _up), wholeStep = _down / _up, phaseStep = _down % _up;
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
            long place = (from + n) * _down;
            double phase = (double)(place % _up) / _up * _filter.Phases;
            int row = (int)phase;
            ReadOnlySpan<float> around = input.Slice((int)((place / _up) - first), taps);
            float low = Dot(_filter.Row(row), around), high = Dot(_filter.Row(row + 1), around);
            output[n] = low + ((float)(phase - row) * (high - low));
        }
    }

    private static float Dot(ReadOnlySpan<float> taps, ReadOnlySpan<float> samples)
    {
        // Four sums at once keep the multipliers busy; the order of additions is fixed by the vector's width alone.
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
