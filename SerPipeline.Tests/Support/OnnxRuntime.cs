using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace SerPipeline.Tests.Support;

/// <summary>What a graph gave under ONNX Runtime.</summary>
/// <param name="Numbers">The elements of an output of floats.</param>
/// <param name="Texts">The elements of an output of texts.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record OnnxOutput(float[] Numbers, string[] Texts, long[] Shape);

/// <summary>Graphs run by ONNX Runtime on one thread.</summary>
internal static class OnnxRuntime
{
    // A session over a chain with utterance features takes a second to make, and tests ask the same graph again and again. Disposed with
    // the program.
    private const int MaxKept = 8;

    private static readonly SessionOptions Options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };

    private static readonly List<(string Key, InferenceSession Session)> Kept = [];

    /// <summary>Runs a model on inputs, one after another.</summary>
    /// <param name="model">The model, of one float input.</param>
    /// <param name="inputs">Elements and shape of each input.</param>
    /// <returns>For each input the outputs by name.</returns>
    public static IReadOnlyList<IReadOnlyDictionary<string, OnnxOutput>> Run(byte[] model, params (float[] Values, long[] Shape)[] inputs)
    {
        InferenceSession session = Open(model);
        using var run = new RunOptions();
        string[] input = [session.InputMetadata.Keys.Single()];
        return [.. inputs.Select(one =>
        {
            using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(one.Values, one.Shape);
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, input, [tensor], session.OutputNames);
            return session.OutputNames.Zip(outputs).ToDictionary(o => o.First, o => Read(o.Second));
        })];
    }

    /// <summary>Runs a model once on inputs by name; optional ones may be left out.</summary>
    public static IReadOnlyDictionary<string, OnnxOutput> Run(byte[] model, params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        InferenceSession session = Open(model);
        using var run = new RunOptions();
        OrtValue[] tensors = [.. inputs.Select(one => OrtValue.CreateTensorValueFromMemory(one.Values, one.Shape))];
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [.. inputs.Select(one => one.Name)], tensors,
            session.OutputNames);
        Array.ForEach(tensors, tensor => tensor.Dispose());
        return session.OutputNames.Zip(outputs).ToDictionary(o => o.First, o => Read(o.Second));
    }

    private static InferenceSession Open(byte[] model)
    {
        string key = Convert.ToHexString(SHA256.HashData(model));
        lock (Kept)
        {
            int at = Kept.FindIndex(one => one.Key == key);
            (string, InferenceSession Session) found = at >= 0 ? Kept[at] : (key, new InferenceSession(model, Options));
            if (at >= 0 || Kept.Count == MaxKept) Kept.RemoveAt(Math.Max(at, 0));
            Kept.Add(found);
            return found.Session;
        }
    }

    private static OnnxOutput Read(OrtValue output)
    {
        OrtTensorTypeAndShapeInfo info = output.GetTensorTypeAndShape();
        return info.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.String
            ? new OnnxOutput([], output.GetStringTensorAsArray(), info.Shape)
            : new OnnxOutput(output.GetTensorDataAsSpan<float>().ToArray(), [], info.Shape);
    }
}
