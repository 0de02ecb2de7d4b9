using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Features;

/// <summary>Every feature beside librosa's on five recordings: three of RAVDESS (48 kHz, one of them stereo), one of EMO-DB (16 kHz), one
/// of TESS (24414 Hz). Elementwise: |got - expected| &lt;= relative * |expected| + absolute. The references are float32, computed by
/// librosa 0.10 from a double-precision transform, so what separates us is float32 rounding, one or a few times 6e-8 of the greatest term
/// of each sum.</summary>
public class GoldenTests
{
    private const int Fft = 2048, Hop = 512, Mels = 128;

    public static TheoryData<string> Clips { get; } =
    [
        "RAVDESS/Actor_01/03-01-05-02-01-01-01", "RAVDESS/Actor_02/03-01-04-01-02-02-02", "RAVDESS/Actor_01/03-01-02-01-01-02-01",
        "EMO-DB/03a01Fa", "TESS/OAF_angry/OAF_back_angry",
    ];

    [Theory, MemberData(nameof(Clips))]
    public void Spectra(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        // Strictly relative: every bin, however weak, keeps 6 digits. The floor only stands for exact zeros.
        Compare(golden, "stft_magnitude", new Stft(Set(new StftOptions(), audio)).Magnitude(audio.Samples), relative: 1e-6,
            absolute: 1e-12);
        // Sums of at most 60 positive terms, each rounded to float32.
        Compare(golden, "mel_power",
            new LogMelExtractor(MelOptions(audio) with { Compression = LogCompression.None }).Extract(audio.Samples),
            relative: 5e-6, absolute: 1e-14);
        // 5e-6 relative is 2e-5 dB, and -80 dB in float32 is rounded to 4e-6.
        Compare(golden, "logmel_db", new LogMelExtractor(MelOptions(audio)).Extract(audio.Samples), relative: 0, absolute: 5e-5);
    }

    [Theory, MemberData(nameof(Clips))]
    public void Mel_filters(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        var bank = new MelFilterBank(audio.SampleRateHz, Fft, Mels, 0, audio.SampleRateHz / 2.0);
        // librosa rounds the triangle to float32 before scaling it: at its foot that is 6e-8 of the peak, 0.04.
        Compare(golden, "mel_filterbank", new FrameMatrix(Mels, bank.Bins, bank.ToDense()), relative: 1e-6, absolute: 1e-8);
    }

    [Theory, MemberData(nameof(Clips))]
    public void Cepstra_and_their_deltas(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        FrameMatrix mfcc = new MfccExtractor(new() { Mel = MelOptions(audio), Coefficients = 40 }).Extract(audio.Samples);
        // SciPy sums 128 values of up to 80 dB in float32: 900 has a rounding step of 6e-5.
        Compare(golden, "mfcc40", mfcc, relative: 0, absolute: 5e-4);
        Compare(golden, "mfcc40_delta", Deltas.Compute(mfcc), relative: 0, absolute: 1e-4);
    }

    [Theory, MemberData(nameof(Clips))]
    public void Chroma_level_and_zero_crossings(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        // Float32 sums of 1025 terms whose weights librosa rounds to float32; the greatest class is 1.
        Compare(golden, "chroma_stft", new Chroma(Set(new ChromaOptions(), audio)).Extract(audio.Samples), relative: 1e-5, absolute: 1e-6);
        // Counts divided by 2048: exact.
        Compare(golden, "zcr", new ZeroCrossings(new() { FrameSamples = Fft, HopSamples = Hop }).Extract(audio.Samples), relative: 0,
            absolute: 0);
        Compare(golden, "rms", new Rms(new() { FrameSamples = Fft, HopSamples = Hop }).Extract(audio.Samples), relative: 1e-6,
            absolute: 1e-12);
    }

