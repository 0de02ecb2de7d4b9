using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser evaluate</c>: scores a saved model on a corpus, and says which of the clips it was trained on.</summary>
internal sealed class EvaluateCommand(Terminal terminal, TimeProvider time, ProgressDisplay progress) : ICommandHandler
{
    private static readonly OptionDefinition Model = new("--model", "MODEL", ModelCommand.ModelHelp)
    { Alias = "-m" };
    private static readonly OptionDefinition OnlyTest = OptionDefinition.Flag("--only-test",
        "Score only the test clips of the model's own training.");
    private static readonly OptionDefinition Out = new("--out", "DIR",
        "Write metrics.json, predictions.csv, report.html, run.json and the confusion matrix to this folder. Default: nothing is written.")
    { Alias = "-o" };
    private static readonly OptionDefinition Condition = new("--condition", "telephone|noise|room",
        "Make the clips sound as over a telephone line, in noise or in a room before they are scored. The protocol's name says so, such as "
            + "speaker-independent@telephone. Default: as they were recorded.")
    { Choices = ["telephone", "noise", "room"] };
    private static readonly OptionDefinition Strict = OptionDefinition.Flag("--strict",
        "Stop at the first clip that cannot be read, instead of leaving it out.");
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json",
        "Write metrics.json to standard output instead of tables.");

    public static CommandDefinition Definition { get; } = new(
        "evaluate",
        "Score a saved model on every clip of a corpus whose label the model knows, and say how many of them it was trained on.",
        typeof(EvaluateCommand))
    {
        Options = [Model, .. CorpusSource.Options, OnlyTest, Condition, Out, CacheFolder.Option, Strict, Json],
        Examples =
        [
            ("ser evaluate --model runs/mine/model.zip --corpus ravdess --data RAVDESS --only-test",
                "the test scores of the training again"),
            ("ser evaluate --model model.zip --corpus folder --data other --out runs/other", "a model on a corpus it was not trained on"),
            ("ser evaluate --model runs/mine/model.zip --corpus ravdess --data RAVDESS --only-test --condition telephone",
                "how much a telephone line would cost"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string path = input.Required(Model);
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        bool onlyTest = input.Flag(OnlyTest), json = input.Flag(Json);
        RecordingCondition condition = input.Choice<RecordingCondition>(Condition) ?? default;
        string? asked = input.Text(Out);
        bool strict = input.Flag(Strict);
        source = source with { Load = source.Load with { Strict = strict } };
        input.Check();
        string? folder = asked is null ? null : OutFolder.Choose(asked, "evaluation", time);

        DateTimeOffset started = time.GetUtcNow();
        var bad = new BadClips();
        using ModelFile model = ModelFile.Load(path);
        IReadOnlyDictionary<string, string>? settings = model.Record?.Settings;
        string? trained = source.Load.LabelMap is null ? settings?.GetValueOrDefault(CorpusSource.Map.Key) : null;
        // In training the map that was given stood in place of the data set's own, and came before its labels were chosen.
        bool same = source.DatasetNames is [var one] && one.Equals(model.Record?.Dataset, StringComparison.OrdinalIgnoreCase)
            && settings?.ContainsKey(CorpusSource.Dataset.Key) == true;
        if (trained is not null)
            terminal.Message($"Labels are mapped as in the model's training, --map {trained}; --map maps them otherwise.");
        Corpus corpus = CorpusSource.Open(trained is null || !same ? source : source with
        {
            Load = source.Load with { LabelMap = CorpusSource.Settings.MapOf(trained) },
        }, progress, cancellation);
        if (trained is not null && !same) corpus = LabelNames.MapKnown(corpus, CorpusSource.Settings.MapOf(trained));
        corpus = LabelNames.Align(corpus, model.Labels);
        CorpusMessages.Write(terminal, corpus);
        CorpusData data = CorpusData.Of(corpus, progress, cancellation, source.Load.KeepDoubtful, strict);
        CorpusMessages.Trouble(data.Corpus.Problems, terminal.Message);
        EvaluationPlan plan = EvaluationPlan.Create(model, data, onlyTest, condition);
        foreach (string message in plan.Messages) terminal.Message(message);
        PredictionSet predictions = Score(model, plan, strict ? null : bad, cancellation);
        bad.Write(terminal);
        ClassificationReport report = predictions.ToReport();
        RunMetrics metrics = RunMetrics.From(plan.Protocol, report).WithDetails(predictions) with
        {
            Calibration = Calibration.Of(predictions, model.History?.Temperature),
            People = plan.Clips.People is { } people ? new RunPeople(people.Rate, people.Source) : null,
        };
        if (folder is not null) WriteFolder(folder, plan, metrics, predictions, input.CommandLine, started);
        if (json) terminal.OutputWriter.Write(Encoding.UTF8.GetString(MetricsFile.From([metrics]).ToBytes()));
        else Write(plan, report, metrics);
        if (folder is not null) (json ? (Action<string>)terminal.Message : terminal.Result)($"Run folder: {folder}");
        return ExitCode.Done;
    }

    private PredictionSet Score(ModelFile model, EvaluationPlan plan, BadClips? bad, CancellationToken cancellation) =>
        progress.Stage("scoring", plan.Clips.Clips.Count, ProgressUnits.Clips, stage => model.ScoreAsync(plan.Clips,
            done => stage.Report(done), bad is null ? null : (path, reason) => bad.Add(new BadClip(path, reason)), plan.Condition,
            cancellation).GetAwaiter().GetResult());

    private void WriteFolder(
        string folder, EvaluationPlan plan, RunMetrics metrics, PredictionSet predictions, IReadOnlyList<string> commandLine,
        DateTimeOffset started)
    {
        var record = new RunRecord
        {
            CommandLine = commandLine,
            Protocol = metrics.Protocol,
            Seed = metrics.Seed,
            Started = started,
            Finished = time.GetUtcNow(),
            Environment = RunEnvironment.Current(),
            Data = new Dictionary<string, DataFingerprint> { [plan.Clips.Name] = plan.Fingerprint },
            Options = RunRecord.Describe(("corpus", RunOptions.Describe(plan.Clips)), ("model", plan.ModelFacts)),
        };
        PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), predictions);
        MetricsFile.From([metrics]).Write(Path.Combine(folder, MetricsFile.FileName));
        record.Write(Path.Combine(folder, RunRecord.FileName));
        RunReport.Write(folder, plan.Clips, new ReportContent
        {
            Title = $"{metrics.Trainer} on {plan.Clips.DisplayName}, {metrics.Protocol}",
            Runs = [metrics],
            Predictions = predictions,
            Card = ModelCard.From(metrics, new ModelCardFacts
            {
                Model = TrainerChains.Describe(metrics.Trainer),
                Data = [RunReport.CardOf(plan.Clips, "evaluation")],
                Training = [.. plan.ModelFacts.Where(fact => fact.Value is string or long or int)
                    .Select(fact => KeyValuePair.Create(fact.Key, Convert.ToString(fact.Value, CultureInfo.InvariantCulture)!))],
            }),
            Run = record,
            Notes = [.. plan.Messages, .. RunReport.Trouble(plan.Clips)],
        });
    }

    private void Write(EvaluationPlan plan, ClassificationReport report, RunMetrics metrics)
    {
        terminal.Result($"{metrics.Trainer} on {Format.Count(metrics.TestClips, "clip")} of {plan.Clips.DisplayName}, protocol "
            + $"{metrics.Protocol}:");
        var table = new TextTable("label", ">precision", ">recall", ">F1", ">clips");
        foreach (ClassMetrics c in report.Classes)
            table.Add(c.Label, Format.Score(c.Precision), Format.Score(c.Recall), Format.Score(c.F1), Format.Whole(c.Support));
        table.Add("macro average", Format.Score(report.Macro.Precision), Format.Score(report.Macro.Recall), Format.Score(report.Macro.F1),
            Format.Whole(report.Support));
        table.Add("weighted average", Format.Score(report.Weighted.Precision), Format.Score(report.Weighted.Recall),
            Format.Score(report.Weighted.F1), Format.Whole(report.Support));
        table.Write(terminal);
        string range = metrics.Intervals is not { } interval ? ""
            : $" (95 % {Format.Score(interval.Uar[0])} to {Format.Score(interval.Uar[1])}"
                + (interval.Caution is { } caution ? $"; {caution})" : ")");
        terminal.Result($"UAR {Format.Score(report.Uar)}{range}, accuracy {Format.Score(report.Accuracy)}, "
            + $"log-loss {Format.Score(report.LogLoss)}; guessing gives a UAR of {Format.Score(report.Baseline.ChanceAccuracy)}.");
        if (report.UntestedNote is { } untested) terminal.Result(untested);
        terminal.Result();
        var confusion = new TextTable(["true \\ predicted", .. report.Labels.Select(label => ">" + label)]);
        for (int i = 0; i < report.Labels.Count; i++) confusion.Add([report.Labels[i], .. report.Confusion.Counts[i].Select(Format.Whole)]);
        confusion.Write(terminal);
        if (plan.TrainedOn > 0) terminal.Result($"These scores include {Format.Count(plan.TrainedOn, "clip")} whose audio the model was "
            + $"trained on: {(plan.TrainedOn == 1 ? "it says" : "they say")} little about new clips.");
    }
}
