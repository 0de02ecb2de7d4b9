using System.Numerics;

namespace SerPipeline.Features;

/// <summary>What <see cref="UtteranceFeatureOptions"/> come to: how each contour is computed. All contours have a frame every hop, so all have the same frames.</summary>
internal sealed class UtterancePlan
{
    /// <summary>The level that counts for anything quieter, in dB.</summary>
    public const float QuietestDb = -100;

    /// <summary>16-bit audio has its last bit at -90 dB: a clip that never gets louder than this is all pause.</summary>
    public const float AudibleDb = -80;

    public UtterancePlan(UtteranceFeatureOptions options)
    {
        Options = options;
        int rate = options.SampleRateHz, hop = options.HopSamples, window = (int)Math.Round(rate * 0.025), fft = PowerOfTwo(window);
        Mel = new LogMelOptions
        {
            SampleRateHz = rate,
            FftLength = fft,
            WindowSamples = window,
            HopSamples = hop,
            MelBands = options.MelBands,
            HighHz = Math.Min(7600, rate / 2.0),
        };
        // Octaves of contrast that start below half the rate: at 200, 400 .. 3200 Hz from 8 kHz on, and at 6400 Hz too from 16 kHz on.
        Shape = new SpectralOptions { SampleRateHz = rate, FftLength = fft, WindowSamples = window, HopSamples = hop, ContrastOctaves = rate >= 16000 ? 6 : 5 };
        Yin = new YinOptions
        {
            SampleRateHz = rate,
            LowHz = options.PitchLowHz,
            HighHz = options.PitchHighHz,
            FrameSamples = PowerOfTwo((int)(rate * 0.064)),
            HopSamples = hop,
        };
        Mel.Validate();
        Shape.Validate();
    }

    public UtteranceFeatureOptions Options { get; }

    /// <summary>Mel bands, and the spectra that all but the shape's measures are taken from.</summary>
    public LogMelOptions Mel { get; }

    /// <summary>The spectrum's shape, of the same spectra.</summary>
    public SpectralOptions Shape { get; }

    /// <summary>Pitch.</summary>
    public YinOptions Yin { get; }

    /// <summary>Samples of a frame of level and zero crossings: those of a spectrum.</summary>
    public int FrameSamples => Mel.FftLength;

    /// <summary>Bands of spectral contrast: the octaves and what lies below them.</summary>
    public int ContrastBands => Shape.ContrastOctaves + 1;

    public double SecondsPerFrame => (double)Options.HopSamples / Options.SampleRateHz;

    private static int PowerOfTwo(int atLeast) => (int)BitOperations.RoundUpToPowerOf2((uint)atLeast);
}
