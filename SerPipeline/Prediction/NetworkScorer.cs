using Microsoft.ML.OnnxRuntime;
using SerPipeline.Audio;
using SerPipeline.Onnx;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>From a clip to one probability a label. Any number of threads may score at once.</summary>
internal interface IClipScorer : IDisposable
{
    /// <summary>How audio is prepared.</summary>
    LoadAudioOptions Loading { get; }

    /// <summary>How many clips of the speaker the next answer rests on; 0 where every voice is unknown.</summary>
    int SpeakerClips => 0;

    /// <param name="mono">The clip, mono, at the model's rate, neither trimmed nor levelled.</param>
    /// <param name="prepared">The same trimmed, levelled and padded.</param>
    float[] Score(AudioClip mono, AudioClip prepared);
}

/// <summary>Scores without ML.NET: the audio stages in C#, and behind them the model's scoring graph.</summary>
internal sealed class NetworkScorer : IClipScorer
{
    private readonly AudioFeatures _features;
    private readonly ScoringSession _session;
    private readonly bool _fromWaveform;
    private string? _adapted;
    private float[]? _offset;

    private NetworkScorer(AudioFeatures features, ScoringSession session, bool fromWaveform) =>
        (_features, _session, _fromWaveform) = (features, session, fromWaveform);

    public LoadAudioOptions Loading => _features.Loading;

    /// <inheritdoc/>
    public int SpeakerClips { get; private set; }

    /// <summary>Loads a record's graph for known voices, which needs an offset before it can score.</summary>
    /// <param name="record">The record.</param>
    /// <param name="adaptation">Its adaptation.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">As <see cref="Create"/>.</exception>
    public static NetworkScorer ForKnownVoices(ModelRecord record, SpeakerAdaptation adaptation, string name)
    {
        NetworkScorer scorer = Create(record with
        {
            Scoring = adaptation.Network.ToBytes(),
            ScoringInputs = [.. adaptation.Network.Graph.Inputs.Select(input => input.Name)],
            ScoresWaveform = false,
        }, name);
        scorer._adapted = adaptation.FeatureColumnName;
        return scorer;
    }

    /// <summary>Sets the offset that is taken out of the column that is adapted, before the graph reads it.</summary>
    /// <param name="offset">[slots].</param>
    /// <param name="clips">How many clips of the speaker it rests on.</param>
    public void Adapt(float[] offset, int clips) => (_offset, SpeakerClips) = (offset, clips);

    /// <summary>The column of a clip that is adapted, [slots], its offset not taken out.</summary>
    /// <param name="prepared">The clip, trimmed, levelled and padded.</param>
    public float[] Hear(AudioClip prepared) => _features.Compute(prepared, [_adapted!])[0].Values;

    /// <summary>Scores a clip of the speaker that it is adapted to, and gives its column as <see cref="Hear"/> does.</summary>
    /// <param name="prepared">The clip, trimmed, levelled and padded.</param>
    public (float[] Scores, float[] Features) ScoreAndHear(AudioClip prepared)
    {
        ColumnValue[] columns = _features.Compute(prepared, _session.Inputs);
        float[] features = columns[_session.Inputs.ToList().IndexOf(_adapted!)].Values;
        return (_session.Score(columns, (_adapted!, _offset!)), features);
    }

    /// <summary>Loads a record's scoring graph.</summary>
    /// <param name="record">A record that has one.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">The graph cannot be run, or does not fit the stages and labels.</exception>
    public static NetworkScorer Create(ModelRecord record, string name)
    {
        var features = new AudioFeatures(record.Stages, name);
        byte[] graph = record.Scoring!.Value.ToArray();
        if (OnnxGuard.Problem(graph) is { } problem)
            throw new ModelFormatException($"'{name}' holds a scoring graph that ONNX Runtime cannot run, or must not: {problem}.");
        string[] inputs = [.. record.ScoringInputs];
        bool fromWaveform = record.ScoresWaveform;
        if (fromWaveform && WaveformGraph.BehindStages(OnnxModel.Read(graph), record.Stages) is { } cut)
            (graph, inputs, fromWaveform) = (cut.ToBytes(), [.. cut.Graph.Inputs.Select(i => i.Name)], false);
        if (!fromWaveform)
        {
            if (inputs.Length == 0 || inputs.FirstOrDefault(input => !features.Computes(input)) is not null)
                throw new ModelFormatException(
                    $"'{name}' scores the columns [{string.Join(", ", inputs)}], and its audio stages compute "
                        + $"[{string.Join(", ", record.Stages.Select(s => s.Output))}].");
            features.Keep(inputs);
        }
        return new NetworkScorer(features, ScoringSession.Open(graph, inputs, record.Labels.Count, name), fromWaveform);
    }

