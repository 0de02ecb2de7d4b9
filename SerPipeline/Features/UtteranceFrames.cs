namespace SerPipeline.Features;

/// <summary>The contours whose statistics over all frames are features.</summary>
internal enum Contour
{
    Mfcc,
    MfccDelta,
    MfccDeltaDelta,
    LogMel,
    Chroma,
    Contrast,
    LevelDb,
    ZeroCrossings,
    Centroid,
    Bandwidth,
    RollOff,
    Flatness,

    /// <summary>Alpha ratio and Hammarberg index.</summary>
    Balance,
}

/// <summary>Every contour of one clip that utterance features are taken from; all have the same frames.</summary>
internal sealed record UtteranceFrames
{
    public required FrameMatrix LogMel { get; init; }

    public required FrameMatrix Mfcc { get; init; }

    public required FrameMatrix MfccDelta { get; init; }

    public required FrameMatrix MfccDeltaDelta { get; init; }

    public required FrameMatrix Chroma { get; init; }

    public required FrameMatrix Centroid { get; init; }

    public required FrameMatrix Bandwidth { get; init; }

    public required FrameMatrix RollOff { get; init; }

    public required FrameMatrix Flatness { get; init; }

    public required FrameMatrix Contrast { get; init; }

    /// <summary>Alpha ratio and Hammarberg index.</summary>
    public required FrameMatrix Balance { get; init; }

    /// <summary>The energy under the Hann window in dB.</summary>
    public required FrameMatrix EnergyDb { get; init; }

    public required FrameMatrix ZeroCrossings { get; init; }

    /// <summary>The root mean square in dB of full scale, at least -100.</summary>
    public required FrameMatrix LevelDb { get; init; }

    public required PitchTrack Pitch { get; init; }

    /// <summary>Frames not in a pause.</summary>
    public required bool[] Loud { get; init; }

    /// <summary>Loud frames with a pitch.</summary>
    public required bool[] Voiced { get; init; }

    public required double SecondsPerFrame { get; init; }

    public int Frames => LevelDb.Frames;

    /// <summary>A contour whose statistics are features.</summary>
    public FrameMatrix Of(Contour contour) => contour switch
    {
        Contour.Mfcc => Mfcc,
        Contour.MfccDelta => MfccDelta,
        Contour.MfccDeltaDelta => MfccDeltaDelta,
        Contour.LogMel => LogMel,
        Contour.Chroma => Chroma,
        Contour.Contrast => Contrast,
        Contour.LevelDb => LevelDb,
        Contour.ZeroCrossings => ZeroCrossings,
        Contour.Centroid => Centroid,
        Contour.Bandwidth => Bandwidth,
        Contour.RollOff => RollOff,
        Contour.Flatness => Flatness,
        _ => Balance,
    };
}

/// <summary>Computes the contours of a clip from one pass over its spectra and one over its pitch. Immutable and thread-safe.</summary>
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
            new ShapeFeature(shape, ShapeKind.Centroid), new ShapeFeature(shape, ShapeKind.Bandwidth),
            new ShapeFeature(shape, ShapeKind.RollOff), new ShapeFeature(shape, ShapeKind.Flatness),
            new ContrastFeature(shape), new BalanceFeature(mel), new EnergyFeature(mel),
        ];
        _dct = new Dct(mel.MelBands, plan.Options.MfccCoefficients);
        _rms = new Rms(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _crossings = new ZeroCrossings(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _yin = new Yin(plan.Yin);
    }

    /// <summary>Computes every contour.</summary>
    public UtteranceFrames Analyze(ReadOnlySpan<float> mono)
    {
        // 1. One pass over the spectra.
        FrameMatrix[] spectral = FrameFeatures.Extract<IFrameFeature>(_stft, mono, _features);
        // 2. Cepstra and their movement. Short clips have too few frames for a whole window, so their ends are repeated.
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
            LogMel = spectral[0],
            Mfcc = mfcc,
            MfccDelta = Deltas.Compute(mfcc, order: 1, mode: DeltaMode.Nearest),
            MfccDeltaDelta = Deltas.Compute(mfcc, order: 2, mode: DeltaMode.Nearest),
            Chroma = spectral[1],
            Centroid = spectral[2],
            Bandwidth = spectral[3],
            RollOff = spectral[4],
            Flatness = spectral[5],
            Contrast = ContrastFeature.Difference(spectral[6]),
            Balance = spectral[7],
            EnergyDb = spectral[8],
            ZeroCrossings = _crossings.Extract(mono),
            LevelDb = level,
            Pitch = pitch,
            Loud = loud,
            Voiced = voiced,
            SecondsPerFrame = _plan.SecondsPerFrame,
        };
    }

    private static FrameMatrix LevelDb(FrameMatrix rms)
    {
        foreach (ref float value in rms.Values.AsSpan()) value = Math.Max(UtterancePlan.QuietestDb, 20 * MathF.Log10(Math.Max(value, 1e-10f)));
        return rms;
    }
}
