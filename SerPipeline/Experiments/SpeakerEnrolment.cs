using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What an adapted model said about test clips.</summary>
/// <param name="Predictions">Each clip once, from the first draw in which it was not among its speaker's enrolled clips.</param>
/// <param name="Draws">Each draw's predictions on the clips that were not enrolled in it.</param>
internal sealed record EnrolledPredictions(PredictionSet Predictions, IReadOnlyList<PredictionSet> Draws);

/// <summary>
/// Scores test clips with a model that has heard some random clips of each test speaker before, without their emotions. A clip is never
/// scored in a draw that enrolled it.
/// </summary>
/// <param name="clips">Clips enrolled of each speaker.</param>
/// <param name="seed">Decides the draws.</param>
internal sealed class SpeakerEnrolment(int clips, int seed)
{
    public const int Draws = 5;

    /// <summary>Scores the rows.</summary>
    /// <param name="model">The fitted chain.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="plain">What the model said about them as unknown voices, in their order.</param>
    /// <exception cref="CorpusException">A speaker has too few clips to enrol some and score others.</exception>
    public EnrolledPredictions Score(ITransformer model, IDataView test, PredictionSet plain)
    {
        ITransformer[] stages = [.. ChainStages.Flatten(model)];
        NeuralModel network = stages.OfType<NeuralModel>().Single();
        SpeakerAdaptation adaptation = network.Adaptation
            ?? throw new InvalidOperationException("The model was not trained to adapt to speakers.");
        IDataView rows = stages.TakeWhile(stage => stage != network).Aggregate(test, (view, stage) => stage.Transform(view));
        float[][] features = [.. rows.GetColumn<float[]>(adaptation.FeatureColumnName)];
        Dictionary<string, HashSet<int>[]> enrolled = Draw([.. plain.Rows.Select(row => (row.Speaker!, row.Path))]);
        Dictionary<string, float[][]> offsets = enrolled.ToDictionary(speaker => speaker.Key, speaker => speaker.Value
            .Select(draw => adaptation.OffsetOf([.. draw.Order().Select(i => features[i])])).ToArray(), StringComparer.Ordinal);
        ClipPrediction?[][] said = [.. Read(rows, network, (row, session, inputs) => Enumerable.Range(0, Draws).Select(draw =>
        {
            ClipPrediction clip = plain.Rows[row];
            return enrolled[clip.Speaker!][draw].Contains(row) ? null
                : Predict(clip, session, inputs, adaptation, offsets[clip.Speaker!][draw], plain.Labels);
        }).ToArray())];
        return new EnrolledPredictions(
            new PredictionSet(plain.Labels, [.. said.Select((draws, row) => draws.FirstOrDefault(clip => clip is not null)
                ?? throw AlwaysEnrolled(plain.Rows[row]))]),
            [.. Enumerable.Range(0, Draws).Select(draw =>
                new PredictionSet(plain.Labels, [.. said.Select(clip => clip[draw]).OfType<ClipPrediction>()]))]);
    }

    /// <summary>By speaker, the rows enrolled in each draw. The order of the rows plays no part.</summary>
    /// <param name="rows">Each row's speaker and path.</param>
    internal Dictionary<string, HashSet<int>[]> Draw(IReadOnlyList<(string Speaker, string Path)> rows)
    {
        var random = new SeededRandom(seed);
        var drawn = new Dictionary<string, HashSet<int>[]>(StringComparer.Ordinal);
        foreach (IGrouping<string, int> speaker in Enumerable.Range(0, rows.Count).GroupBy(i => rows[i].Speaker, StringComparer.Ordinal))
        {
            int[] own = [.. speaker.OrderBy(i => rows[i].Path, StringComparer.Ordinal)];
            if (own.Length <= clips)
                throw new CorpusException($"Speaker {speaker.Key} has {own.Length} test clips, and {clips} of them are to be enrolled: "
                    + "none would be left to score. Enrol fewer, or take a protocol without enrolled clips.");
            drawn[speaker.Key] = [.. Enumerable.Range(0, Draws).Select(draw =>
            {
                int[] dealt = [.. own];
                random.Fork(speaker.Key).Fork("enrolment", draw).Shuffle<int>(dealt);
                return dealt.Take(clips).ToHashSet();
            })];
        }
        return drawn;
    }

    private static IEnumerable<ClipPrediction?[]> Read(IDataView rows, NeuralModel network,
        Func<int, InferenceSession, Dictionary<string, float[]>, ClipPrediction?[]> predict)
    {
        DataViewSchema.Column[] columns = [.. network.FeatureColumnNames.Select(name => rows.Schema[name])];
        using var session = new InferenceSession(network.Adaptation!.Network.ToBytes());
        using DataViewRowCursor cursor = rows.GetRowCursor(columns);
        ValueGetter<VBuffer<float>>[] getters = [.. columns.Select(cursor.GetGetter<VBuffer<float>>)];
        VBuffer<float> buffer = default;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            var inputs = new Dictionary<string, float[]>(StringComparer.Ordinal);
            foreach ((int i, DataViewSchema.Column column) in columns.Index())
            {
                getters[i](ref buffer);
                inputs[column.Name] = [.. buffer.DenseValues()];
            }
            yield return predict(row, session, inputs);
        }
    }

    private static ClipPrediction Predict(ClipPrediction clip, InferenceSession session, Dictionary<string, float[]> inputs,
        SpeakerAdaptation adaptation, float[] offset, IReadOnlyList<string> labels)
    {
        Dictionary<string, OrtValue> tensors = inputs.ToDictionary(input => input.Key, input =>
        {
            bool shifts = input.Key == adaptation.FeatureColumnName;
            float[] values = shifts ? [.. input.Value.Zip(offset, (value, o) => value - o)] : input.Value;
            return OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);
        }, StringComparer.Ordinal);
        try
        {
            using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, tensors, ["Logits"]);
            float[] logits = outputs[0].GetTensorDataAsSpan<float>().ToArray();
            double[] powers = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
            float[] probabilities = [.. powers.Select(power => (float)(power / powers.Sum()))];
            return clip with { Predicted = labels[Array.IndexOf(probabilities, probabilities.Max())], Probabilities = probabilities };
        }
        finally
        {
            foreach (OrtValue tensor in tensors.Values) tensor.Dispose();
        }
    }

    private CorpusException AlwaysEnrolled(ClipPrediction clip) =>
        new($"Clip {clip.Path} of speaker {clip.Speaker} is among the {clips} enrolled clips in each of {Draws} draws, so it cannot be "
            + "scored: the speaker has too few clips. Enrol fewer.");
}
