namespace SerPipeline.Audio;

/// <summary>How much of the power of mono audio that arrives in pieces lies above <see cref="QualityRules.NarrowBandHz"/>.</summary>
internal sealed class HighBand
{
    // The high band's power is the mean over every seventh sample: a tone that such steps would always meet at the same phase is rare.
    private const int Stride = 7;

    // So many steps are filtered at once.
    private const int Steps = 64;

    // At higher rates samples are averaged first: the filter grows with the rate, and its cost with the square.
    private const int HighestRateHz = 192_000;

    private readonly double[] _taps, _held;
    private readonly int _factor;
    private int _count, _averaged;
    private long _samples, _heard;
    private double _part, _sum, _power, _high;

    public HighBand(int sampleRateHz)
    {
        _factor = 1 + ((sampleRateHz - 1) / HighestRateHz);
        double rate = (double)sampleRateHz / _factor;
        // A windowed sinc of 8 ms: Blackman's window leaves less than -74 dB from 350 Hz below the limit on.
        int half = Math.Max(1, (int)(0.004 * rate));
        double cut = Math.Min(1, 2 * QualityRules.NarrowBandHz / rate);
        _taps = new double[(2 * half) + 1];
        _held = new double[_taps.Length + (Stride * Steps)];
        for (int i = -half; i <= half; i++)
        {
            double angle = Math.PI * i / (half + 1), window = 0.42 + (0.5 * Math.Cos(angle)) + (0.08 * Math.Cos(2 * angle));
            double low = i == 0 ? cut : Math.Sin(Math.PI * cut * i) / (Math.PI * i);
            _taps[i + half] = ((i == 0 ? 1 : 0) - low) * window;
        }
    }

    /// <summary>In dB of all power; negative infinity for nothing.</summary>
    public double ShareDb
    {
        get
        {
            double all = (_power - (_sum * _sum / _samples)) / _samples;
            return _heard > 0 && all > 0 ? 10 * Math.Log10(_high / _heard / all) : double.NegativeInfinity;
        }
    }

    public void Push(ReadOnlySpan<float> mono)
    {
        (double sum, double power) = (_sum, _power);
        foreach (float sample in mono)
        {
            double value = sample;
            if (_factor > 1)
            {
                _part += sample;
                if (++_averaged < _factor) continue;
                value = _part / _factor;
                (_part, _averaged) = (0, 0);
            }
            sum += value;
            power += value * value;
            _samples++;
            _held[_count++] = value;
            if (_count == _held.Length) Filter();
        }
        (_sum, _power) = (sum, power);
    }

    private void Filter()
    {
        for (int at = 0; at < Stride * Steps; at += Stride)
        {
            double filtered = SpeechFrames.Dot(_taps, _held.AsSpan(at, _taps.Length));
            _high += filtered * filtered;
        }
        _heard += Steps;
        _count = _taps.Length;
        Array.Copy(_held, Stride * Steps, _held, 0, _count);
    }
}

/// <summary>Judges mono audio that arrives in pieces; memory grows by 1 kB a second.</summary>
internal sealed class QualityMeter
{
    private readonly SpeechFrames _frames;
    private readonly HighBand _highBand;
    private readonly int _rate;
    private SampleRange _range;
    private double _flat;
    private long _samples, _clipped;
    private int _run;
    private float _low = float.MaxValue, _high = float.MinValue, _last = float.NaN;

    public QualityMeter(int sampleRateHz)
    {
        _rate = sampleRateHz;
        _frames = new SpeechFrames(sampleRateHz);
        _highBand = new HighBand(sampleRateHz);
    }

    /// <summary>What samples are to be multiplied by to lie from -1 to 1, by what has come so far.</summary>
    public float Scale => _range.Scale;

    public void Push(ReadOnlySpan<float> mono)
    {
        (float low, float high, float last, int run) = (_low, _high, _last, _run);
        foreach (float sample in mono)
        {
            low = MathF.Min(low, sample);
            high = MathF.Max(high, sample);
            // Three equal samples and more at the largest value that any such run has had.
            run = sample == last ? run + 1 : 1;
            last = sample;
            if (run < 3) continue;
            double size = Math.Abs(sample);
            if (size < 0.99 * _flat) continue;
            if (size > 1.01 * _flat) _clipped = 0;
            _flat = Math.Max(_flat, size);
            _clipped += run == 3 ? 3 : 1;
        }
        (_low, _high, _last, _run) = (low, high, last, run);
        _range.Push(mono);
        _samples += mono.Length;
        _frames.Push(mono);
        _highBand.Push(mono);
    }

    /// <summary>The verdict on what has come so far.</summary>
    public RecordingQuality Judge(bool truncated = false)
    {
        float scale = Scale;
        double shift = 20 * Math.Log10(scale), seconds = (double)_samples / _rate, range = ((double)_high - _low) * scale;
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
        if ((notes & QualityRules.Unusable) == 0 && _highBand.ShareDb < -QualityRules.NarrowBandDb) notes |= QualityNotes.NarrowBand;
        double peak = 20 * Math.Log10(_range.Peak * scale);
        return new RecordingQuality(notes, TimeSpan.FromSeconds(seconds), peak, loudest, voiced * _frames.HopSeconds, clipped, scale);
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
