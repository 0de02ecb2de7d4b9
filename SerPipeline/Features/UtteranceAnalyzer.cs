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

    /// <summary>Energy of the windowed frames in dB.</summary>
    EnergyDb,

    /// <summary>Of <see cref="PitchTrack.F0Hz"/>, above 27.5 Hz.</summary>
    Semitones,

    /// <summary>Harmonics-to-noise ratio in dB.</summary>
    Hnr,

    /// <summary><see cref="Auditory.Loudness"/>.</summary>
    Loudness,

    /// <summary><see cref="Auditory.Flux"/>.</summary>
    Flux,

    /// <summary>The first five cepstral coefficients of the auditory bands.</summary>
    AuditoryMfcc,

    /// <summary><see cref="SlopeFeature"/>.</summary>
    Slopes,

    /// <summary><see cref="FormantFeature"/>.</summary>
    Formants,

    /// <summary><see cref="Features.Harmonics"/>.</summary>
    Harmonics,

    /// <summary><see cref="VoiceCycles"/>.</summary>
    Cycles,
}

/// <summary>All contours of a clip for utterance features; all have the same frames.</summary>
/// <param name="Of">The contours.</param>
/// <param name="Pitch">Pitch and aperiodicity of each frame.</param>
/// <param name="Loud">Frames that are not in a pause.</param>
/// <param name="Voiced">Loud frames with a pitch.</param>
/// <param name="SecondsPerFrame">Hop in seconds.</param>
internal sealed record UtteranceFrames(
    IReadOnlyDictionary<Contour, FrameMatrix> Of, PitchTrack Pitch, bool[] Loud, bool[] Voiced, double SecondsPerFrame)
{
    public int Frames => Loud.Length;
}

/// <summary>Computes all contours of a clip. Immutable and thread-safe.</summary>
internal sealed class UtteranceAnalyzer
{
    private readonly UtterancePlan _plan;
    private readonly StftPlan _stft;
    private readonly Contour[] _contours;
    private readonly IFrameFeature[] _features;
    private readonly Dct _dct;
    private readonly Rms _rms;
    private readonly ZeroCrossings _crossings;
    private readonly Yin _yin;
    private readonly (Auditory Auditory, Dct Dct, Harmonics Harmonics, VoiceCycles Cycles)? _gemaps;

    public UtteranceAnalyzer(UtterancePlan plan)
    {
        _plan = plan;
        (LogMelOptions mel, SpectralOptions shape) = (plan.Mel, plan.Shape);
        _stft = new StftPlan(mel);
        (Contour, IFrameFeature)[] spectral =
        [
            (Contour.Balance, new BalanceFeature(mel)),
            .. plan.IsGeneral ? ((Contour, IFrameFeature)[])
            [
                (Contour.LogMel, new LogMelFeature(mel)), (Contour.Chroma, new ChromaFeature(mel)),
                (Contour.Centroid, new SpectralFeature(shape, SpectralMeasure.Centroid)),
                (Contour.Bandwidth, new SpectralFeature(shape, SpectralMeasure.Bandwidth)),
                (Contour.RollOff, new SpectralFeature(shape, SpectralMeasure.RollOff)),
                (Contour.Flatness, new SpectralFeature(shape, SpectralMeasure.Flatness)),
                (Contour.Contrast, new ContrastFeature(shape)), (Contour.EnergyDb, new EnergyFeature(mel)),
            ] : [],
            .. plan.Options.Gemaps ? ((Contour, IFrameFeature)[])
            [
                (Contour.Loudness, new LogMelFeature(plan.Auditory)), (Contour.Slopes, new SlopeFeature(mel)),
                (Contour.Formants, new FormantFeature(mel)),
            ] : [],
        ];
        _contours = [.. spectral.Select(pair => pair.Item1)];
        _features = [.. spectral.Select(pair => pair.Item2)];
        _dct = new Dct(mel.MelBands, plan.Options.MfccCoefficients);
        _rms = new Rms(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _crossings = new ZeroCrossings(new() { FrameSamples = plan.FrameSamples, HopSamples = mel.HopSamples });
        _yin = new Yin(plan.Yin);
        if (plan.Options.Gemaps)
            _gemaps = (new Auditory(plan.Auditory), new Dct(plan.Auditory.MelBands, Auditory.Coefficients), new Harmonics(plan),
                new VoiceCycles(plan.Yin));
    }

    public UtteranceFrames Analyze(ReadOnlySpan<float> mono)
    {
        // 1. One pass over the spectra.
        FrameMatrix[] spectral = FrameFeatures.Extract<IFrameFeature>(_stft, mono, _features);
        Dictionary<Contour, FrameMatrix> of = _contours.Zip(spectral).ToDictionary(pair => pair.First, pair => pair.Second);
        // 2. Level, pitch, pauses and voicing.
        FrameMatrix level = of[Contour.LevelDb] = LevelDb(_rms.Extract(mono));
        PitchTrack pitch = _yin.Extract(mono);
        float loudest = UtterancePlan.QuietestDb;
        foreach (float db in level.Values) loudest = Math.Max(loudest, db);
        double pause = Math.Max(loudest - _plan.Options.PauseDb, UtterancePlan.AudibleDb);
        bool[] loud = Array.ConvertAll(level.Values, db => db > pause);
        var voiced = new bool[loud.Length];
        for (int t = 0; t < voiced.Length; t++) voiced[t] = loud[t] && pitch.Aperiodicity.Values[t] < _plan.Options.VoicedBelow;
        of[Contour.Semitones] = Voice.Semitones(pitch.F0Hz);
        of[Contour.Hnr] = Voice.Hnr(pitch.Aperiodicity);
        // 3. What is computed from these.
        if (_plan.IsGeneral)
        {
            // Deltas repeat the ends, as short clips have too few frames for a window.
            FrameMatrix mfcc = of[Contour.Mfcc] = _dct.Apply(of[Contour.LogMel]);
            of[Contour.MfccDelta] = Deltas.Compute(mfcc, order: 1, mode: DeltaMode.Nearest);
            of[Contour.MfccDeltaDelta] = Deltas.Compute(mfcc, order: 2, mode: DeltaMode.Nearest);
            of[Contour.Contrast] = ContrastFeature.Difference(of[Contour.Contrast]);
            of[Contour.ZeroCrossings] = _crossings.Extract(mono);
        }
        if (_gemaps is { } gemaps)
        {
            FrameMatrix bands = of[Contour.Loudness];
            of[Contour.Loudness] = gemaps.Auditory.Loudness(bands);
            of[Contour.Flux] = gemaps.Auditory.Flux(bands);
            of[Contour.AuditoryMfcc] = gemaps.Dct.Apply(bands);
            of[Contour.Harmonics] = gemaps.Harmonics.Extract(mono, pitch.F0Hz, of[Contour.Formants], voiced);
            of[Contour.Cycles] = gemaps.Cycles.Extract(mono, pitch.F0Hz, voiced);
        }
        return new UtteranceFrames(of, pitch, Loud: loud, Voiced: voiced, _plan.SecondsPerFrame);
    }

    private static FrameMatrix LevelDb(FrameMatrix rms)
    {
        foreach (ref float value in rms.Values.AsSpan())
            value = Math.Max(UtterancePlan.QuietestDb, 20 * MathF.Log10(Math.Max(value, 1e-10f)));
        return rms;
    }
}
