using System.Globalization;

namespace SerPipeline.Features;

/// <summary>
/// The mean over time of each mel-frequency cepstral coefficient of a whole clip, <c>[Coefficients]</c>: the features of the published 40-number matrices.
/// Immutable and thread-safe.
/// </summary>
public sealed class PaperMfcc
{
    private readonly MfccExtractor _extractor;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the paper's when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public PaperMfcc(PaperMfccOptions? options = null)
    {
        Options = options ?? new PaperMfccOptions();
        Options.Validate();
        _extractor = new MfccExtractor(Options.ToMfcc());
        Names = SlotNames(Options.Coefficients);
    }

    /// <summary>The options.</summary>
    public PaperMfccOptions Options { get; }

    /// <summary>One name a number, in order: <c>mfcc_00</c>, <c>mfcc_01</c> and so on.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The names of a number of coefficients: <c>mfcc_00</c>, <c>mfcc_01</c> and so on, with as many digits as the last one needs and at least two.</summary>
    /// <param name="coefficients">How many, at least 1.</param>
    public static IReadOnlyList<string> SlotNames(int coefficients)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(coefficients, 1);
        string digits = $"D{Math.Max(2, (coefficients - 1).ToString(CultureInfo.InvariantCulture).Length)}";
        return [.. Enumerable.Range(0, coefficients).Select(i => $"mfcc_{i.ToString(digits, CultureInfo.InvariantCulture)}")];
    }

    /// <summary>Computes the means of one clip.</summary>
    /// <param name="mono">Samples at <see cref="PaperMfccOptions.SampleRateHz"/>, at least one.</param>
    /// <returns>As many numbers as <see cref="Names"/>, in dB times the transform's gain.</returns>
    /// <exception cref="ArgumentException">The clip is empty, or holds a sample that is no finite number.</exception>
    public float[] Extract(ReadOnlySpan<float> mono)
    {
        FrameMatrix mfcc = _extractor.Extract(mono);
        var means = new float[mfcc.Bands];
        for (int n = 0; n < means.Length; n++)
        {
            double sum = 0;
            foreach (float value in mfcc.Row(n)) sum += value;
            means[n] = (float)(sum / mfcc.Frames);
        }
        return means;
    }
}
