using SerPipeline.Splits;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>What a model says of itself, for the README of a generated project.</summary>
internal static class ModelFacts
{
    /// <summary>How it was trained, as Markdown.</summary>
    /// <param name="document">The model.</param>
    /// <param name="record">How it was trained; null where it does not say.</param>
    public static string Describe(ModelRecord document, TrainingRecord? record)
    {
        if (record is null) return "The model does not say how it was trained, so nobody can tell how it scores on new people.";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"Trainer `{record.Trainer}`, data set `{record.Dataset}`, protocol `{record.Protocol}`, seed {record.Seed}, "
            + $"{record.Trained:yyyy-MM-dd}.");
        if (!SplitProtocol.KeepsSpeakersApart(record.Protocol))
            text.Append(" Its test clips may be spoken by people heard in training, so its scores say little about new people.");
        if (record.Synthetic) text.Append(" The clips were made by a program: it says nothing about human speech.");
        if (Licences.TermsFor(record.Dataset, record.Licence, CorpusFacts.Find(record.Settings?.GetValueOrDefault(CorpusSource.Corpus.Key)
            ?? record.Dataset)) is { } terms) text.Append("\n\n").Append(terms);
        else text.Append(CultureInfo.InvariantCulture, $"\n\nThe licence of its data: {record.Licence}.");
        text.Append(document.Attachments.ContainsKey(CardPage.FileName)
            ? $"\n\n[{ModelBuilderProject.CardName}]({ModelBuilderProject.CardName}) says how it scores, what that does not show, and "
            + $"where it fails."
            : "\n\nIt has no card that says how it scores.");
        return text.ToString();
    }
}
