using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments;

/// <summary>
/// A model's card as Markdown, after Mitchell et al. 2019, "Model Cards for Model Reporting" (FAT*). The lines at its top are those by
/// which Hugging Face files a model.
/// </summary>
internal sealed class CardPage
{
    /// <summary>The card's name in a model file.</summary>
    public const string FileName = "README.md";

    private readonly CardContent _card;
    private readonly Markdown _page = new();

    private CardPage(CardContent card) => _card = card;

    private RunMetrics First => _card.Runs[0];

    /// <summary>Writes the page.</summary>
    /// <param name="card">What it tells.</param>
    public static string Render(CardContent card) => new CardPage(card).Render();

    private string Render()
    {
        Opening();
        if (_card.FoldNote is { } fold) _page.Paragraph(Plain(fold));
        foreach ((RunMetrics run, ModelCard card) in _card.Runs.Zip(_card.Cards))
            new CardScores(_page, run, card, _card.Runs.Count > 1).Write();
        Data();
        _page.Heading(2, "Intended use");
        Sentences(_card.Cards.SelectMany(card => card.IntendedUse));
        _page.Heading(2, "Not for");
        Sentences(_card.Cards.SelectMany(card => card.OutOfScope));
        Loading();
        Training();
        return _page.ToString();
    }

    // What forbids conclusions comes before what invites them.
    private void Opening()
    {
        _page.Paragraph("---\npipeline_tag: audio-classification\ntags:\n- audio-classification\n"
            + "- speech-emotion-recognition\n- serpipeline\n---");
        _page.Heading(1, Plain(_card.Title));
        string[] warnings =
        [
            .. ProtocolNotices.Warnings(_card.Runs).Select(warning => Bold(warning.Title, warning.Text)),
            .. _card.Warnings.Select(warning => Bold("Copies", warning)),
            .. _card.Sources.Where(source => source.Trains).Select(source => Licences.TermsFor(source.Name, source.Licence, source.Facts))
                .OfType<string>().Select(terms => Bold("Licence", terms)),
        ];
        if (warnings.Length > 0) _page.Quote(warnings);
        _page.Paragraph($"{Plain(_card.Cards[0].Model)}. It takes a recording of one voice and gives a probability for each of "
            + $"{Format.Count(First.Labels.Count, "label")}: {Plain(string.Join(", ", First.Labels))}.");
        _page.Paragraph($"Input: audio of any rate and number of channels; it is mixed down and resampled to "
            + $"{Format.Whole(_card.SampleRateHz)} Hz. Stages: {string.Join(" → ", _card.Model.Stages.Select(stage => stage.Name))}.");
    }

    private void Data()
    {
        _page.Heading(2, "Data");
        _page.Table(["data set", "used for", "clips", "speakers", "licence"],
            _card.Sources.SelectMany(source => source.Parts).Select(part => (IReadOnlyList<string>)
            [Plain(part.Name), part.Use, Format.Whole(part.Clips ?? 0), part.Speakers is { } speakers ? Format.Whole(speakers) : "unknown",
                Plain(part.Licence ?? "unknown")]));
        foreach (TrainingSource source in _card.Sources) _page.Paragraph(Plain(Describe(source)));
        _page.Paragraph("This card gives no licence for the model itself: that is for whoever passes it on to choose, within the terms "
            + "of the data.");
    }

    private static string Describe(TrainingSource source) => source.Facts is { } facts
        ? $"{source.Name}: {facts.Title}. {facts.Description} Language: {facts.Language}. To cite: {facts.Citation}; {facts.Page}"
        : source.Synthetic ? $"{source.Name}: synthetic, made by a program; nobody was recorded."
        : $"{source.Name}: recordings that nothing is published about under this name; who spoke, in which language and how is for "
            + "their owner to say.";

    private void Loading()
    {
        _page.Heading(2, "How to load it");
        _page.Paragraph("In .NET with SerPipeline, `model.zip` being the file that this card lies in:");
        _page.Code("""
            using SerPipeline.Prediction;

            using SerModel model = SerModel.Load("model.zip");
            EmotionPrediction said = model.Predict("clip.wav");
            Console.WriteLine($"{said.Label ?? "no speech"}: {said.Probability:0.00}");
            """, "csharp");
        _page.Paragraph("On the command line:");
        _page.Code("ser predict --model model.zip clip.wav");
        _page.Paragraph($"In ML.NET without SerPipeline, with the packages {string.Join(", ", _card.Packages)}:");
        _page.Code($$"""
            var ml = new MLContext();
            ITransformer model = ml.Model.Load("model.zip", out DataViewSchema schema);
            var engine = ml.Model.CreatePredictionEngine<Clip, Emotion>(model);
            Emotion said = engine.Predict(new Clip { Waveform = samples });   // mono, {{Format.Whole(_card.SampleRateHz)}} Hz, from -1 to 1

            class Clip { public float[] Waveform; }
            class Emotion { public float[] Score; public string PredictedLabel; }
            """, "csharp");
        if (_card.Model.ScoringProblem is null)
            _page.Paragraph("`ser model export model.zip -o emotion.onnx` writes the same as one ONNX graph.");
    }

