using SerPipeline.Audio;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Reports.Plots;
using SerPipeline.Tests.Evaluation;


namespace SerPipeline.Tests.Reports;

/// <summary>Reports of made-up runs with everything that a report can show.</summary>
internal static class ReportSamples
{
    public static readonly string[] Emotions = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    /// <summary>
    /// Predictions of eight classes: half of the clips right, the rest taken for the next class, each with a rather sure model.
    /// </summary>
    public static PredictionSet Predictions(int speakers, int clips, string[]? labels = null)
    {
        labels ??= Emotions;
        var random = new SeededRandom((speakers * 1000) + clips);
        return new PredictionSet(labels, [.. Enumerable.Range(0, clips).Select(i =>
        {
            int speaker = i % speakers, truth = i / speakers % labels.Length;
            int said = random.NextDouble() < 0.55 + (0.01 * speaker) ? truth : random.NextDouble() < 0.6
                ? (truth + 1) % labels.Length : random.Next(labels.Length);
            double sure = 0.3 + (0.7 * random.NextDouble() * 0.999);
            double rest = (1 - sure) / (labels.Length - 1);
            // The rest is less than the chosen class's: the label said is the most probable one.
            sure = Math.Max(sure, 1.01 / labels.Length);
            float[] p = [.. labels.Select((_, k) => (float)(k == said ? sure : rest))];
            return new ClipPrediction
            {
                Path = $"Actor_{speaker + 1:00}/03-01-{truth + 1:00}-01-01-{i:0000}-{speaker + 1:00}.wav",
                Speaker = $"{speaker + 1:00}",
                Sex = speaker % 2 == 0 ? "male" : "female",
                Label = labels[truth],
                Predicted = labels[said],
                Probabilities = p,
            };
        })]);
    }

    /// <summary>The metrics of predictions with everything that a run can have.</summary>
    public static RunMetrics Metrics(PredictionSet predictions, string protocol, int? fold, long seed = 1)
    {
        string[] speakers = [.. predictions.Rows.Select(row => row.Speaker!).Distinct().Order(StringComparer.Ordinal)];
        RunMetrics run = RunMetrics.From(new RunProtocol
        {
            Dataset = "ravdess",
            Trainer = "mlp",
            Protocol = protocol,
            Fold = fold,
            Seed = seed,
            TrainClips = 1000,
            ValidationClips = 120,
            HeldOutSpeakers = speakers,
            SharedSpeakers = [],
            LeakCheck = new RunLeakCheck { OfTrainingSpeakers = 0, SameContent = 0, NearDuplicates = 0, Touched = 0 },
        }, predictions.ToReport());
        RunReliabilityBin[] bins = Bins(predictions);
        return run with
        {
            Intervals = new RunIntervals
            {
                Confidence = 0.95,
                Unit = "speaker",
                Units = speakers.Length,
                Draws = 2000,
                Seed = 1,
                Uar = [run.Uar - 0.06, run.Uar + 0.05],
                Accuracy = [run.Accuracy - 0.06, run.Accuracy + 0.05],
                MacroF1 = [run.MacroF1 - 0.06, run.MacroF1 + 0.05],
                Caution = speakers.Length < 10 ? $"There are {speakers.Length} speakers only; the bootstrap is unreliable below 10." : null,
            },
            Calibration = new RunCalibration
            {
                Bins = bins.Length,
                Ece = 0.123,
                Temperature = 1.62,
                ScaledEce = 0.034,
                ScaledLogLoss = 1.12,
                Reliability = bins,
                ScaledReliability = [.. bins.Select(b => b with { Confidence = (0.8 * b.Accuracy) + (0.2 * b.Confidence) })],
            },
            BySpeaker = [.. predictions.BySpeaker().Select(Group)],
            BySex = [.. predictions.BySex().Select(Group)],
            People = new RunPeople(0.6, "Livingstone and Russo 2018: eight choices and 'none of these'"),
        };

        static RunGroup Group(GroupMetrics g) => new(g.Group, g.Report.Support, g.Report.Uar, g.Report.Accuracy, g.Report.Macro.F1);
    }

