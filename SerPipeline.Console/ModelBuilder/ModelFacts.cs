using System.Globalization;
using System.Text;
using SerPipeline.Console.Scoring;
using SerPipeline.Models;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>What a model says of itself, for the README of a generated project.</summary>
internal static class ModelFacts
{
    /// <summary>How it was trained, as Markdown.</summary>
    /// <param name="document">The model.</param>
    /// <param name="path">Its file, for messages.</param>
    public static string Describe(ModelDocument document, string path)
    {
        if (TrainingRecord.From(document, path) is not { } record) return "The model does not say how it was trained, so nobody can tell how it scores on new people.";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Trainer `{record.Trainer}`, data set `{record.Dataset}`, protocol `{record.Protocol}`, seed {record.Seed}, {record.Trained:yyyy-MM-dd}.");
        if (record.Synthetic) text.Append(" The clips were made by a program: it says nothing about human speech.");
        if (record.Licence is { } licence) text.Append(CultureInfo.InvariantCulture, $"\n\nLicence of the data: {licence}. Its terms hold for the model too.");
        return text.ToString();
    }
}
