using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Console.Comparison;
using SerPipeline.Console.Hosting;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Reports;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser compare</c>: two runs on the same clips: how much they differ, and whether the data shows it.</summary>
internal sealed class CompareCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Partial = OptionDefinition.Flag("--partial", "Compare over the clips that both runs have, even if one has more or their data sets differ.");
    private static readonly OptionDefinition Permutations = new("--permutations", "N", "The most swaps the permutation test tries. Default: 10000.");
    private static readonly OptionDefinition Draws = new("--draws", "N", "How often speakers are drawn for the intervals. Default: 2000.");
    private static readonly OptionDefinition Seed = new("--seed", "N", "The seed of swaps and draws. Default: 0.");
    private static readonly OptionDefinition All = OptionDefinition.Flag("--all", "List every changed clip instead of the first twenty.");
    private static readonly OptionDefinition Out = new("--out", "FILE", "A CSV file for the changed clips, all of them.") { Alias = "-o" };
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write the comparison as JSON instead of tables.");

    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static CommandDefinition Definition { get; } = new(
        "compare",
        "Compare two runs clip by clip: the difference in UAR with an interval and a permutation test by speaker, McNemar's test, and the clips that changed.",
        typeof(CompareCommand))
    {
        Operand = new OperandDefinition("RUN", "Two runs, A and B: run folders, or their predictions.csv.", IsSeveral: true),
        Options = [Partial, Permutations, Draws, Seed, All, Out, Json],
        Examples =
        [
            ("ser compare runs/mlp runs/cnn", "whether the second is better, and on which clips"),
            ("ser compare a/predictions.csv b/predictions.csv --out changed.csv", "the same from predictions alone, with the changed clips as a file"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        var defaults = new ComparisonOptions();
        var options = new ComparisonOptions
        {
            AllowPartial = input.Flag(Partial),
            Permutations = input.Whole(Permutations, 100) ?? defaults.Permutations,
            Draws = input.Whole(Draws, 100) ?? defaults.Draws,
            Seed = input.Whole(Seed, int.MinValue) ?? defaults.Seed,
        };
        bool all = input.Flag(All), json = input.Flag(Json);
        string? file = input.Text(Out);
        input.Require(input.Operands.Count == 2, $"ser compare takes two runs, A and B; got {Format.Whole(input.Operands.Count)}.");
        input.Check();

        ComparedRun a = ComparedRun.Read(input.Operands[0]), b = ComparedRun.Read(input.Operands[1]);
        (string? refused, IReadOnlyList<string> warnings) = ComparedRun.Differences(a, b);
        if (refused is not null && !options.AllowPartial) throw new EvaluationException($"{refused} Repeat one of the runs on the other's data, or compare the clips whose path both have with --partial.");
        foreach (string warning in refused is null ? warnings : [refused, .. warnings]) terminal.Message($"warning: {warning}");
        RunComparison found = RunComparison.Compare(a.Predictions, b.Predictions, options);
        if (file is not null) AtomicFile.WriteAllText(file, Csv(found));
        if (json) terminal.Result(JsonSerializer.Serialize(found, JsonFormat));
        else ComparisonText.Write(terminal, a, b, found, all);
        return ExitCode.Done;
    }

    private static string Csv(RunComparison found)
    {
        var text = new StringBuilder("path,speaker,label,change,predicted_a,confidence_a,predicted_b,confidence_b\n");
        foreach (ChangedClip clip in found.Changed)
            text.AppendJoin(',', new[]
            {
                clip.Path, clip.Speaker ?? "", clip.Label, ComparisonText.Name(clip.Change), clip.PredictedA, Number(clip.ConfidenceA), clip.PredictedB, Number(clip.ConfidenceB),
            }.Select(Format.CsvField)).Append('\n');
        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
