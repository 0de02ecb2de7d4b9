using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Corpora;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Trainers;

/// <summary>
/// How many clips of a voice it takes, and what becomes of clips that are all of one or two emotions: linear discriminant analysis with
/// speed copies, five draws, scored on the clips that were not heard.
/// </summary>
public sealed class SpeakerAdaptationMeasure
{
    private const int Draws = 5;

    [Theory(Explicit = true)]
    [Trait("Category", "Measure")]
    [InlineData("ravdess", "RAVDESS", SplitProtocol.SpeakerFolds)]
    [InlineData("emodb", "EMO-DB", SplitProtocol.LeaveOneSpeakerOut)]
    [InlineData("tess", "TESS", SplitProtocol.LeaveOneSpeakerOut)]
    public void Clips_and_their_emotions(string name, string folder, string protocol)
    {
        Corpus corpus = CorpusLoader.Load(name, Companions.Require("corpora", folder));
        var context = ExperimentContext.Create(42, new AudioReading
        {
            CacheDirectory = Path.Combine(Path.GetTempPath(), "serpipeline-measure"),
        });
        var settings = new ExperimentSettings { SpeedCopies = true, Adapt = true };
        IDataView clips = context.Ml.Data.LoadCorpus(corpus);
        var said = new SortedDictionary<string, List<(string Truth, bool Right)>>(StringComparer.Ordinal);
        var shrinkages = new List<double>();
        foreach (PlannedFold fold in SplitPlanner.Create(corpus, new SplitRequest { Protocol = protocol }).Folds)
        {
            DataOperationsCatalog.TrainTestData parts = context.Ml.Data.ApplySplit(clips, fold.Split);
            TrainerChain chain = TrainerChains.Create(context, TrainerChains.Lda, settings, context.Ml.Data.LabelValues(clips), _ => { },
                TestContext.Current.CancellationToken, speakers: true);
            ITransformer[] stages = [.. ChainStages.Flatten(chain.Estimator.Fit(parts.TrainSet))];
            NeuralModel model = stages.OfType<NeuralModel>().Single();
            SpeakerAdaptation adaptation = model.Adaptation!;
            shrinkages.Add(adaptation.Shrinkage);
            IDataView test = stages.TakeWhile(stage => stage != model).Aggregate(parts.TestSet, (view, stage) => stage.Transform(view));
            float[][] features = [.. test.GetColumn<float[]>("Features")];
            uint[] labels = [.. test.GetColumn<uint>("Label")];
            string[] speakers = [.. test.GetColumn<string>("Speaker")];
            void Score(string what, NeuralModel by, IReadOnlyList<int> rows, float[]? offset)
            {
                IDataView view = Toys.View([.. model.Labels], false, [.. rows.Select(i => new Toys.Row
                {
                    Features = offset is null ? features[i] : [.. features[i].Zip(offset, (value, o) => value - o)],
                    Label = labels[i],
                })]);
                uint[] found = [.. by.Transform(view).GetColumn<uint>("PredictedLabel")];
                if (!said.TryGetValue(what, out List<(string, bool)>? all)) said[what] = all = [];
                all.AddRange(rows.Select((row, i) => (model.Labels[(int)labels[row] - 1], found[i] == labels[row])));
            }
            foreach (string speaker in speakers.Distinct())
            {
                int[] own = [.. Enumerable.Range(0, speakers.Length).Where(i => speakers[i] == speaker)];
                Score("0 unknown voice", model, own, null);
                for (int draw = 0; draw < Draws; draw++)
                {
                    int[] dealt = [.. own];
                    new SeededRandom(draw).Fork(speaker).Shuffle<int>(dealt);
                    void Adapted(string what, IReadOnlyList<int> heard)
                    {
                        if (heard.Count == 0) return;
                        float[] offset = SpeakerAdaptation.OffsetOf([.. heard.Select(i => features[i])], adaptation.Center,
                            adaptation.Shrinkage);
                        Score(what, model.Adapted!, [.. own.Except(heard)], offset);
                    }
                    foreach (int count in new[] { 1, 2, 3, 5, 10, 20 })
                        if (own.Length > count) Adapted($"{count:00} clips", [.. dealt.Take(count)]);
                    uint[] emotions = [.. dealt.Select(i => labels[i]).Distinct()];
                    int[] one = [.. dealt.Where(i => labels[i] == emotions[0]).Take(10)];
                    if (one.Length >= SpeakerEnrolment.FewestClips) Adapted("5 to 10 clips of one emotion", one);
                    Adapted("10 clips of two emotions", [.. dealt.Where(i => emotions.Take(2).Contains(labels[i])).Take(10)]);
                }
            }
        }
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: k from {shrinkages.Min():0.00} to {shrinkages.Max():0.00}"));
        foreach ((string what, List<(string Truth, bool Right)> all) in said)
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {what}: UAR {all.GroupBy(row => row.Truth).Average(rows => rows.Average(row => row.Right ? 1.0 : 0)):0.000}"));
        Assert.NotEmpty(said);
    }
}
