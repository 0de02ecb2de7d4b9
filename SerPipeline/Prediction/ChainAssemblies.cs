using System.IO.Compression;

namespace SerPipeline.Prediction;

/// <summary>
/// The assemblies that the stages of a zip of ML.NET name. ML.NET loads an assembly when a zip names it, and with it whatever its
/// initializers do: a zip from elsewhere must not choose among the files beside the program.
/// </summary>
internal static class ChainAssemblies
{
    private const string MlNet = "Microsoft.ML", StageEntry = "Model.key";

    // ML.NET's header of an entry: where the assembly's name starts, and its length in bytes.
    private const int NameStart = 0x90, NameLength = 0x98, MaximumHeader = 1 << 20;

    /// <summary>The names, as often as they occur.</summary>
    /// <exception cref="InvalidDataException">A stage's header is cut short.</exception>
    public static IEnumerable<string> Of(ZipArchive zip)
    {
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.FullName.EndsWith(StageEntry, StringComparison.OrdinalIgnoreCase)))
        {
            // The name stands behind the stage's own bytes: a header may be as long as what it describes.
            byte[] head = ModelZip.ReadUpTo(entry, MaximumHeader);
            if (head.Length < NameLength + 4)
                throw new InvalidDataException($"The stage '{entry.FullName}' is cut short.");
            long start = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(NameStart));
            int length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(NameLength));
            if (length == 0) continue;
            if (start < 0 || length < 0 || start > head.Length || length > head.Length - start)
                throw new InvalidDataException($"The stage '{entry.FullName}' names its assembly outside of itself.");
            yield return Encoding.Unicode.GetString(head.AsSpan((int)start, length)).Split(',')[0].Trim();
        }
    }

    /// <summary>Requires that every assembly named is one of ML.NET's, or loaded already as this library is.</summary>
    /// <param name="zip">The whole zip; it must seek. Its position is moved.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">Another one is named.</exception>
    /// <exception cref="InvalidDataException">It is no zip, or a stage is cut short.</exception>
    public static void Require(Stream zip, string name)
    {
        zip.Position = 0;
        using var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
        string[] loaded = [.. AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name ?? "")];
        foreach (string assembly in Of(archive).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            bool isKnown = assembly.StartsWith(MlNet + ".", StringComparison.Ordinal)
                || loaded.Contains(assembly, StringComparer.OrdinalIgnoreCase);
            if (isKnown) continue;
            throw new ModelFormatException($"'{name}' holds a stage of the assembly '{assembly}', which this program has not loaded, and "
                + "a model must not load code. If the stage is your own, use one of its types before the model is loaded.");
        }
        zip.Position = 0;
    }
}
