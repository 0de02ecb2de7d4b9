using SerPipeline.Evaluation;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What an adapted model said about test clips.</summary>
/// <param name="Predictions">Each clip once, from the first draw in which it was not among its speaker's enrolled clips.</param>
/// <param name="Draws">Each draw's predictions on the clips that were not enrolled in it.</param>
internal sealed record EnrolledPredictions(PredictionSet Predictions, IReadOnlyList<PredictionSet> Draws);

/// <summary>
/// Scores test clips with a model that has heard some random clips of each test speaker before, without their emotions. A clip is never
/// scored in a draw that enrolled it or a copy of it.
/// </summary>
/// <param name="clips">Clips enrolled of each speaker.</param>
/// <param name="seed">Decides the draws.</param>
internal sealed class SpeakerEnrolment(int clips, int seed)
{
    /// <summary>Fewer than <see cref="SpeakerAdaptation.MinimumClips"/>, so that what fewer do can be measured.</summary>
    public const int FewestClips = 5;

    public const int Draws = 5;

    // A clip that happens to be heard in every draw is scored in the first of these that leaves it out.
    private const int SpareDraws = 45;

    /// <summary>Scores the rows.</summary>
    /// <param name="model">The fitted chain.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="plain">What the model said about them as unknown voices, in their order.</param>
    /// <param name="recordings">For each row a number; clips of one recording have the same.</param>
    /// <exception cref="CorpusException">A speaker has too few clips to enrol some and score others.</exception>
    public EnrolledPredictions Score(ITransformer model, IDataView test, PredictionSet plain, IReadOnlyList<int> recordings)
    {
        ITransformer[] stages = [.. ChainStages.Flatten(model)];
        NeuralModel network = stages.OfType<NeuralModel>().Single();
        SpeakerAdaptation adaptation = network.Adaptation
            ?? throw new InvalidOperationException("The model was not trained to adapt to speakers.");
        IDataView rows = stages.TakeWhile(stage => stage != network).Aggregate(test, (view, stage) => stage.Transform(view));
        float[][] features = [.. rows.GetColumn<float[]>(adaptation.FeatureColumnName)];
        Dictionary<string, HashSet<int>[]> enrolled = Draw([.. plain.Rows.Select(row => (row.Speaker!, row.Path))], recordings);
        Dictionary<string, HashSet<int>[]> heard = enrolled.ToDictionary(speaker => speaker.Key, speaker => speaker.Value
            .Select(draw => draw.Select(i => recordings[i]).ToHashSet()).ToArray(), StringComparer.Ordinal);
        Dictionary<string, Lazy<float[]>[]> offsets = enrolled.ToDictionary(speaker => speaker.Key, speaker => speaker.Value
            .Select(draw => new Lazy<float[]>(() => HeardVoice.OffsetOf(adaptation, draw.Order().Select(i => features[i])))).ToArray(),
            StringComparer.Ordinal);
        NeuralModel adapted = network.Adapted!;
        OnnxModel graph = ScoringGraph.Of([adapted], rows.Schema).Model!;
        using ScoringSession session = ScoringSession.Open(graph.ToBytes(), [.. graph.Graph.Inputs.Select(input => input.Name)],
            plain.Labels.Count, "The adapted network");
        IEnumerable<float[]>[] columns = [.. session.Inputs.Select(name =>
            name == adaptation.FeatureColumnName ? features : rows.GetColumn<float[]>(name))];
        ClipPrediction?[][] said = [.. Together(columns).Select((values, row) =>
        {
            ClipPrediction clip = plain.Rows[row];
            HashSet<int>[] draws = heard[clip.Speaker!];
            int spare = Array.FindIndex(draws, draw => !draw.Contains(recordings[row]));
            return draws.Select((draw, i) => draw.Contains(recordings[row]) || (i >= Draws && i != spare) ? null : Said(clip, plain.Labels,
                session.Score(Array.ConvertAll(values, one => new ColumnValue(one, [1, one.Length])),
                    (adaptation.FeatureColumnName, offsets[clip.Speaker!][i].Value)))).ToArray();
        })];
        return new EnrolledPredictions(
            new PredictionSet(plain.Labels, [.. said.Select(draws => draws.First(clip => clip is not null)!)]),
            [.. Enumerable.Range(0, Draws).Select(draw =>
                new PredictionSet(plain.Labels, [.. said.Select(clip => clip[draw]).OfType<ClipPrediction>()]))]);
    }

