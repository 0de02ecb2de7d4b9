namespace SerPipeline.Prediction;

/// <summary>What a model's attachments may be: they become entries of a zip that people unpack, on systems that differ in what a name may
/// hold.</summary>
internal static class ModelAttachments
{
    /// <summary>All attachments together. They are texts and tables; a file that claims more is damaged or hostile.</summary>
    public const long MaximumBytes = 64L << 20;

    private const int MaximumNameLength = 200;

    private static readonly string[] Taken = ["model.json", "scoring.onnx", "stages"];

    /// <summary>What is wrong with the names of one model's attachments; null when nothing is.</summary>
    public static string? Problem(IReadOnlyCollection<string> names)
    {
        if (names.Select(Problem).FirstOrDefault(problem => problem is not null) is { } wrong) return wrong;
        // Some systems do not tell capitals apart.
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } same)
            return $"two attachments are named '{same.Key}', or alike but for capitals";
        var files = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.SelectMany(FoldersOf).FirstOrDefault(files.Contains) is { } both
            ? $"the attachment '{both}' is also the folder of another one" : null;
    }

    /// <exception cref="ModelFormatException">A name is not allowed, or the attachments are too large.</exception>
    public static void Require(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> attachments)
    {
        if (Problem([.. attachments.Keys]) is { } problem) throw new ModelFormatException($"The model cannot be saved: {problem}.");
        long bytes = attachments.Values.Sum(content => (long)content.Length);
        if (bytes > MaximumBytes)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"The model cannot be saved: its attachments have {bytes} bytes, and may have {MaximumBytes} together. Keep such files "
                    + $"beside the model."));
    }

    private static IEnumerable<string> FoldersOf(string name) =>
        Enumerable.Range(0, name.Length).Where(i => name[i] == '/').Select(i => name[..i]);

    private static string? Problem(string name)
    {
        if (name.Length is 0 or > MaximumNameLength)
            return string.Create(CultureInfo.InvariantCulture,
                $"an attachment's name has {name.Length} characters; it must have 1 to {MaximumNameLength}");
        string[] steps = name.Split('/');
        // A step that ends in a dot is '.' or '..', or loses the dot on Windows; an empty one makes the path absolute or ends it in a
        // slash.
        if (name.Any(c => !(char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or ' ' or '/'))
            || steps.Any(step => step.Length == 0 || step.TrimEnd('.', ' ') != step))
            return $"the attachment '{name}' is not named by a relative path of letters, digits, '.', '-', '_' and spaces, with '/' "
                + "between folders and no '..'";
        return Taken.Contains(steps[0], StringComparer.OrdinalIgnoreCase)
            ? $"the attachment '{name}' has a name of the format's own; {string.Join(", ", Taken)} are taken"
            : null;
    }
}
