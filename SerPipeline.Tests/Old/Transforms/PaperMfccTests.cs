using System.Diagnostics;
using System.Globalization;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Old.Transforms;

/// <summary>
/// The chain of the paper beside its published matrix, which an independent program computed in float32. Coefficients reach some 600, where one step of
/// float32 is 6e-5: what is left is the rounding of that program.
/// </summary>
public sealed class PaperMfccTests(ITestOutputHelper output)
{
    // Measured over all clips: median 1.75e-4, greatest 9.9e-4.
    private const double MedianLimit = 3e-4, GreatestLimit = 2e-3;

    [Fact]
    public void A_sample_of_clips_matches_the_published_rows()
    {
        // Every 24th row: clips of every actor.
        double[] errors = Errors(Enumerable.Range(0, Files().Length).Where(i => i % 24 == 0));
        Assert.Equal(60, errors.Length);
        Assert.True(errors.Max() < GreatestLimit, Summary(errors));
        Assert.True(Median(errors) < MedianLimit, Summary(errors));
    }

    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void All_clips_match_the_published_rows()
    {
        string[] files = Files();
        var clock = Stopwatch.StartNew();
        double[] errors = Errors(Enumerable.Range(0, files.Length));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Summary(errors)}, {clock.Elapsed.TotalSeconds:F1} s"));
        foreach (int row in Enumerable.Range(0, errors.Length).OrderByDescending(i => errors[i]).Take(12))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files[row]} {errors[row]:G4}"));
        Assert.Equal(1440, errors.Length);
        Assert.True(errors.Max() < GreatestLimit, Summary(errors));
        Assert.True(Median(errors) < MedianLimit, Summary(errors));
    }

    // The greatest difference in each row.
    private static double[] Errors(IEnumerable<int> rows)
    {
        int[] chosen = [.. rows];
        string[] files = Files();
        NpyArray<float> expected = NpyFile.Read<float>(Companions.Require("golden", "paper", "original_X.npy"));
        Assert.Equal([files.Length, 40], expected.Shape);
        string corpus = Companions.Require("corpora", "RAVDESS");
        var ser = new SerContext(options: new() { BadClips = BadClipRule.Throw });
        IDataView clips = ser.Data.LoadFiles(chosen.Select(row => Path.Combine(corpus, $"Actor_{files[row][18..20]}", $"{files[row][..20]}.flac")));
        using var model = ser.Transforms.LoadAudio(LoadAudioOptions.Paper).Append(ser.Transforms.PaperMfcc()).Fit(clips);
        VBuffer<float>[] got = [.. model.Transform(clips).GetColumn<VBuffer<float>>("Features")];
        Assert.Equal(chosen.Length, got.Length);
        return [.. chosen.Select((row, i) => Enumerable.Range(0, 40).Max(k => Math.Abs((double)got[i].GetValues()[k] - expected.Values[(row * 40) + k])))];
    }

    private static string[] Files() =>
        [.. File.ReadLines(Companions.Require("golden", "paper", "original_rows.csv")).Skip(1).Select(line => line.Split(',')[0])];

    private static double Median(double[] errors) => errors.Order().ElementAt(errors.Length / 2);

    private static string Summary(double[] errors) => string.Create(
        CultureInfo.InvariantCulture, $"{errors.Count(e => e <= 0.05)} of {errors.Length} rows within 0.05, median {Median(errors):G4}, greatest {errors.Max():G4}");
}