    [Theory, MemberData(nameof(Clips))]
    public void Spectral_shape(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        var spectral = new Spectral(Set(new SpectralOptions(), audio));
        // Float32 sums of 1025 positive terms.
        Compare(golden, "spectral_centroid", spectral.Centroid(audio.Samples), relative: 1e-6, absolute: 1e-6);
        Compare(golden, "spectral_bandwidth", spectral.Bandwidth(audio.Samples), relative: 1e-6, absolute: 1e-6);
        // A mean of 1025 logarithms of about -20, exponentiated: librosa's float32 sum is off by some 1e-6.
        Compare(golden, "spectral_flatness", spectral.Flatness(audio.Samples), relative: 1e-5, absolute: 0);
        // Decibels of up to 80 in float32, two of them.
        Compare(golden, "spectral_contrast", spectral.Contrast(audio.Samples), relative: 0, absolute: 5e-5);
        // A bin's frequency: a running float32 sum that meets the threshold within rounding may stop one bin aside. None of these frames
        // does, and one is allowed.
        FrameMatrix rollOff = spectral.RollOff(audio.Samples);
        double bin = (double)audio.SampleRateHz / Fft;
        int differing = Compare(golden, "spectral_rolloff", rollOff, relative: 1e-6, absolute: 0, allowed: 1);
        if (differing > 0) Compare(golden, "spectral_rolloff", rollOff, relative: 0, absolute: 1.01 * bin);
    }

    [Theory, MemberData(nameof(Clips))]
    public void Pitch(string clip)
    {
        (AudioClip audio, string golden) = Open(clip);
        PitchTrack track = new Yin(new() { SampleRateHz = audio.SampleRateHz, FrameSamples = Fft, HopSamples = Hop })
            .Extract(audio.Samples);
        // The same trough gives the same pitch to float32 rounding of librosa's energies, magnified by the parabola. In unvoiced frames two
        // troughs can be equally deep within rounding: 1 % of frames may choose another one. None of these does.
        Compare(golden, "yin_f0", track.F0Hz, relative: 1e-5, absolute: 0, allowed: track.F0Hz.Frames / 100);
    }

    private static (AudioClip Audio, string Golden) Open(string clip)
    {
        AudioClip audio = AudioFile.Read(Companions.Require(["corpora", .. $"{clip}.flac".Split('/')])).ToMono();
        return (audio, Path.Combine(Companions.Require("golden", "librosa"), clip.Split('/')[^1]));
    }

    private static TOptions Set<TOptions>(TOptions options, AudioClip audio) where TOptions : SpectrumOptions
        => options with { SampleRateHz = audio.SampleRateHz, FftLength = Fft, WindowSamples = Fft, HopSamples = Hop };

    private static LogMelOptions MelOptions(AudioClip audio)
        => Set(new LogMelOptions { MelBands = Mels, LowHz = 0, HighHz = audio.SampleRateHz / 2.0 }, audio);

    // Returns how many elements differ by more than the tolerance; fails when more than allowed do.
    private static int Compare(string golden, string feature, FrameMatrix got, double relative, double absolute, int allowed = 0)
    {
        NpyArray<float> expected = NpyFile.Read<float>($"{golden}.{feature}.npy");
        Assert.Equal(expected.Shape, new[] { got.Bands, got.Frames });
        int differing = 0;
        string worst = "";
        double most = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            double distance = Math.Abs((double)got.Values[i] - expected.Values[i]);
            double tolerance = (relative * Math.Abs(expected.Values[i])) + absolute;
            if (distance <= tolerance) continue; // a NaN is never within tolerance
            differing++;
            if (distance / tolerance < most) continue;
            most = distance / tolerance;
            worst = $"band {i / got.Frames}, frame {i % got.Frames}: {got.Values[i]}, expected {expected.Values[i]}";
        }
        Assert.True(differing <= allowed, $"{feature}: {differing} of {expected.Values.Length} differ, allowed {allowed}; "
            + $"worst at {worst}");
        return differing;
    }
}
