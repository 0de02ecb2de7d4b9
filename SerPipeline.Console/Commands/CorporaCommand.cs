using System.Text.Json;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Console.Training;
using SerPipeline.Corpora;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser corpora</c>: reads every clip of a corpus and tells what is in it and what is wrong with it.</summary>
internal sealed class CorporaCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private const int ProblemsShown = 20;

    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write everything found as JSON, a record a clip included.");
    private static readonly OptionDefinition All = OptionDefinition.Flag("--all", "List every problem instead of the first twenty.");

    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static CommandDefinition Definition { get; } = new(
        "corpora",
        "Scan a corpus: clips by label, speaker and sex, hours, sample rates, and every problem found (unreadable, silent, clipped, too short, duplicate).",
        typeof(CorporaCommand))
    {
        Options = [.. CorpusSource.Options, CacheFolder.Option, All, Json],
        Examples =
        [
            ("ser corpora --corpus ravdess --data RAVDESS", "what is in a copy of RAVDESS, and what is wrong with it"),
            ("ser corpora --corpus folder --data clips --json", "the same of a folder a label, for other programs"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        bool json = input.Flag(Json), all = input.Flag(All);
        input.Check();
        Corpus corpus = CorpusSource.Open(source, progress, cancellation);
        CorpusScanResult scan = progress.Run(scope =>
        {
            IProgressStage stage = scope.Start("scanning", corpus.Clips.Count, ProgressUnits.Clips);
            CorpusScanResult result = CorpusScan.Run(corpus, progress: new StageProgress<CorpusScanProgress>(stage, p => p.Done), cancellation: cancellation);
            stage.Complete();
            return result;
        });
        if (json) terminal.Result(JsonSerializer.Serialize(scan, JsonFormat));
        else Write(corpus, scan, all);
        return ExitCode.Done;
    }

    private void Write(Corpus corpus, CorpusScanResult scan, bool all)
    {
        (double shortest, double longest) = scan.Seconds;
        terminal.Result($"Corpus {corpus.DisplayName} in {corpus.Root}");
        if (corpus.Note is { } note) terminal.Result(note);
        if (corpus.Licence is { } licence) terminal.Result($"Licence: {licence}");
        terminal.Result(FormattableString.Invariant($"{scan.Clips.Count} clips, {scan.Hours:0.00} hours, clips of {shortest:0.0} to {longest:0.0} s"));
        Counts("label", scan.ByLabel);
        Counts("sex", scan.BySex);
        Counts("rate (Hz)", scan.BySampleRate);
        Counts("channels", scan.ByChannels);
        terminal.Result();
        Speakers(corpus, scan);
        terminal.Result();
        Problems(scan, all);
    }

    private void Counts(string what, IReadOnlyList<ScanCount> counts)
    {
        terminal.Result();
        var table = new TextTable(what, ">clips", ">hours");
        foreach (ScanCount count in counts) table.Add(count.Name, Format.Whole(count.Clips), Format.Hours(count.Hours));
        table.Write(terminal);
    }

    private void Speakers(Corpus corpus, CorpusScanResult scan)
    {
        ILookup<string, string?> sexes = corpus.Clips.Where(clip => clip.Speaker is not null).ToLookup(clip => clip.Speaker!, clip => clip.Sex, StringComparer.Ordinal);
        LabelBySpeaker matrix = scan.LabelBySpeaker;
        var table = new TextTable(["speaker", "sex", .. matrix.Labels.Select(label => ">" + label), ">clips"]);
        for (int s = 0; s < matrix.Speakers.Count; s++)
        {
            IReadOnlyList<int> clips = matrix.Clips[s];
            table.Add([matrix.Speakers[s], sexes[matrix.Speakers[s]].FirstOrDefault() ?? "unknown", .. clips.Select(count => Format.Whole(count)), Format.Whole(clips.Sum())]);
        }
        table.Write(terminal);
    }

    private void Problems(CorpusScanResult scan, bool all)
    {
        if (scan.Problems.Count == 0)
        {
            terminal.Result("No problems found.");
            return;
        }
        terminal.Result($"{Format.Count(scan.Problems.Count, "problem")} found:");
        var table = new TextTable("kind", "clip", "problem");
        int shown = all ? scan.Problems.Count : ProblemsShown;
        foreach (CorpusProblem problem in scan.Problems.Take(shown)) table.Add(problem.Kind.ToString(), problem.RelativePath, problem.Message);
        table.Write(terminal);
        if (scan.Problems.Count > shown) terminal.Result($"and {Format.Whole(scan.Problems.Count - shown)} more; --all lists them.");
    }
}
