using CsvHelper;

namespace SerPipeline.Corpora;

/// <summary>
/// MELD, whose utterances are called <c>dia0_utt3</c>, in folders of its three parts (<c>train_splits</c>, <c>dev_splits_complete</c>,
/// <c>output_repeated_splits_test</c>, or <c>train</c>, <c>dev</c>, <c>test</c>). Emotions and speakers stand in
/// <c>train_sent_emo.csv</c>, <c>dev_sent_emo.csv</c> and <c>test_sent_emo.csv</c>. It is published as video: its sound is read through
/// ffmpeg, or from WAV files of the same names.
/// </summary>
/// <param name="rows">Emotion and speaker of each part, dialogue and utterance; null before the tables are read.</param>
internal sealed partial class Meld(IReadOnlyDictionary<(string Part, string Dialogue, string Utterance), (string Emotion, string Speaker)>?
    rows = null) : ICorpusParser
{
    private static readonly string[] Columns = ["Dialogue_ID", "Utterance_ID", "Emotion", "Speaker"];

    private static readonly (string Word, string Part)[] Parts =
        [("train", GivenSplits.Train), ("dev", GivenSplits.Validation), ("test", GivenSplits.Test)];

    public CorpusFacts Facts => MeldFacts;

    public string Example => "train_splits/dia0_utt3.mp4";

    public IReadOnlyCollection<string> Extensions => [.. FileNameParser.Wav, ".mp4"];

    public ICorpusParser Open(string root)
    {
        var read = new Dictionary<(string, string, string), (string, string)>();
        foreach (string table in CorpusFiles.Find(root, [".csv"]).Where(path => path.EndsWith("_sent_emo.csv", StringComparison.Ordinal)))
        {
            if (PartOf(Path.GetFileName(table)) is not { } part) continue;
            string text = ManifestText.Read(CorpusFiles.Full(root, table));
            using CsvReader csv = CsvReader.FromText(text, new CsvReaderOptions { TrimWhitespace = true });
            string[] header = [.. csv.Headers.Select(name => name.Trim())];
            int[] columns = [.. Columns.Select(name => Array.IndexOf(header, name))];
            if (columns.Contains(-1))
                throw new CorpusException($"The corpus 'meld' needs the columns {string.Join(", ", Columns)} in "
                    + $"{CorpusFiles.Full(root, table)}, found {string.Join(", ", header)}.");
            while (csv.Read())
            {
                if (csv.FieldCount <= columns.Max()) continue;
                string[] row = [.. columns.Select(csv.GetString)];
                read[(part, row[0], row[1])] = (row[2], row[3]);
            }
        }
        return new Meld(read);
    }

    public ParsedClip? Read(string relativePath, out string problem)
    {
        string stem = CorpusParsers.StemOf(relativePath);
        Match match = Name().Match(stem);
        string[] folders = relativePath.Split('/')[..^1];
        string? part = folders.Reverse().Select(PartOf).FirstOrDefault(found => found is not null);
        problem = !match.Success ? $"expected dialogue and utterance, such as dia0_utt3, got '{stem}'"
            : part is null ? "expected a folder named for train, dev or test around the file, found none" : "";
        if (problem.Length > 0) return null;
        string dialogue = match.Groups["dialogue"].Value, utterance = match.Groups["utterance"].Value;
        if (rows is null || !rows.TryGetValue((part!, dialogue, utterance), out (string Emotion, string Speaker) row))
        {
            problem = $"expected a row for dialogue {dialogue}, utterance {utterance} in {Parts.First(known => known.Part == part).Word}"
                + "_sent_emo.csv, found none: its label is unknown";
            return null;
        }
        if (Facts.LabelOf(row.Emotion) is not { } label)
        {
            problem = $"expected one of the emotions {Facts.LabelCodes}, got '{row.Emotion}'";
            return null;
        }
        return new ParsedClip($"{part}_{dialogue}_{utterance}", label, SpeakerOf(row.Speaker), null,
            ("dialogue", dialogue), ("utterance", utterance))
        {
            Split = part,
        };
    }

    // An actor in another role has the same voice (Joey/Drake). Several together are nobody of whom the rest could be kept apart.
    private static string? SpeakerOf(string written)
    {
        string one = written.Split('/')[0].Trim();
        return one is "" or "All" or "Both" || one.Contains(" and ", StringComparison.Ordinal) ? null : one;
    }

    private static string? PartOf(string name) =>
        Parts.FirstOrDefault(part => name.Split('_', '-', '.').Contains(part.Word, StringComparer.OrdinalIgnoreCase)).Part;

    private static CorpusFacts MeldFacts { get; } = CorpusFacts.Published("meld");

    [GeneratedRegex("dia(?<dialogue>[0-9]+)_utt(?<utterance>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
