using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Prediction;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Reports;

/// <summary>
/// What a figure needs of a recording, gathered block by block in memory that does not grow with its length: least and greatest samples and
/// a spectrogram, in columns that are
/// joined in pairs whenever there are too many.
/// </summary>
public sealed class RecordingOutline
{
    private const int MostColumns = 4096;
    private const int LowestRateHz = 1000, HighestRateHz = 16_000;

    private readonly LogMelOptions _options;
    private readonly LogMelExtractor _extractor;
    private readonly StreamingResampler? _resampler;
    private readonly int _rate;
    private readonly List<float> _low = [], _high = [], _pending = [];
    private readonly List<float[]> _levels = [];

    // Frames that make a column, and those that the last column has already.
    private int _framesPerColumn = 1, _framesInLast;
    private long _samples, _frames;
    private bool _complete;

    /// <summary>Creates an empty outline.</summary>
    /// <param name="sampleRateHz">Frames a second of the blocks.</param>
    /// <exception cref="AudioFormatException">The rate is below 1000: there is no spectrogram to draw.</exception>
    public RecordingOutline(int sampleRateHz)
    {
        if (sampleRateHz < LowestRateHz)
            throw new AudioFormatException($"A recording to be drawn needs a rate of at least {LowestRateHz} Hz, this one has "
            + $"{sampleRateHz} Hz.");
        _rate = Math.Min(sampleRateHz, HighestRateHz);
        if (sampleRateHz > _rate) _resampler = new StreamingResampler(new Resampler(sampleRateHz, _rate));
        SampleRateHz = sampleRateHz;
        int hop = Math.Max(1, _rate / 100), length = 1 << (int)Math.Ceiling(Math.Log2(hop * 4));
        _options = new LogMelOptions
        {
            SampleRateHz = _rate,
            FftLength = length,
            WindowSamples = length,
            HopSamples = hop,
            Center = false,
            MelBands = 64,
            LowHz = 40,
            HighHz = _rate * 0.475,
            TopDb = null,
        };
        _extractor = new LogMelExtractor(_options);
        // Half a transform before the start, so that the first frame is centred on the first sample.
        _pending.AddRange(new float[length / 2]);
    }

    /// <summary>Frames a second of the blocks.</summary>
    public int SampleRateHz { get; }

    /// <summary>Takes the next block.</summary>
    /// <param name="block">Of the outline's rate, any number of channels.</param>
    /// <exception cref="ArgumentException">The block has another rate.</exception>
    /// <exception cref="InvalidOperationException">The outline is complete.</exception>
    public void Add(AudioClip block)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (_complete) throw new InvalidOperationException("The outline is complete: no block may follow.");
        if (block.SampleRateHz != SampleRateHz)
            throw new ArgumentException($"The outline has {SampleRateHz} Hz, the block {block.SampleRateHz} Hz.", nameof(block));
        AudioClip mono = block.ToMono();
        Take(_resampler is null ? mono.Samples : _resampler.Push(mono.Samples));
    }

    /// <summary>The figure's data; no block may follow.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="segments">The timeline.</param>
    /// <exception cref="InvalidOperationException">No audio came.</exception>
    public EmotionTimelineData Complete(IReadOnlyList<string> labels, IEnumerable<EmotionSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (!_complete && _resampler is not null) Take(_resampler.Complete());
        if (_samples == 0) throw new InvalidOperationException("No audio came: there is nothing to draw.");
        if (!_complete)
        {
            // Silence after the end, until every sample lies in a frame.
            _pending.AddRange(new float[_options.FftLength]);
            Frames();
        }
        _complete = true;
        int columns = _low.Count, bands = _options.MelBands;
        var levels = new float[bands * columns];
        for (int c = 0; c < columns; c++)
            for (int b = 0; b < bands; b++) levels[(b * columns) + c] = _levels[c][b];
        return new EmotionTimelineData
        {
            Seconds = (double)_samples / _rate,
            Low = _low,
            High = _high,
            LevelsDb = levels,
            SecondsPerColumn = (double)_framesPerColumn * _options.HopSamples / _rate,
            BandCentersHz = Mel.FrequenciesHz(bands + 2, _options.LowHz, _options.HighHz, _options.MelScale)[1..^1],
            Labels = labels,
            Spans = [.. segments.Select(s => new TimelineSpan(s.Start.TotalSeconds, s.End.TotalSeconds,
                s.Prediction is { IsAnswered: true } said ? said.Scores : null) { IsAbstained = s.Prediction is { Label: null } })],
        };
    }

    private void Take(ReadOnlySpan<float> mono)
    {
        _samples += mono.Length;
        _pending.AddRange(mono);
        // Enough at once that the copies below cost little.
        if (_pending.Count >= _options.FftLength + _rate) Frames();
    }

    private void Frames()
    {
        float[] samples = [.. _pending];
        int frames = _extractor.FrameCount(samples.Length), hop = _options.HopSamples, middle = (_options.FftLength / 2) - (hop / 2);
        if (frames == 0) return;
        FrameMatrix levels = _extractor.Extract(samples);
        for (int f = 0; f < frames; f++)
        {
            // Of the hop around the frame's middle what lies within the recording: the silence before and after it is none of its samples.
            long start = ((_frames + f) * hop) - (hop / 2);
            int from = (int)Math.Max(0, -start), to = (int)Math.Min(hop, _samples - start);
            if (to <= from) continue;
            ReadOnlySpan<float> part = samples.AsSpan((f * hop) + middle + from, to - from);
            float low = part[0], high = part[0];
            foreach (float sample in part) (low, high) = (Math.Min(low, sample), Math.Max(high, sample));
            var column = new float[levels.Bands];
            for (int b = 0; b < column.Length; b++) column[b] = levels.Values[(b * levels.Frames) + f];
            Join(low, high, column);
        }
        _pending.RemoveRange(0, frames * hop);
        _frames += frames;
    }

    private void Join(float low, float high, float[] levels)
    {
        if (_framesInLast == 0)
        {
            if (_low.Count == MostColumns) Halve();
            _low.Add(low);
            _high.Add(high);
            _levels.Add(levels);
        }
        else
        {
            (_low[^1], _high[^1]) = (Math.Min(_low[^1], low), Math.Max(_high[^1], high));
            for (int b = 0; b < levels.Length; b++) _levels[^1][b] = Math.Max(_levels[^1][b], levels[b]);
        }
        _framesInLast = (_framesInLast + 1) % _framesPerColumn;
    }

    private void Halve()
    {
        for (int c = 0; c < MostColumns / 2; c++)
        {
            (int a, int b) = (2 * c, (2 * c) + 1);
            (_low[c], _high[c]) = (Math.Min(_low[a], _low[b]), Math.Max(_high[a], _high[b]));
            for (int band = 0; band < _levels[a].Length; band++) _levels[a][band] = Math.Max(_levels[a][band], _levels[b][band]);
            _levels[c] = _levels[a];
        }
        foreach (List<float> list in (List<float>[])[_low, _high]) list.RemoveRange(MostColumns / 2, MostColumns / 2);
        _levels.RemoveRange(MostColumns / 2, MostColumns / 2);
        _framesPerColumn *= 2;
    }
}