    /// <inheritdoc/>
    public float[] Score(AudioClip mono, AudioClip prepared) => _session.Score(_fromWaveform
        ? [new(mono.Samples.ToArray(), [1, mono.Length])] : _features.Compute(prepared, _session.Inputs),
        _offset is null ? null : (_adapted!, _offset));

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}

/// <summary>
/// A scoring graph in ONNX Runtime: from the columns of one clip to one probability a label. A run stays on the caller's thread, so that
/// clips in parallel get the bits that each alone gets.
/// </summary>
internal sealed class ScoringSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly int _classes;

    private ScoringSession(InferenceSession session, string[] inputs, int classes) =>
        (_session, _inputs, _classes) = (session, inputs, classes);

    /// <summary>The columns that the graph reads.</summary>
    public IReadOnlyList<string> Inputs => _inputs;

    /// <summary>Opens a graph.</summary>
    /// <param name="graph">An ONNX model with an output of probabilities.</param>
    /// <param name="inputs">The columns that it reads.</param>
    /// <param name="classes">How many labels it tells apart.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">The graph cannot be run, or has other inputs or outputs.</exception>
    public static ScoringSession Open(byte[] graph, string[] inputs, int classes, string name)
    {
        InferenceSession session = Open(graph, name);
        try
        {
            Require(session, inputs, classes, name);
            return new ScoringSession(session, inputs, classes);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Scores one clip.</summary>
    /// <param name="values">The clip's columns, in the order of the inputs; an offset is taken out in place.</param>
    /// <param name="offset">What is taken out of one of them first.</param>
    public float[] Score(ColumnValue[] values, (string Column, float[] Values)? offset)
    {
        if (offset is var (column, shift) && Array.IndexOf(_inputs, column) is >= 0 and var at)
            values[at] = values[at] with { Values = [.. values[at].Values.Zip(shift, (value, o) => value - o)] };
        var tensors = new OrtValue[values.Length];
        try
        {
            for (int i = 0; i < values.Length; i++) tensors[i] = OrtValue.CreateTensorValueFromMemory(values[i].Values, values[i].Shape);
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_run, _inputs, tensors, [ScoringGraph.Probabilities]);
            ReadOnlySpan<float> scores = outputs[0].GetTensorDataAsSpan<float>();
            if (scores.Length != _classes)
                throw new ModelFormatException($"The model's scoring graph gave {scores.Length} probabilities for one clip of "
                    + $"{_classes} labels.");
            return ClipCheck.RequireProbabilities(scores.ToArray());
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFormatException($"The model's scoring graph cannot score the clip: {e.Message} The model is damaged, or was not "
                + "trained for such clips.", e);
        }
        finally
        {
            foreach (OrtValue? tensor in tensors) tensor?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static InferenceSession Open(byte[] graph, string name)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // Clips differ in length and threads come and go: an arena would keep the largest of each for good.
            EnableCpuMemArena = false,
            EnableMemoryPattern = false,
            // As ML.NET's own sessions; less of it starts no faster.
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(graph, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFormatException($"'{name}' holds a scoring graph that ONNX Runtime cannot run: {e.Message}", e);
        }
    }

    private static void Require(InferenceSession session, string[] inputs, int classes, string name)
    {
        if (!session.InputMetadata.Keys.Order(StringComparer.Ordinal).SequenceEqual(inputs.Order(StringComparer.Ordinal)))
            throw new ModelFormatException(
                $"'{name}' holds a scoring graph with the inputs [{string.Join(", ", session.InputMetadata.Keys)}], and its record "
                    + $"names [{string.Join(", ", inputs)}].");
        if (!session.OutputMetadata.TryGetValue(ScoringGraph.Probabilities, out NodeMetadata? output) || output.ElementType != typeof(float)
            || output.Dimensions is [.., > 0 and var width] && width != classes)
            throw new ModelFormatException($"'{name}' holds a scoring graph without an output '{ScoringGraph.Probabilities}' of {classes} "
                + "floats, one a label.");
    }
}