    private void Training()
    {
        _page.Heading(2, "Training");
        _page.Paragraph(Plain(_card.TrainingNote));
        _page.Table(["what", "value"], _card.Cards[0].Training.Select(fact => (IReadOnlyList<string>)[fact.Key, Plain(fact.Value)]));
        _page.Paragraph("Beside this card the file keeps `metrics.json`, every figure above and more, and under protocols that part "
            + "speakers `folds.json`, who was tested in which fold. `model.json` has every option of every stage.");
    }

    private void Sentences(IEnumerable<string> sentences) => _page.List(sentences.Distinct(StringComparer.Ordinal).Select(Plain));

    private static string Bold(string title, string text) => $"**{title}.** {Plain(text)}";
}

/// <summary>The part of a card about one evaluation: scores beside guessing, each label, the weakest speaker, and where the model
/// fails.</summary>
/// <param name="page">The page.</param>
/// <param name="run">The scores.</param>
/// <param name="card">What follows from them.</param>
/// <param name="isOneOfSeveral">Whether the model was tested on several data sets.</param>
internal sealed class CardScores(Markdown page, RunMetrics run, ModelCard card, bool isOneOfSeveral)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        page.Heading(2, isOneOfSeveral ? $"Scores on {Plain(run.Dataset)}" : "Scores");
        string heldOut = run.HeldOutSpeakers.Count == 0 ? ""
            : $" Held out: {Format.Count(run.HeldOutSpeakers.Count, "speaker")} ({Format.Names(run.HeldOutSpeakers)}).";
        page.Paragraph($"Protocol **{Plain(run.Protocol)}**, {Format.Count(run.TestClips, "test clip")} of {Plain(run.Dataset)}. "
            + $"{Plain(ProtocolNotices.Meaning([run]) + heldOut)}");
        page.Paragraph($"What this does not show: {Plain(ProtocolNotices.NotShown([run]))}");
        Totals();
        Labels();
        if (run.BySpeaker.Count > 1 && run.BySpeaker.WorstGroup() is { } worst)
            page.Paragraph($"Worst of {Format.Count(run.BySpeaker.Count, "test speaker")}: {Plain(worst.Name)}, with a UAR of "
                + $"{Format.Percent(worst.Uar)} on {Format.Count(worst.Clips, "clip")}.");
        if (card.KnownFailures.Count == 0) return;
        page.Heading(3, "Where it fails");
        page.List(card.KnownFailures.Select(Plain));
    }

    private void Totals()
    {
        RunIntervals? intervals = run.Intervals;
        page.Table(["", "score", intervals is null ? "interval" : $"{Format.Level(intervals.Confidence)} interval", "without looking"],
        [
            ["UAR, the mean recall of the labels", Format.Percent(run.Uar), Range(i => i.Uar),
                $"{Format.Percent(run.ChanceBaseline)}, guessing"],
            ["accuracy", Format.Percent(run.Accuracy), Range(i => i.Accuracy),
                $"{Format.Percent(run.MajorityBaseline)}, always the most frequent label"],
            ["macro F1", Format.Percent(run.MacroF1), Range(i => i.MacroF1), ""],
        ]);
        if (intervals is not null)
            page.Paragraph(Plain($"The intervals come from drawing {Format.Count(intervals.Units, $"test {intervals.Unit}")} with "
                + $"replacement, {Format.Whole(intervals.Draws)} times.{(intervals.Caution is { } caution ? $" {caution}" : "")}"));
        if (run.People is { } people)
            page.Paragraph(Plain($"People, by ear alone, on the same data set: accuracy {Format.Percent(people.Accuracy)} "
                + $"({people.Source})."));

        string Range(Func<RunIntervals, IReadOnlyList<double>> ends) => intervals is null ? "–" : Format.Range(ends(intervals));
    }

    private void Labels() => page.Table(["label", "test clips", "recall", "precision", "F1"],
        run.Classes.Select(one => (IReadOnlyList<string>)
        [Plain(one.Label), Format.Whole(one.Support), one.Support == 0 ? "–" : Format.Percent(one.Recall), Format.Percent(one.Precision),
            Format.Percent(one.F1)]));
}
