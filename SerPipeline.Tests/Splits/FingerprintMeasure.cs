using System.Diagnostics;
using SerPipeline.Audio;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Splits;

/// <summary>
/// Measures how far apart versions of one recording and different recordings are on whole corpora; the threshold and docs/protocols.md rest
/// on it.
/// </summary>
public class FingerprintMeasure(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [Trait("Category", "Measure")]
    [InlineData("RAVDESS")]
    [InlineData("EMO-DB")]
    [InlineData("TESS")]
    public void Distances_on_a_corpus(string corpus)
    {
        string root = Companions.Require("corpora", corpus);
        string[] paths = [.. Directory.EnumerateFiles(root, "*.flac", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        var watch = Stopwatch.StartNew();
        ClipFingerprint[] prints = [.. ClipFingerprints.Compute(paths, null, TestContext.Current.CancellationToken)];
        output.WriteLine($"{corpus}: {paths.Length} files decoded, hashed and printed in {watch.Elapsed.TotalSeconds:f1} s");
        Fingerprint[] all = [.. prints.Select(print => print.Print!)];
        output.WriteLine($"sounding frames: least {all.Min(p => p.Sounding)}, mean {all.Average(p => p.Sounding):f0}; frames "
            + $"{all.Sum(p => (long)p.Frames)}");
        watch.Restart();
        DuplicatePair[] near = NearDuplicateFinder.Find(all, 0.62);
        output.WriteLine($"all pairs by index, similarity 0.62 and more: {near.Length} in {watch.Elapsed.TotalSeconds:f1} s");
        watch.Restart();
        DuplicatePair[] twins = NearDuplicateFinder.Find(all);
        output.WriteLine($"at the threshold: {twins.Length} in {watch.Elapsed.TotalSeconds:f1} s; managed memory "
            + $"{GC.GetTotalMemory(true) / 1048576} MiB");
        foreach (DuplicatePair twin in near.OrderByDescending(twin => twin.Similarity).Take(12))
            output.WriteLine($"  {twin.Similarity:f4} {Path.GetFileName(paths[twin.A])} "
                + $"{Path.GetFileName(paths[twin.B])}{(prints[twin.A].ContentHash == prints[twin.B].ContentHash ? " same content" : "")}");
        Different(paths, prints);
        Versions(paths, all);
    }

    /// <summary>Every alignment of every sixth clip with every clip: no index, so nothing is missed.</summary>
    private void Different(string[] paths, ClipFingerprint[] prints)
    {
        var best = new double[paths.Length];
        int[] asked = [.. Enumerable.Range(0, paths.Length).Where(i => i % 6 == 0)];
        Parallel.ForEach(asked, a =>
        {
            for (int b = 0; b < paths.Length; b++)
                if (a != b && prints[a].ContentHash != prints[b].ContentHash)
                    best[a] = Math.Max(best[a], Best(prints[a].Print!, prints[b].Print!));
        });
        double[] sorted = [.. asked.Select(i => best[i]).Order()];
        output.WriteLine($"closest other recording at any alignment ({asked.Length} clips x all): median {sorted[sorted.Length / 2]:f3}, "
            + $"99 % {sorted[(int)(sorted.Length * 0.99)]:f3}, greatest {sorted[^1]:f3}");
    }

    private void Versions(string[] paths, Fingerprint[] all)
    {
        int[] chosen = [.. Enumerable.Range(0, paths.Length)
            .Where(i => i % Math.Max(1, paths.Length / 100) == 3 % Math.Max(1, paths.Length / 100))];
        AudioClip[] clips = [.. chosen.Select(i => AudioFile.Read(paths[i]).ToMono())];
        foreach ((string name, Func<AudioClip, AudioClip> change) in Perturbations.All)
        {
            Fingerprint[] changed = [.. clips.AsParallel().AsOrdered().Select(clip => Fingerprinter.Compute(change(clip)))];
            double[] similar = [.. chosen.Select((i, n) => Best(all[i], changed[n])).Order()];
            DuplicatePair[] found = NearDuplicateFinder.Find([.. chosen.Select(i => all[i]), .. changed]);
            int right = found.Count(twin => twin.B == twin.A + chosen.Length);
            output.WriteLine($"{name,-28} least {similar[0]:f3}, 5 % {similar[similar.Length / 20]:f3}, median "
                + $"{similar[similar.Length / 2]:f3}; found {right} of {chosen.Length}, wrong pairs {found.Length - right}");
        }
    }

    private static double Best(Fingerprint a, Fingerprint b)
    {
        double best = 0;
        for (int offset = -a.Frames; offset <= b.Frames; offset++) best = Math.Max(best, NearDuplicateFinder.Similarity(a, b, offset) ?? 0);
        return best;
    }
}