    /// <summary>A report of folds with curves, pooled metrics, clips with sound, and a model card.</summary>
    /// <param name="folder">Where the clips' audio is written.</param>
    /// <param name="folds">How many folds; 1 for a single split.</param>
    /// <param name="speakers">How many speakers.</param>
    public static ReportContent Full(string folder, int folds, int speakers)
    {
        string protocol = folds == 1 ? "speaker-independent" : "leave-one-speaker-out";
        PredictionSet all = Predictions(speakers, speakers * 60);
        RunMetrics[] runs = folds == 1 ? [Metrics(all, protocol, null)]
            : [.. Enumerable.Range(1, folds)
                .Select(f => Metrics(new PredictionSet(all.Labels, [.. all.Rows.Where((_, i) => i % speakers % folds == f - 1)]), protocol,
                    f))];
        RunMetrics pooled = Metrics(all, protocol, null);
        return new ReportContent
        {
            Title = $"mlp on RAVDESS, {protocol}",
            Runs = runs,
            Pooled = folds == 1 ? [] : [pooled],
            Predictions = all,
            Curves = [.. Enumerable.Range(1, folds).Select(f => new ReportCurves($"fold {f}", Curves(40 + (f * 7 % 20), f)))],
            Clips = ConfidentMistakes.Collect(all, clip => Audio(folder, clip), new() { Count = 4, MaxSeconds = 2 }),
            ClipLicence = "CC BY-NC-SA 4.0",
            Card = ModelCard.From(pooled, new ModelCardFacts
            {
                Model = "A multilayer perceptron on utterance statistics",
                Data = [new("RAVDESS", "CC BY-NC-SA 4.0", "training and test", 1440, 24)],
                Training = [new("parameters", "123456"), new("epochs", "100, the best kept")],
            }),
            Run = RunRecordTests.Record(),
            Notes = ["RAVDESS is not free for commercial use."],
        };
    }

    /// <summary>Learning curves that fall and rise as such curves do.</summary>
    public static TrainingCurves Curves(int epochs, int seed)
    {
        var random = new SeededRandom(seed);
        double[] falling = [.. Enumerable.Range(0, epochs).Select(e => (2 * Math.Exp(-e / 15.0)) + (0.1 * random.NextDouble()))];
        return new TrainingCurves
        {
            TrainLoss = falling,
            ValidationLoss = [.. falling.Select(l => l + 0.3 + (0.1 * random.NextDouble()))],
            TrainAccuracy = [.. falling.Select(l => 1 - (l / 2.5))],
            ValidationAccuracy = [.. falling.Select(l => 0.7 - (l / 3.5) + (0.05 * random.NextDouble()))],
            BestEpoch = epochs - 5,
        };
    }

    /// <summary>A clip of 3 s at 48 kHz in two channels: a tone that rises and grows softer.</summary>
    private static string Audio(string folder, ClipPrediction clip)
    {
        string path = Path.Combine(folder, Path.GetFileName(clip.Path));
        const int rate = 48_000;
        float[] samples = new float[rate * 3 * 2];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = i / 2 / (double)rate;
            samples[i] = (float)(0.5 * Math.Exp(-t) * Math.Sin(2 * Math.PI * ((200 * t) + (300 * t * t))));
        }
        WavWriter.Write(path, new AudioClip(samples, rate, 2));
        return path;
    }

    private static RunReliabilityBin[] Bins(PredictionSet predictions, int bins = 15) => [.. Enumerable.Range(0, bins).Select(b =>
    {
        ClipPrediction[] rows = [.. predictions.Rows.Where(row => Math.Min(bins - 1, (int)(row.Probabilities.Max() * bins)) == b)];
        return new RunReliabilityBin((double)b / bins, (b + 1.0) / bins, rows.Length,
            rows.Length == 0 ? 0 : rows.Average(row => row.Probabilities.Max()),
                rows.Length == 0 ? 0 : rows.Average(row => row.Predicted == row.Label ? 1.0 : 0));
    })];
}
