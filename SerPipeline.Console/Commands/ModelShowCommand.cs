using Microsoft.ML;
using SerPipeline.Onnx;
using SerPipeline.Splits;
using SerPipeline.Transforms;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model show</c>: what is in a model file, on this library's side and on ML.NET's.</summary>
internal sealed class ModelShowCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition
        Card = OptionDefinition.Flag("--card",
            "Write the model's card (Markdown) and nothing else: what it is, how it scores and where it fails, what it may be used for."),
        Metrics = OptionDefinition.Flag("--metrics", "Write the model's scores (metrics.json) and nothing else."),
        Folds = OptionDefinition.Flag("--folds",
            "Write the folds the model was tested in (folds.json, as train --fold-file takes them) and nothing else.");

    public static CommandDefinition Definition { get; } = new(
        "show", "Show what a model file holds: versions, stages, training, scores and what they do not show, and what ML.NET finds in "
            + "it. The file is verified.", typeof(ModelShowCommand))
    {
        Operand = new OperandDefinition("MODEL", "A run folder or a model.zip of this program, or any ML.NET model.", IsSeveral: false),
        Options = [Card, Metrics, Folds],
        Examples =
        [
            ("ser model show runs/mine/model.zip", "everything but the weights"),
            ("ser model show runs/mine/model.zip --card > README.md", "the model's card, to be published with it"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        bool card = input.Flag(Card), metrics = input.Flag(Metrics), folds = input.Flag(Folds);
        input.Require((card ? 1 : 0) + (metrics ? 1 : 0) + (folds ? 1 : 0) < 2,
            "--card, --metrics and --folds write one file each: name one of them.");
        input.Check();
        string path = ModelPath.Resolve(input.Operands[0]);
        if (!File.Exists(path)) throw new ModelFormatException($"There is no model file '{path}'.");
        if (card) Write(path, CardPage.FileName, "card");
        else if (metrics) Write(path, MetricsFile.FileName, "scores");
        else if (folds) Write(path, FoldFile.FileName, "folds");
        else Show(path);
        return ExitCode.Done;
    }

    private void Write(string path, string name, string what)
    {
        var document = ModelRecord.Read(path);
        string? text = name == FoldFile.FileName ? TrainingRecord.From(document, path)?.FoldFile : null;
        if (text is null && document.Attachments.TryGetValue(name, out ReadOnlyMemory<byte> content))
            text = Encoding.UTF8.GetString(content.Span);
        if (text is null) throw new ModelFormatException($"'{path}' holds no {what}: it has no file {name}. {Why(name)}");
        terminal.OutputWriter.Write(text);
    }

    private static string Why(string name) => name == FoldFile.FileName
        ? "Models of protocols that do not part speakers have none."
        : "ser train saves one with every model; a program that saves models by itself adds it where it wants one.";

    private void Show(string path)
    {
        bool isOurs = ModelRecord.IsIn(path);
        ITransformer? model = Load(path, isOurs, out DataViewSchema? schema);
        using var owned = model as IDisposable;
        terminal.Result(path);
        if (isOurs) new ModelText(terminal, ModelRecord.Read(path), path).Write();
        else terminal.Result("  No model of SerPipeline: ML.NET's side is all there is.");
        if (model is null) return;
        terminal.Result("What ML.NET finds:");
        Line("input", schema is null ? "no schema" : string.Join(", ", schema.Select(c => $"{c.Name}: {c.Type}")));
        foreach ((int i, ITransformer stage) in Flat(model).Index()) Line(i == 0 ? "stages" : "", NameOf(stage.GetType()));
        if (schema is null) return;
        IEnumerable<DataViewSchema.Column> added = model.GetOutputSchema(schema)
            .Where(c => !c.IsHidden && schema.GetColumnOrNull(c.Name) is null);
        Line("output", string.Join(", ", added.Select(c => $"{c.Name}: {c.Type}")));
    }

    private static ITransformer? Load(string path, bool isOurs, out DataViewSchema? schema)
    {
        schema = null;
        try
        {
            using FileStream zip = File.OpenRead(path);
            ChainAssemblies.Require(zip, path);
            (ITransformer model, schema) = TemporaryGraphs.Load(zip);
            return model;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (isOurs) return null;
            throw new ModelFormatException($"'{path}' is neither a model of SerPipeline nor one that ML.NET opens: {e.Message}", e);
        }
    }

    private static IEnumerable<ITransformer> Flat(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    private void Line(string what, string text) => terminal.Result($"  {what,-8} {text}");
}

/// <summary>What <c>ser model show</c> says of a model of this library: versions, stages, training, scores with what they do not show, and
/// the files within.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="document">The model.</param>
/// <param name="path">Its file.</param>
internal sealed class ModelText(Terminal terminal, ModelRecord document, string path)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        Line("format", string.Create(CultureInfo.InvariantCulture,
            $"{document.FormatVersion}, written by SerPipeline {document.LibraryVersion}"));
        Line("input", document.WaveformColumn is { } waveform && document.SampleRateHz is { } rate
            ? $"{waveform}: mono samples at {Format.Whole(rate)} Hz"
            : string.Join(", ", document.ScoringInputs));
        foreach ((int i, ModelStage stage) in document.Stages.Index())
            Line(i == 0 ? "stages" : "", $"{stage.Name}: {stage.Input} -> {stage.Output}");
        Network();
        Training();
        Scores();
        foreach ((string name, int i) in document.Attachments.Keys.Order(StringComparer.Ordinal).Select((name, i) => (name, i)))
            Line(i == 0 ? "files" : "", $"{name} {Format.Whole(document.Attachments[name].Length)} bytes");
    }

    private void Network()
    {
        if (document.Scoring is not { } bytes)
        {
            Line("network", $"none: ML.NET scores. {document.ScoringProblem}");
            return;
        }
        OnnxModel onnx = OnnxModel.Read(bytes);
        Line("network", string.Create(CultureInfo.InvariantCulture,
            $"ONNX, opset {onnx.OperatorSets.GetValueOrDefault("")}: {onnx.Graph.Nodes.Count} nodes, "
                + $"{onnx.Graph.Initializers.Sum(t => t.Count)} constants and weights"));
        foreach (OnnxValueInfo info in onnx.Graph.Inputs) Line("", $"  in   {info}");
        foreach (OnnxValueInfo info in onnx.Graph.Outputs) Line("", $"  out  {info}");
        Line("labels", string.Join(", ", document.Labels));
    }

    private void Training()
    {
        if (TrainingRecord.From(document, path) is not { } record) return;
        Line("trained", string.Create(CultureInfo.InvariantCulture,
            $"{record.Trainer} on {record.Dataset} ({record.Protocol}), seed {record.Seed}, {record.Trained:yyyy-MM-dd HH:mm}"));
        if (record.Licence is { } licence) Line("licence", licence);
        if (Licences.ModelCaution(record.Licence) is { } caution) Line("", caution);
    }

    private void Scores()
    {
        if (!document.Attachments.TryGetValue(MetricsFile.FileName, out ReadOnlyMemory<byte> content)) return;
        IReadOnlyList<RunMetrics> runs;
        try
        {
            runs = MetricsFile.Parse(content.Span, MetricsFile.FileName).Runs;
        }
        catch (EvaluationException e)
        {
            // Whoever saved the model may call a file of their own so; the rest of the model is none the worse.
            Line("scores", $"not read: {e.Message}");
            return;
        }
        foreach ((RunMetrics run, int i) in runs.Select((run, i) => (run, i))) Scores(run, i == 0 ? "scores" : "");
        foreach ((int i, IGrouping<string, RunMetrics> protocol) in runs.GroupBy(run => run.Protocol, StringComparer.Ordinal).Index())
        {
            Line(i == 0 ? "protocol" : "", $"{protocol.Key}: {ProtocolNotices.Meaning([.. protocol])}");
            Line("", $"it does not show {ProtocolNotices.NotShown([.. protocol])}");
        }
        foreach (ScoreWarning warning in ProtocolNotices.Warnings(runs)) Line("warning", $"{warning.Title}: {warning.Text}");
    }

    private void Scores(RunMetrics run, string what)
    {
        string interval = run.Intervals is { } i
            ? $" ({(100 * i.Confidence).ToString("0.#", CultureInfo.InvariantCulture)} %: "
                + $"{Format.Score(i.Uar[0])}-{Format.Score(i.Uar[1])}{(i.Caution is null ? "" : "*")})" : "";
        Line(what, $"UAR {Format.Score(run.Uar)}{interval}, guessing {Format.Score(run.ChanceBaseline)}; accuracy "
            + $"{Format.Score(run.Accuracy)}; {Format.Count(run.TestClips, "test clip")} of {run.Dataset}");
        if (run.Intervals?.Caution is { } caution) Line("", "* " + caution);
        if (run.BySpeaker.Count > 1 && run.BySpeaker.WorstGroup() is { } worst)
            Line("", $"worst of {Format.Count(run.BySpeaker.Count, "test speaker")}: {worst.Name}, UAR {Format.Score(worst.Uar)} over "
                + $"{Format.Count(worst.Clips, "clip")}");
    }

    private void Line(string what, string text) => terminal.Result($"  {what,-8} {text}");
}
