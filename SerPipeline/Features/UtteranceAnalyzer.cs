namespace SerPipeline.Features;

/// <summary>Contours whose statistics over all frames are features.</summary>
internal enum Contour
{
    Mfcc,
    MfccDelta,
    MfccDeltaDelta,
    LogMel,
    Chroma,
    Contrast,
    /// <summary>RMS in dBFS, at least -100.</summary>
    LevelDb,
    ZeroCrossings,
    Centroid,
    Bandwidth,
    RollOff,
    Flatness,

    /// <summary>Alpha ratio and Hammarberg index.</summary>
    Balance,
}

/// <summary>All contours of a clip for utterance features; all have the same frames.</summary>
internal sealed record UtteranceFrames
{
    public required IReadOnlyDictionary<Contour, FrameMatrix> Of { get; init; }

    /// <summary>Energy of the windowed frames in dB.</summary>
    public required FrameMatrix EnergyDb { get; init; }

    public required PitchTrack Pitch { get; init; }

    /// <summary>Frames that are not in a pause.</summary>
    public required bool[] Loud { get; init; }

    /// <summary>Loud frames with a pitch.</summary>
    public required bool[] Voiced { get; init; }

    public required double SecondsPerFrame { get; init; }

    public int Frames => Loud.Length;
}

/// <summary>Computes all contours of a clip. Immutable and thread-safe.</summary>
internal sealed class UtteranceAnalyzer
{
    private readonly UtterancePlan _plan;
    private readonly StftPlan _stft;
    private readonly IFrameFeature[] _features;
    private readonly Dct _dct;
    private readonly Rms _rms;
    private readonly ZeroCrossings _crossings;
    private readonly Yin _yin;

    public UtteranceAnalyzer(UtterancePlan plan)
    {
        _plan = plan;
        (LogMelOptions mel, SpectralOptions shape) = (plan.Mel, plan.Shape);
        _stft = new StftPlan(mel);
        _features =
        [
            new LogMelFeature(mel), new ChromaFeature(mel),
            new SpectralFeature(shape, SpectralMeasure.Centroid), new SpectralFeature(shape, SpectralMeasure.Bandwidth),
            new SpectralFeature(shape, SpectralMeasure.RollOff), new SpectralFeature(shape, SpectralMeasure.Flatness),
            new ContrastFeature(shape), new BalanceFeature(mel), new EnergyFeature(mel),
        ];
        _dct = new Dct(mel.MelBands, plan.Options.MfccCoefficients);
        _rms = new Rms(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _crossings = new ZeroCrossings(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _yin = new Yin(plan.Yin);
    }

    public UtteranceFrames Analyze(ReadOnlySpan<float> mono)
    {
        // 1. One pass over the spectra.
        FrameMatrix[] spectral = FrameFeatures.Extract<IFrameFeature>(_stft, mono, _features);
        // 2. MFCCs; deltas repeat the ends, as short clips have too few frames for a window.
        FrameMatrix mfcc = _dct.Apply(spectral[0]);
        // 3. Level, pitch, pauses and voicing.
        FrameMatrix level = LevelDb(_rms.Extract(mono));
        PitchTrack pitch = _yin.Extract(mono);
        float loudest = UtterancePlan.QuietestDb;
        foreach (float db in level.Values) loudest = Math.Max(loudest, db);
        double pause = Math.Max(loudest - _plan.Options.PauseDb, UtterancePlan.AudibleDb);
        bool[] loud = Array.ConvertAll(level.Values, db => db > pause);
        var voiced = new bool[loud.Length];
        for (int t = 0; t < voiced.Length; t++) voiced[t] = loud[t] && pitch.Aperiodicity.Values[t] < _plan.Options.VoicedBelow;
        return new UtteranceFrames
        {
            Of = new Dictionary<Contour, FrameMatrix>
            {
                [Contour.LogMel] = spectral[0],
                [Contour.Mfcc] = mfcc,
                [Contour.MfccDelta] = Deltas.Compute(mfcc, order: 1, mode: DeltaMode.Nearest),
                [Contour.MfccDeltaDelta] = Deltas.Compute(mfcc, order: 2, mode: DeltaMode.Nearest),
                [Contour.Chroma] = spectral[1],
                [Contour.Centroid] = spectral[2],
                [Contour.Bandwidth] = spectral[3],
                [Contour.RollOff] = spectral[4],
                [Contour.Flatness] = spectral[5],
                [Contour.Contrast] = ContrastFeature.Difference(spectral[6]),
                [Contour.Balance] = spectral[7],
                [Contour.ZeroCrossings] = _crossings.Extract(mono),
                [Contour.LevelDb] = level,
            },
            EnergyDb = spectral[8],
            Pitch = pitch,
            Loud = loud,
            Voiced = voiced,
            SecondsPerFrame = _plan.SecondsPerFrame,
        };
    }

    private static FrameMatrix LevelDb(FrameMatrix rms)
    {
        foreach (ref float value in rms.Values.AsSpan())
            value = Math.Max(UtterancePlan.QuietestDb, 20 * MathF.Log10(Math.Max(value, 1e-10f)));
        return rms;
    }
}
