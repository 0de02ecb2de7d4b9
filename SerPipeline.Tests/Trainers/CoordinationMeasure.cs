using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Corpora;
using SerPipeline.Features;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Trainers;

/// <summary>
/// How many coefficients should be correlated, by folds of the training speakers alone: linear discriminant analysis with speed copies,
/// five
/// inner folds of the training speakers of every outer fold, whose test speakers are not looked at.
/// </summary>
public sealed class CoordinationMeasure
{
    private const int Most = 14, InnerFolds = 5;

    [Theory(Explicit = true)]
    [Trait("Category", "Measure")]
    [InlineData("ravdess", "RAVDESS", SplitProtocol.SpeakerFolds)]
    [InlineData("emodb", "EMO-DB", SplitProtocol.LeaveOneSpeakerOut)]
    public void Correlated_coefficients(string name, string folder, string protocol)
    {
        Corpus corpus = CorpusLoader.Load(name, Companions.Require("corpora", folder));
        var ml = new MLContext(42);
        IDataView clips = ml.Data.LoadCorpus(corpus);
        var options = new UtteranceFeatureOptions { CorrelatedCoefficients = Most };
        float[][][] copies = [.. new[] { 1, 0.9, 1.1 }.Select(speed => ml.Transforms.LoadAudio("Waveform", "Path",
                reading: new AudioReading { Speed = speed })
            .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform", options)).Fit(clips).Transform(clips)
            .GetColumn<float[]>("Features").ToArray())];
        string[] speakers = [.. corpus.Clips.Select(clip => clip.Speaker!)];
        int[] classes = [.. corpus.Clips.Select(clip => corpus.Labels.ToList().IndexOf(clip.Label))];
        IReadOnlyList<string> names = new UtteranceFeatures(options).Names;
        PlannedFold[] folds = [.. SplitPlanner.Create(corpus, new SplitRequest { Protocol = protocol }).Folds];
        var results = new List<double>();
        foreach (int count in new[] { 0, 6, 10, Most })
        {
            IReadOnlyList<string> kept = new UtteranceFeatures(options with { CorrelatedCoefficients = count }).Names;
            int[] slots = [.. kept.Select(slot => names.ToList().IndexOf(slot))];
            double[] inner = [.. folds.AsParallel().AsOrdered().Select(fold =>
                Inner([.. fold.Split.Train], copies, slots, classes, speakers, corpus.Labels.Count))];
            results.Add(inner.Average());
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {count} coefficients, {slots.Length} values: UAR on training speakers {inner.Average():0.000}, "
                + $"{inner.Min():0.000} to {inner.Max():0.000} by outer fold"));
        }
        // What was chosen is better than none.
        Assert.True(results[2] > results[0]);
    }

    private static double Inner(int[] train, float[][][] copies, int[] slots, int[] classes, string[] speakers, int labels)
    {
        string[] people = [.. train.Select(i => speakers[i]).Distinct().Order(StringComparer.Ordinal)];
        var right = new List<(int Truth, bool Right)>();
        for (int fold = 0; fold < InnerFolds; fold++)
        {
            ILookup<bool, int> parts = train.ToLookup(i => Array.IndexOf(people, speakers[i]) % InnerFolds == fold);
            (float[] Row, int Class)[] rows = [.. copies.SelectMany(copy => parts[false].Select(i => (Of(copy[i]), classes[i])))];
            double[] mean = [.. slots.Select((_, j) => rows.Average(row => (double)row.Row[j]))];
            double[] deviation = [.. mean.Select((m, j) => Math.Sqrt(rows.Average(row => (row.Row[j] - m) * (row.Row[j] - m))))];
            float[] Standard(float[] row) => [.. row.Select((v, j) => deviation[j] > 1e-9 ? (float)((v - mean[j]) / deviation[j]) : 0)];
            LinearDiscriminant discriminant = LinearDiscriminant.Fit([.. rows.Select(row => Standard(row.Row))],
                [.. rows.Select(row => row.Class)], labels, new LinearDiscriminantOptions().Shrinkage);
            foreach (int i in parts[true])
            {
                double[] scores = discriminant.Scores(Standard(Of(copies[0][i])));
                right.Add((classes[i], Array.IndexOf(scores, scores.Max()) == classes[i]));
            }
        }
        return right.GroupBy(row => row.Truth).Average(rows => rows.Average(row => row.Right ? 1.0 : 0));

        float[] Of(float[] row) => Array.ConvertAll(slots, j => row[j]);
    }
}
