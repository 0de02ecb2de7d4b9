namespace SerPipeline.Console.Hosting;

/// <summary>Guesses what was meant by a word that is not known.</summary>
internal static class Spelling
{
    // Two slips of the finger; more would guess at words that have nothing to do with each other.
    private const int MaximumDistance = 2;

    /// <summary>A sentence that names the nearest known word, with a space before it; empty when none is near.</summary>
    /// <param name="word">The word found.</param>
    /// <param name="known">The words there are.</param>
    public static string Hint(string word, IEnumerable<string> known)
    {
        string? nearest = known.Select(candidate => (candidate, distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(pair => pair.distance <= MaximumDistance
            || (word.Length >= 4 && pair.candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(pair => pair.distance).ThenBy(pair => pair.candidate, StringComparer.Ordinal).Select(pair => pair.candidate)
            .FirstOrDefault();
        return nearest is null ? "" : $" Did you mean {nearest}?";
    }

    /// <summary>Words as a sentence lists them: <c>a, b or c</c>.</summary>
    public static string List(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}";

    /// <summary>A path as it can be typed behind a command, in quotes where a shell would take it apart.</summary>
    public static string Argument(string path) => path.All(c => char.IsLetterOrDigit(c) || c == Path.DirectorySeparatorChar
        || "/._-+,=@%:".Contains(c, StringComparison.Ordinal)) ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    // Levenshtein's edit distance, one row at a time.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
