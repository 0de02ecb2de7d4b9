namespace SerPipeline.Benchmarks;

/// <summary>Features of clips in memory, 16 kHz, on one thread.</summary>
public class FeatureBenchmarks
{
    private const int Count = 16;
    private readonly float[][] _clips = Clips.Voices(Count, 16_000);
    private readonly LogMelExtractor _logMel = new();
    private readonly MfccExtractor _mfcc = new();
    private readonly UtteranceFeatures _utterance = new();

    [Benchmark(Description = "log-mel, one thread|clips/s", OperationsPerInvoke = Count)]
    public float LogMel() => _clips.Sum(clip => _logMel.Extract(clip).Values[0]);

    [Benchmark(Description = "MFCC, one thread|clips/s", OperationsPerInvoke = Count)]
    public float Mfcc() => _clips.Sum(clip => _mfcc.Extract(clip).Values[0]);

    [Benchmark(Description = "utterance features, one thread|clips/s", OperationsPerInvoke = Count)]
    public float Utterance() => _clips.Sum(clip => _utterance.Extract(clip)[0]);
}

/// <summary>What features are made of, on one thread.</summary>
public class SignalBenchmarks
{
    private const int Count = 4, Transforms = 1000, Length = 512;
    private readonly float[][] _clips = Clips.Voices(Count, 48_000);
    private readonly Resampler _resampler = new(48_000, 16_000);
    private readonly RealFft _fft = new(Length);
    private readonly float[] _real = new float[(Length / 2) + 1], _imaginary = new float[(Length / 2) + 1];

    [Benchmark(Description = "resampling 48 to 16 kHz, one thread|clips/s", OperationsPerInvoke = Count)]
    public float Resample() => _clips.Sum(clip => _resampler.Resample(clip)[^1]);

    [Benchmark(Description = "FFT of 512 samples, one thread|thousand/s", OperationsPerInvoke = Transforms)]
    public float Fft()
    {
        for (int n = 0; n < Transforms; n++) _fft.Forward(_clips[0].AsSpan(n * 100, Length), _real, _imaginary);
        return _real[1];
    }
}

/// <summary>From the bytes of FLAC files to log-mel spectrograms, on all cores.</summary>
public class RecordingBenchmarks
{
    /// <summary>How many recordings are read; RAVDESS has 1440, and each thirtieth is taken.</summary>
    private const int Count = 48;
    private readonly byte[][] _files = Clips.Recordings() ?? [];
    private readonly LogMelExtractor _logMel = new();

    [GlobalSetup]
    public void Check()
    {
        if (_files.Length != Count) throw new InvalidOperationException($"Expected {Count} recordings of RAVDESS, found {_files.Length}.");
    }

    [Benchmark(Description = "FLAC at 48 kHz to log-mel, all cores|clips/s", OperationsPerInvoke = Count)]
    public void FlacToLogMel() =>
        Parallel.For(0, Count, n => _logMel.Extract(AudioFile.Decode(_files[n], "recording").ToMono().Resample(16_000).Samples));
}
