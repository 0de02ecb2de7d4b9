namespace SerPipeline.Audio;

/// <summary>What one analysis frame of 45 ms holds.</summary>
/// <param name="LevelDb">Power without the mean, in dB of full scale.</param>
/// <param name="Voicing">Highest normalised cross-correlation at the lags of voices, -1 to 1.</param>
/// <param name="PitchHz">The rate of that lag.</param>
/// <param name="Tilt">First normalised autocorrelation, -1 to 1: near 1 for vowels, below 0 for sibilants.</param>
/// <param name="GainDb">Prediction gain of a linear predictor: 10 to 30 for voices, above 40 for a few pure tones.</param>
internal readonly record struct SpeechFrame(float LevelDb, float Voicing, float PitchHz, float Tilt, float GainDb);

/// <summary>Cuts mono audio that arrives in pieces into frames of 45 ms, one each 20 ms, at its rate over a whole number, near
/// 8 kHz.</summary>
internal sealed class SpeechFrames
{
    private const int Order = 10;
    private const double Emphasis = 0.95;

    // In samples: 30 ms, 15 ms (67 Hz), 2 ms (500 Hz), 20 ms and 45 ms.
    private readonly int _window, _longestLag, _shortestLag, _hop, _length;
    private readonly int _factor;
    private readonly double _rate;
    private readonly float[] _buffer;
    private readonly double[] _x, _y, _hann;
    private double _sum;
    private float _before;
    private int _summed, _held;

    public SpeechFrames(int sampleRateHz)
    {
        _factor = Math.Max(1, (int)Math.Round(sampleRateHz / 8000.0));
        _rate = (double)sampleRateHz / _factor;
        // At less than 1 kHz, which no speech is recorded at, frames are longer.
        int Samples(double milliseconds) => (int)Math.Round(milliseconds * Math.Max(1000, _rate) / 1000);
        (_window, _longestLag, _shortestLag, _hop) = (Samples(30), Samples(15), Samples(2), Samples(20));
        _length = _window + _longestLag;
        (_buffer, _x, _y) = (new float[_length], new double[_length], new double[_length]);
        _hann = [.. Enumerable.Range(0, _length).Select(i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / _length)))];
    }

    /// <summary>From one frame to the next.</summary>
    public double HopSeconds => _hop / _rate;

    public List<SpeechFrame> Frames { get; } = new List<SpeechFrame>();

    public void Push(ReadOnlySpan<float> mono)
    {
        foreach (float sample in mono)
        {
            _sum += sample;
            if (++_summed < _factor) continue;
            // The mean is the low-pass filter; at 8 kHz neighbours are averaged in its place.
            _buffer[_held++] = _factor == 1 ? (sample + _before) / 2 : (float)(_sum / _factor);
            _before = sample;
            (_sum, _summed) = (0, 0);
            if (_held < _length) continue;
            Frames.Add(Analyze());
            Array.Copy(_buffer, _hop, _buffer, 0, _length - _hop);
            _held = _length - _hop;
        }
    }

    private SpeechFrame Analyze()
    {
        double mean = 0, power = 0;
        foreach (float sample in _buffer) mean += sample;
        mean /= _length;
        for (int i = 0; i < _length; i++)
        {
            _x[i] = _buffer[i] - mean;
            power += _x[i] * _x[i];
            _y[i] = i == 0 ? 0 : _x[i] - (Emphasis * _x[i - 1]);
        }
        _y[0] = _y[1];
        if (power == 0) return new SpeechFrame(-200, 0, 0, 0, 0);
        (double voicing, int lag) = Periodicity();
        return new SpeechFrame((float)Math.Max(-200, 10 * Math.Log10(power / _length)), (float)voicing, (float)(_rate / lag),
            (float)Tilt(), (float)PredictionGain());
    }

    private (double Voicing, int Lag) Periodicity()
    {
        ReadOnlySpan<double> y = _y, start = y[.._window];
        double first = Dot(start, start), best = 0, later = Dot(y.Slice(_shortestLag, _window), y.Slice(_shortestLag, _window));
        Span<double> scores = stackalloc double[_longestLag + 1];
        for (int lag = _shortestLag; lag <= _longestLag; lag++)
        {
            scores[lag] = Dot(start, y.Slice(lag, _window)) / Math.Sqrt((first * later) + 1e-30);
            best = Math.Max(best, scores[lag]);
            if (lag < _longestLag) later += (_y[_window + lag] * _y[_window + lag]) - (_y[lag] * _y[lag]);
        }
        // Of lags that are multiples of a period the first.
        int at = _shortestLag;
        while (at < _longestLag && !(scores[at] >= 0.9 * best && scores[at] >= scores[at + 1])) at++;
        return (best, at);
    }

    /// <summary>The sum of products, added up in the same order on every processor.</summary>
    /// <param name="a">Values.</param>
    /// <param name="b">As many.</param>
    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ReadOnlySpan<Vector256<double>> x = MemoryMarshal.Cast<double, Vector256<double>>(a),
            y = MemoryMarshal.Cast<double, Vector256<double>>(b[..a.Length]);
        // Four independent sums for throughput.
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + 4 <= x.Length; i += 4)
        {
            s0 += x[i] * y[i];
            s1 += x[i + 1] * y[i + 1];
            s2 += x[i + 2] * y[i + 2];
            s3 += x[i + 3] * y[i + 3];
        }
        for (; i < x.Length; i++) s0 += x[i] * y[i];
        double sum = Vector256.Sum(s0 + s1 + (s2 + s3));
        for (i *= 4; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private double Tilt()
    {
        ReadOnlySpan<double> x = _x, start = x[..^1];
        return Dot(start, x[1..]) / (Dot(start, start) + 1e-30);
    }

    // Levinson and Durbin on the autocorrelation of the Hann-windowed frame.
    private double PredictionGain()
    {
        Span<double> r = stackalloc double[Order + 1], a = stackalloc double[Order + 1], previous = stackalloc double[Order + 1];
        for (int i = 0; i < _length; i++) _y[i] *= _hann[i];
        for (int lag = 0; lag <= Order; lag++) r[lag] = Dot(_y.AsSpan(lag), _y.AsSpan(..^lag));
        double error = r[0];
        if (error <= 0) return 0;
        for (int m = 1; m <= Order; m++)
        {
            double sum = r[m];
            for (int i = 1; i < m; i++) sum -= a[i] * r[m - i];
            double reflection = sum / error;
            a.CopyTo(previous);
            a[m] = reflection;
            for (int i = 1; i < m; i++) a[i] = previous[i] - (reflection * previous[m - i]);
            error *= 1 - (reflection * reflection);
            if (error <= r[0] * 1e-12) break;
        }
        return 10 * Math.Log10(r[0] / Math.Max(error, r[0] * 1e-12));
    }
}
