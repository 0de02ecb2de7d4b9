namespace SerPipeline.Audio;

/// <summary>Recognises samples that are integers stored as floats.</summary>
internal struct SampleRange
{
    private bool _broken;

    /// <summary>The largest absolute sample.</summary>
    public double Peak { get; private set; }

    /// <summary>What samples are to be multiplied by to lie from -1 to 1; 1 for audio as it should be.</summary>
    public readonly float Scale
    {
        get
        {
            if (!(Peak > QualityRules.LargestPeak) || (_broken && Peak < QualityRules.LeastIntegerPeak)) return 1;
            // A quarter over full scale, for filters overshoot.
            if (Peak <= 40960) return 1f / 32768;
            return _broken ? 1 : Peak <= 8388608 ? 1f / 8388608 : Peak <= 2147483648 ? 1f / 2147483648 : 1;
        }
    }

    public void Push(ReadOnlySpan<float> mono)
    {
        foreach (float sample in mono)
        {
            double size = Math.Abs(sample);
            Peak = Math.Max(Peak, size);
            // Halves: two channels of whole numbers were averaged.
            _broken = _broken || size * 2 != Math.Floor(size * 2);
        }
    }
}

/// <summary>Judges mono audio that arrives in pieces; memory grows by 1 kB a second.</summary>
internal sealed class QualityMeter
{
    private readonly SpeechFrames _frames;
    private readonly int _rate;
    private SampleRange _range;
    private double _low = double.MaxValue, _high = double.MinValue, _flat;
    private long _samples, _clipped;
    private int _run;
    private float _last = float.NaN;

    public QualityMeter(int sampleRateHz)
    {
        _rate = sampleRateHz;
        _frames = new SpeechFrames(sampleRateHz);
    }

    /// <summary>What samples are to be multiplied by to lie from -1 to 1, by what has come so far.</summary>
    public float Scale => _range.Scale;

    public void Push(ReadOnlySpan<float> mono)
    {
        foreach (float sample in mono)
        {
            double size = Math.Abs(sample);
            _low = Math.Min(_low, sample);
            _high = Math.Max(_high, sample);
            // Three equal samples and more at the largest value that any such run has had.
            _run = sample == _last ? _run + 1 : 1;
            _last = sample;
            if (_run < 3 || size < 0.99 * _flat) continue;
            if (size > 1.01 * _flat) _clipped = 0;
            _flat = Math.Max(_flat, size);
            _clipped += _run == 3 ? 3 : 1;
        }
        _range.Push(mono);
        _samples += mono.Length;
        _frames.Push(mono);
    }

    /// <summary>The verdict on what has come so far.</summary>
    public RecordingQuality Judge(bool truncated = false)
    {
        float scale = Scale;
        double shift = 20 * Math.Log10(scale), seconds = (double)_samples / _rate, range = (_high - _low) * scale;
        double clipped = _flat >= 0.98 * _range.Peak && _range.Peak * scale > 0.1 && _samples > 0 ? (double)_clipped / _samples : 0;
        List<SpeechFrame> frames = _frames.Frames;
        QualityNotes notes = truncated ? QualityNotes.Truncated : QualityNotes.None;
        if (scale != 1) notes |= QualityNotes.IntegersAsFloat;
        else if (_range.Peak > QualityRules.LargestPeak) notes |= QualityNotes.OutOfRange;
        int voiced = 0;
        double loudest = QualityRules.LoudDb(frames, 0, frames.Count) + shift;
        if (!(range > 2.0 / 32768)) notes |= QualityNotes.Silent;
        else if (seconds < QualityRules.ShortestSeconds || frames.Count == 0) notes |= QualityNotes.TooShort;
        // One wild sample outweighs all else: nothing can be told of the rest.
        else if ((notes & QualityNotes.OutOfRange) == 0) notes |= Speech(frames, shift, ref loudest, out voiced);
        if (clipped >= QualityRules.ClippedShare && (notes & QualityRules.Unusable) == 0) notes |= QualityNotes.Clipped;
        double peak = 20 * Math.Log10(_range.Peak * scale);
        return new RecordingQuality(notes, TimeSpan.FromSeconds(seconds), peak, loudest, voiced * 0.02, clipped, scale);
    }

    private static QualityNotes Speech(List<SpeechFrame> frames, double shift, ref double loudest, out int voiced)
    {
        voiced = 0;
        bool speech = false;
        for (int from = 0; ; from += QualityRules.StretchFrames / 2)
        {
            int to = Math.Min(frames.Count, from + QualityRules.StretchFrames);
            double loud = QualityRules.LoudDb(frames, from, to) + shift;
            loudest = Math.Max(loudest, loud);
            if (loud >= QualityRules.NearSilentDb && QualityRules.IsSpeech(frames, from, to, out int found))
            {
                speech = true;
                // Stretches overlap by half.
                voiced += from == 0 || to == frames.Count ? found : found / 2;
            }
            if (to == frames.Count) break;
        }
        if (speech) return QualityNotes.None;
        if (IsOneClick(frames)) return QualityNotes.OneClick;
        return loudest < QualityRules.NearSilentDb ? QualityNotes.NearSilent : QualityNotes.NoSpeech;
    }

    private static bool IsOneClick(List<SpeechFrame> frames)
    {
        double all = 0, near = 0;
        int at = 0;
        for (int i = 1; i < frames.Count; i++)
            if (frames[i].LevelDb > frames[at].LevelDb) at = i;
        for (int i = 0; i < frames.Count; i++)
        {
            double power = Math.Pow(10, frames[i].LevelDb / 10);
            all += power;
            if (Math.Abs(i - at) <= QualityRules.ClickFrames) near += power;
        }
        return near >= QualityRules.ClickShare * all && frames.Count > 4 * QualityRules.ClickFrames;
    }
}
