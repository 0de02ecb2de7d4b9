using System.Reflection;
using Microsoft.ML.Transforms.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// The temporary files of ML.NET's ONNX transformers. Each keeps its model in one, and reads it again when it is saved; disposing the
/// transformer deletes it, and a chain that nobody disposes leaves it. The end of the process deletes it here.
/// </summary>
internal static class TemporaryGraphs
{
    private const BindingFlags Internal = BindingFlags.NonPublic | BindingFlags.Instance;
    private static readonly HashSet<string> Files = new(StringComparer.Ordinal);
    private static int _enough = 256;

    static TemporaryGraphs() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete();

    public static void Remember(OnnxTransformer transformer)
    {
        // Microsoft.ML.Transforms.Onnx.OnnxTransformer.Model.ModelStream; UnsafeAccessor reads no field of a type that it cannot name.
        object model = typeof(OnnxTransformer).GetField("Model", Internal)!.GetValue(transformer)!;
        string file = ((FileStream)model.GetType().GetProperty("ModelStream", Internal)!.GetValue(model)!).Name;
        lock (Files)
        {
            // A service that opens models for months should not remember what is gone.
            if (Files.Count >= _enough)
            {
                Files.RemoveWhere(one => !File.Exists(one));
                _enough = Math.Max(_enough, 2 * Files.Count);
            }
            Files.Add(file);
        }
    }

    /// <summary>
    /// Opens models once more where the name of a temporary file was in the way: ML.NET draws its ending, too, and takes .ort once in
    /// 32,768 times, under which ONNX Runtime expects a format of its own (dotnet/machinelearning issue 7339).
    /// </summary>
    public static T Opened<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (IsMisnamed(e))
        {
            return open();
        }
    }

    /// <summary>ML.NET's <c>Model.Load</c>, likewise.</summary>
    /// <param name="zip">The whole zip; it must seek.</param>
    public static (ITransformer Model, DataViewSchema Input) Load(Stream zip) => Opened(() =>
    {
        zip.Position = 0;
        return (new MLContext().Model.Load(zip, out DataViewSchema input), input);
    });

    private static bool IsMisnamed(Exception? e) => e is not null
        && (e.Message.Contains("ORT model verification failed", StringComparison.Ordinal) || IsMisnamed(e.InnerException));

    private static void Delete()
    {
        lock (Files)
            foreach (string file in Files)
            {
                try
                {
                    File.Delete(file);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Windows deletes it when it closes the last handle; elsewhere a file stays in the temporary folder.
                }
            }
    }
}
