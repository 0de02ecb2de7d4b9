using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

/// <summary>
/// How <see cref="GemapsFeatures"/> orders clips beside another program's eGeMAPSv02: Spearman's rank correlation of each value over the
/// clips. <c>SER_GEMAPS_WAV</c> is a folder of WAV files of 16 kHz, <c>SER_GEMAPS_CSV</c> that program's table of them, semicolons between
/// columns, with the name in the first. The table is nobody's to copy and is not kept here.
/// </summary>
public sealed class GemapsMeasure
{
    [Theory(Explicit = true)]
    [Trait("Category", "Measure")]
    [InlineData("SER_GEMAPS_WAV", "SER_GEMAPS_CSV")]
    public void Rank_correlations(string wav, string csv)
    {
        (string? folder, string? table) = (Environment.GetEnvironmentVariable(wav), Environment.GetEnvironmentVariable(csv));
        Assert.SkipWhen(folder is null || table is null, $"Set {wav} and {csv}.");
        string[][] lines = [.. File.ReadLines(table).Select(line => line.Split(';'))];
        var extractor = new GemapsFeatures();
        string[] columns = lines[0];
        float[][] ours = [.. lines.Skip(1).AsParallel().AsOrdered().Select(line =>
            extractor.Extract(AudioFile.Read(Path.Join(folder, line[0].Trim('\'') + ".wav")).ToMono().Samples))];
        double Theirs(int row, string column) => double.Parse(lines[row + 1][Array.IndexOf(columns, column)], CultureInfo.InvariantCulture);
        foreach ((string name, int slot) in extractor.Names.Select((name, i) => (name["gemaps_".Length..], i)))
        {
            string column = ColumnOf(name);
            // A standard deviation there is a share of the mean.
            bool isShare = name.EndsWith("_std", StringComparison.Ordinal) && column.EndsWith("_stddevNorm", StringComparison.Ordinal);
            Func<int, double> theirs = isShare
                ? row => Math.Abs(Theirs(row, column) * Theirs(row, column.Replace("_stddevNorm", "_amean", StringComparison.Ordinal)))
                : row => Theirs(row, column);
            double[] a = Ranks([.. ours.Select(values => (double)values[slot])]);
            double[] b = Ranks([.. Enumerable.Range(0, ours.Length).Select(theirs)]);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}|{column}|{Pearson(a, b):0.00}|{ours.Average(values => values[slot]):g4}"
                + $"|{Enumerable.Range(0, ours.Length).Average(theirs):g4}"));
        }
    }

    private static string ColumnOf(string name)
    {
        Dictionary<string, string> whole = new()
        {
            ["loudness_peaks_per_second"] = "loudnessPeaksPerSec",
            ["voiced_segments_per_second"] = "VoicedSegmentsPerSec",
            ["voiced_segment_seconds_mean"] = "MeanVoicedSegmentLengthSec",
            ["voiced_segment_seconds_std"] = "StddevVoicedSegmentLengthSec",
            ["unvoiced_segment_seconds_mean"] = "MeanUnvoicedSegmentLength",
            ["unvoiced_segment_seconds_std"] = "StddevUnvoicedSegmentLength",
            ["equivalent_level_db"] = "equivalentSoundLevel_dBp",
        };
        if (whole.TryGetValue(name, out string? found)) return found;
        string[] suffixes =
            ["_rise_mean", "_rise_std", "_fall_mean", "_fall_std", "_p20_p80", "_mean", "_std", "_cv", "_p20", "_p50", "_p80"];
        string suffix = suffixes.First(end => name.EndsWith(end, StringComparison.Ordinal));
        string statistic = suffix switch
        {
            "_rise_mean" => "meanRisingSlope",
            "_rise_std" => "stddevRisingSlope",
            "_fall_mean" => "meanFallingSlope",
            "_fall_std" => "stddevFallingSlope",
            "_p20_p80" => "pctlrange0-2",
            "_mean" => "amean",
            "_std" or "_cv" => "stddevNorm",
            _ => $"percentile{suffix[2..]}.0",
        };
        string contour = name[..^suffix.Length], own = contour.Replace("unvoiced_", "", StringComparison.Ordinal)
            .Replace("voiced_", "", StringComparison.Ordinal);
        bool isUnvoiced = contour.StartsWith("unvoiced_", StringComparison.Ordinal);
        bool isVoiced = contour.StartsWith("voiced_", StringComparison.Ordinal)
            || contour is "alpha_ratio_db" or "hammarberg_db" or "slope_0_500" or "slope_500_1500";
        string letter = isUnvoiced ? "UV" : isVoiced ? "V" : "", tail = letter == "" ? "_sma3" : "_sma3nz";
        return own switch
        {
            "f0_semitones" => "F0semitoneFrom27.5Hz_sma3nz_",
            "loudness" => "loudness_sma3_",
            "flux" => $"spectralFlux{letter}{tail}_",
            "jitter" => "jitterLocal_sma3nz_",
            "shimmer_db" => "shimmerLocaldB_sma3nz_",
            "hnr_db" => "HNRdBACF_sma3nz_",
            "h1_h2_db" => "logRelF0-H1-H2_sma3nz_",
            "h1_a3_db" => "logRelF0-H1-A3_sma3nz_",
            "alpha_ratio_db" => $"alphaRatio{letter}_sma3nz_",
            "hammarberg_db" => $"hammarbergIndex{letter}_sma3nz_",
            "slope_0_500" => $"slope{letter}0-500_sma3nz_",
            "slope_500_1500" => $"slope{letter}500-1500_sma3nz_",
            _ when own.StartsWith("mfcc", StringComparison.Ordinal) => $"{own}{letter}{tail}_",
            _ => $"F{own[1]}" + (own[3..] switch
            {
                "hz" => "frequency_sma3nz_",
                "bandwidth_hz" => "bandwidth_sma3nz_",
                _ => "amplitudeLogRelF0_sma3nz_",
            }),
        } + statistic;
    }

    // Equal values share the mean of their ranks.
    private static double[] Ranks(double[] values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) - 1) / 2.0))];

    private static double Pearson(double[] a, double[] b)
    {
        (double meanA, double meanB) = (a.Average(), b.Average());
        double Sum(double[] x, double mean, double[] y, double other) => x.Zip(y, (v, w) => (v - mean) * (w - other)).Sum();
        return Sum(a, meanA, b, meanB) / Math.Sqrt(Sum(a, meanA, a, meanA) * Sum(b, meanB, b, meanB));
    }
}
