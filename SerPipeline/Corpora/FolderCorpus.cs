using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>Reads a folder whose subfolders are the labels: <c>root/angry/any/depth/clip.wav</c>.</summary>
internal static class FolderCorpus
{
    private const string Expected = "one subfolder for each label, holding audio files";
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public static Corpus Load(string folder, CorpusLoadOptions options)
    {
        string root = CorpusFiles.RequireFolder("folder", folder, Expected);
        string name = options.Name ?? new DirectoryInfo(root).Name;
        var problems = new List<CorpusProblem>();
        var clips = new List<CorpusClip>();
        Regex? speakerPattern = options.SpeakerPattern is null ? null
            : new Regex(options.SpeakerPattern, RegexOptions.CultureInvariant, PatternTimeout);
        IReadOnlyList<string> files = CorpusFiles.Find(root);
        foreach (string relative in files)
        {
            int slash = relative.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || (options.Labels is not null && !options.Labels.Contains(relative[..slash])))
            {
                string found = slash < 0 ? "it lies outside every label's folder" : $"its folder is '{relative[..slash]}'";
                string wanted = options.Labels is null ? "a subfolder that names the label"
                    : $"one of the folders {string.Join(", ", options.Labels)}";
                problems.Add(new CorpusProblem(CorpusProblemKind.LabelUnknown, relative,
                    $"expected the file in {wanted}, but {found}; left out"));
                continue;
            }
            string? speaker = SpeakerOf(speakerPattern, relative, problems);
            clips.Add(new CorpusClip
            {
                Path = CorpusFiles.Full(root, relative),
                RelativePath = relative,
                Label = relative[..slash],
                Speaker = speaker,
                Corpus = name
            });
        }
        if (clips.Count == 0) throw CorpusFiles.NothingUsable("folder", root, Expected);
        AddEmptyFolders(root, files, problems);
        return Synthesis.SyntheticMarker.CreateCorpus(name, root, clips, LabelsOf(clips, options.Labels), problems);
    }

    /// <summary>The labels that occur: in the order asked for, else in ordinal order.</summary>
    public static IReadOnlyList<string> LabelsOf(IReadOnlyList<CorpusClip> clips, IReadOnlyList<string>? order)
    {
        var found = clips.Select(clip => clip.Label).ToHashSet();
        return [.. order is null ? found.Order(StringComparer.Ordinal) : order.Where(found.Contains)];
    }

    private static string? SpeakerOf(Regex? pattern, string relative, List<CorpusProblem> problems)
    {
        if (pattern is null) return null;
        Group group = Match(pattern, relative).Groups["speaker"];
        if (group.Success && group.Value.Length > 0) return group.Value;
        problems.Add(new CorpusProblem(CorpusProblemKind.SpeakerUnknown, relative,
            $"the speaker pattern {pattern} does not match this path"));
        return null;
    }

    private static Match Match(Regex pattern, string relative)
    {
        try
        {
            return pattern.Match(relative);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new CorpusException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The speaker pattern {pattern} took more than {PatternTimeout.TotalSeconds} s on the path {relative}: it tries too many "
                + $"ways to match. Write it without repetitions inside repetitions, such as (?<speaker>[^/_]+)_."), error);
        }
    }

    private static void AddEmptyFolders(string root, IReadOnlyList<string> files, List<CorpusProblem> problems)
    {
        var used = files.Select(file => file.Split('/')[0]).ToHashSet();
        foreach (string label in Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal))
            if (!label.StartsWith('.') && !used.Contains(label))
                problems.Add(new CorpusProblem(CorpusProblemKind.EmptyFolder, label,
                    "expected audio files in this label's folder, found none"));
    }
}
