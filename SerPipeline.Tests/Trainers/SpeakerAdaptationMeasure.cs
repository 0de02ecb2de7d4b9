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
/// speed copies, five draws, scored on the clips that were not heard; and the clips in five orders, each scored with what was heard
/// before it.
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
        var settings = new ExperimentSettings { Copies = [TrainingCopy.Speed], Adapt = true };
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
            bool[] Right(NeuralModel by, IReadOnlyList<int> rows, Func<int, float[]?> offset)
            {
                IDataView view = Toys.View([.. model.Labels], false, [.. rows.Select((row, i) => new Toys.Row
                {
                    Features = offset(i) is not { } taken ? features[row] : [.. features[row].Zip(taken, (value, o) => value - o)],
                    Label = labels[row],
                })]);
                return [.. by.Transform(view).GetColumn<uint>("PredictedLabel").Zip(rows, (found, row) => found == labels[row])];
            }
            void Note(string what, IEnumerable<int> rows, IEnumerable<bool> right)
            {
                if (!said.TryGetValue(what, out List<(string, bool)>? all)) said[what] = all = [];
                all.AddRange(rows.Zip(right, (row, isRight) => (model.Labels[(int)labels[row] - 1], isRight)));
            }
            void Score(string what, NeuralModel by, IReadOnlyList<int> rows, float[]? offset) =>
                Note(what, rows, Right(by, rows, _ => offset));
            // In an order in which the clips might come: from the eleventh on those before are known.
            void Causal(string what, int[] order)
            {
                var voice = new HeardVoice(adaptation);
                float[][] offsets = [.. order.Select(row =>
                {
                    voice.Hear(features[row]);
                    return voice.Offset();
                })];
                float[] After(int clips) => offsets[clips - 1];
                int[] first = order[..SpeakerAdaptation.MinimumClips], later = order[SpeakerAdaptation.MinimumClips..];
                bool[] unknown = Right(model, order, _ => null);
                bool[] before = Right(model.Adapted!, later, i => After(first.Length + i));
                bool[] itself = Right(model.Adapted!, later, i => After(first.Length + i + 1));
                Note($"{what}, all, as it goes", order, [.. unknown[..first.Length], .. before]);
                Note($"{what}, from the 11th, as it goes", later, before);
                Note($"{what}, from the 11th, as it goes, itself heard too", later, itself);
                Note($"{what}, from the 11th, unknown voice", later, unknown[first.Length..]);
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
                        float[] offset = HeardVoice.OffsetOf(adaptation, heard.Select(i => features[i]));
                        Score(what, model.Adapted!, [.. own.Except(heard)], offset);
                    }
                    foreach (int count in new[] { 1, 2, 3, 5, 10, 20 })
                        if (own.Length > count) Adapted($"{count:00} clips", [.. dealt.Take(count)]);
                    uint[] emotions = [.. dealt.Select(i => labels[i]).Distinct()];
                    int[] one = [.. dealt.Where(i => labels[i] == emotions[0]).Take(10)];
                    if (one.Length >= SpeakerEnrolment.FewestClips) Adapted("5 to 10 clips of one emotion", one);
                    Causal("causal, random order", dealt);
                    Causal("causal, emotion after emotion", [.. dealt.GroupBy(i => labels[i]).SelectMany(rows => rows)]);
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
