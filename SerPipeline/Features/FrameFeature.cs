namespace SerPipeline.Features;

/// <summary>A feature computed from the spectrum of each frame, several frames at a time. Immutable and thread-safe.</summary>
internal interface IFrameFeature
{
    /// <summary>Values per frame.</summary>
    public int Bands { get; }

    /// <summary>Whether <see cref="Compute"/> needs the magnitude, whose square roots cost a tenth of the time of a spectrum.</summary>
    public bool UsesMagnitude => false;

    /// <summary>Computes a block of frames, one per lane.</summary>
    /// <param name="power">|X|^2, <c>[bins]</c>.</param>
    /// <param name="magnitude">|X|, <c>[bins]</c>; valid only if a feature has <see cref="UsesMagnitude"/>.</param>
    /// <param name="bands">Receives <see cref="Bands"/> vectors.</param>
    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands);

    /// <summary>Postprocesses the result of the whole clip in place.</summary>
    public void Finish(FrameMatrix frames) { }
}

/// <summary>Computes features in one pass over a clip's spectra.</summary>
internal static class FrameFeatures
{
    public static FrameMatrix Extract<TFeature>(StftPlan plan, ReadOnlySpan<float> mono, TFeature feature) where TFeature : IFrameFeature
        => Extract(plan, mono, new ReadOnlySpan<TFeature>(in feature))[0];

    /// <summary>One result per feature, in order.</summary>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public static FrameMatrix[] Extract<TFeature>(StftPlan plan, ReadOnlySpan<float> mono, ReadOnlySpan<TFeature> features)
        where TFeature : IFrameFeature
    {
        using var run = new StftRun(plan, mono);
        var results = new FrameMatrix[features.Length];
        int widest = 0;
        bool usesMagnitude = false;
        for (int i = 0; i < features.Length; i++)
        {
            results[i] = new FrameMatrix(features[i].Bands, run.Frames);
            widest = Math.Max(widest, features[i].Bands);
            usesMagnitude |= features[i].UsesMagnitude;
        }
        using var pool = new LanePool((2 * plan.Bins) + widest);
        Span<Vector<double>> power = pool.Lanes[..plan.Bins], magnitude = pool.Lanes.Slice(plan.Bins, plan.Bins);
        Span<Vector<double>> bands = pool.Lanes[(2 * plan.Bins)..];
        while (run.Next())
        {
            run.Power(power);
            for (int k = 0; usesMagnitude && k < power.Length; k++) magnitude[k] = Vector.SquareRoot(power[k]);
            for (int i = 0; i < features.Length; i++)
            {
                features[i].Compute(power, magnitude, bands);
                Store(bands, results[i], run.FirstFrame, run.Lanes);
            }
        }
        for (int i = 0; i < features.Length; i++) features[i].Finish(results[i]);
        return results;
    }

    private static void Store(ReadOnlySpan<Vector<double>> bands, FrameMatrix result, int firstFrame, int lanes)
    {
        ReadOnlySpan<double> values = MemoryMarshal.Cast<Vector<double>, double>(bands);
        int width = Vector<double>.Count, stride = result.Frames;
        Span<float> target = result.Values.AsSpan(firstFrame);
        for (int band = 0; band < result.Bands; band++)
            for (int lane = 0; lane < lanes; lane++)
                target[(band * stride) + lane] = (float)values[(band * width) + lane];
    }
}
