namespace SerPipeline.Corpora;

/// <summary>
/// IEMOCAP, whose utterances are called <c>Ses01F_impro01_M003</c>: session, who wears the markers, dialogue, who speaks and the turn. The
/// labels stand in <c>Session1/dialog/EmoEvaluation/Ses01F_impro01.txt</c>, one line for each turn. Turns on which the raters did not agree
/// (xxx) and others (oth) are left out.
/// </summary>
/// <param name="labels">The code of each turn; null before the tables are read.</param>
internal sealed partial class Iemocap(IReadOnlyDictionary<string, string>? labels = null) : ICorpusParser
{
    public CorpusFacts Facts => IemocapFacts;

    public string Example => "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M003.wav";

    public ICorpusParser Open(string root)
    {
        var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string file in CorpusFiles.Find(root, [".txt"]).Where(path => path.Contains("EmoEvaluation/", StringComparison.Ordinal)))
            foreach (string line in File.ReadLines(CorpusFiles.Full(root, file)))
                if (Turn().Match(line) is { Success: true } turn) read[turn.Groups["turn"].Value] = turn.Groups["emotion"].Value;
        return new Iemocap(read);
    }

    public ParsedClip? Read(string relativePath, out string problem)
    {
        string stem = CorpusParsers.StemOf(relativePath);
        Match match = Name().Match(stem);
        // Whole dialogues lie beside the turns.
        problem = match.Success || relativePath.Contains("dialog/", StringComparison.OrdinalIgnoreCase) ? ""
            : $"expected session, dialogue and turn, such as Ses01F_impro01_M003, got '{stem}'";
        if (!match.Success) return null;
        if (labels?.GetValueOrDefault(stem) is not { } code)
        {
            problem = $"expected a line for {stem} in dialog/EmoEvaluation, found none: its label is unknown";
            return null;
        }
        if (Facts.LabelOf(code) is not { } label)
        {
            problem = code is "xxx" or "oth" ? $"the raters {(code == "xxx" ? "did not agree" : "chose 'other'")} ({code}): left out"
                : $"expected one of {Facts.LabelCodes}, got '{code}'";
            return null;
        }
        string sex = match.Groups["sex"].Value;
        return new ParsedClip(stem, label, match.Groups["session"].Value + sex, sex == "M" ? "male" : "female",
            ("session", match.Groups["session"].Value), ("dialogue", match.Groups["dialogue"].Value),
            ("style", match.Groups["style"].Value == "impro" ? "improvised" : "scripted"));
    }

    private static CorpusFacts IemocapFacts { get; } = CorpusFacts.Published("iemocap");

    [GeneratedRegex("^(?<session>Ses0[1-5])[FM]_(?<dialogue>(?<style>impro|script)[0-9a-z_]+)_(?<sex>[FM])[0-9]{3}$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^\[[0-9. -]+\]\s+(?<turn>Ses\S+)\s+(?<emotion>[a-z]{3})\s", RegexOptions.CultureInvariant)]
    private static partial Regex Turn();
}