    /// <summary>By speaker, the rows enrolled in each draw, spare ones behind. The order of the rows plays no part.</summary>
    /// <param name="rows">Each row's speaker and path.</param>
    /// <param name="recordings">For each row a number; clips of one recording have the same. None, the default, are copies.</param>
    internal Dictionary<string, HashSet<int>[]> Draw(IReadOnlyList<(string Speaker, string Path)> rows,
        IReadOnlyList<int>? recordings = null)
    {
        var random = new SeededRandom(seed);
        var drawn = new Dictionary<string, HashSet<int>[]>(StringComparer.Ordinal);
        foreach (IGrouping<string, int> speaker in Enumerable.Range(0, rows.Count).GroupBy(i => rows[i].Speaker, StringComparer.Ordinal))
        {
            int[] own = [.. speaker.OrderBy(i => rows[i].Path, StringComparer.Ordinal)];
            RequireEnough(speaker.Key, own.Length);
            SeededRandom ofSpeaker = random.Fork(speaker.Key);
            List<HashSet<int>> draws = [.. Enumerable.Range(0, Draws + SpareDraws).Select(draw =>
                Deal(own, ofSpeaker.Fork("enrolment", draw)))];
            // Of few clips one may be heard every time: one more draw is of the others.
            foreach (int row in own.Where(row => draws.All(draw => draw.Any(i => Recording(i) == Recording(row)))))
            {
                int[] others = [.. own.Where(i => Recording(i) != Recording(row))];
                RequireEnough(speaker.Key, others.Length + 1);
                draws.Add(Deal(others, ofSpeaker.Fork("others").Fork(rows[row].Path)));
            }
            drawn[speaker.Key] = [.. draws];
        }
        return drawn;

        int Recording(int row) => recordings is null ? row : recordings[row];
    }

    /// <summary>Requires that a speaker's clips suffice.</summary>
    /// <param name="speaker">The speaker.</param>
    /// <param name="own">How many test clips there are; copies of one recording count once.</param>
    /// <exception cref="CorpusException">They do not.</exception>
    public void RequireEnough(string speaker, int own)
    {
        if (own <= clips)
            throw new CorpusException($"Speaker {speaker} has {own} test clips, and {clips} of them are to be enrolled: "
                + "none would be left to score (copies of one recording count once). Enrol fewer, or take a protocol without enrolled "
                + "clips.");
    }

    private HashSet<int> Deal(int[] rows, SeededRandom random)
    {
        int[] dealt = [.. rows];
        random.Shuffle<int>(dealt);
        return dealt.Take(clips).ToHashSet();
    }

    // Row by row: images of a whole test part would fill the memory.
    private static IEnumerable<float[][]> Together(IEnumerable<float[]>[] columns)
    {
        IEnumerator<float[]>[] all = [.. columns.Select(column => column.GetEnumerator())];
        try
        {
            while (all.All(column => column.MoveNext())) yield return [.. all.Select(column => column.Current)];
        }
        finally
        {
            foreach (IEnumerator<float[]> column in all) column.Dispose();
        }
    }

    private static ClipPrediction Said(ClipPrediction clip, IReadOnlyList<string> labels, float[] probabilities) =>
        clip with { Predicted = labels[Array.IndexOf(probabilities, probabilities.Max())], Probabilities = probabilities };
}
