using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

/// <summary>What every stage promises. A new catalog method without a case fails <see cref="Every_catalog_method_has_a_case"/>.</summary>
public sealed class StageContractTests(Recordings files) : IClassFixture<Recordings>
{
    private static readonly MLContext Ml = new(seed: 1);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["LoadAudio"] = new(
            (output, input) => Ml.Transforms.LoadAudio(output, input), "Path", f => Ml.Data.LoadCorpus(f.Corpus(2, 1)),
            () =>
                Ml.Transforms.LoadAudio("X", "Y", new() { SampleRateHz = 0, Trim = new() { PeakFraction = 2 } }),
                    ["SampleRateHz", "PeakFraction"]),
        ["LogMelSpectrogram"] = new(
            (output, input) => Ml.Transforms.LogMelSpectrogram(output, input, new() { MelBands = 12 }), "Waveform", _ => Clips(16000),
            () => Ml.Transforms.LogMelSpectrogram("X", "Y", new() { MelBands = 0, HopSamples = 0 }), ["MelBands", "HopSamples"]),
        ["UtteranceFeatures"] = new(
            (output, input) => Ml.Transforms.UtteranceFeatures(output, input), "Waveform", _ => Clips(16000),
            () => Ml.Transforms.UtteranceFeatures("X", "Y", new() { MelBands = 0, VoicedBelow = 2 }), ["MelBands", "VoicedBelow"]),
        ["GemapsFeatures"] = new(
            (output, input) => Ml.Transforms.GemapsFeatures(output, input), "Waveform", _ => Clips(16000),
            () => Ml.Transforms.GemapsFeatures("X", "Y", new() { PitchLowHz = 0, VoicedBelow = 2 }), ["PitchLowHz", "VoicedBelow"]),
        ["PaperMfcc"] = new(
            (output, input) => Ml.Transforms.PaperMfcc(output, input), "Waveform", _ => Clips(22050),
            () => Ml.Transforms.PaperMfcc("X", "Y", new() { FftLength = 0, TopDb = -1 }), ["FftLength", "TopDb"]),
        ["SpectrogramImage"] = new(
            (output, input) => Ml.Transforms.SpectrogramImage(output, input, new() { Width = 20 }), "Spectrogram", _ => Views.Frames(5),
            () => Ml.Transforms.SpectrogramImage("X", "Y", new() { Width = -1, StandardDeviations = 0 }), ["Width", "StandardDeviations"]),
    };

    public static TheoryData<string> Stages => [.. Cases.Keys];

    [Fact]
    public void Every_catalog_method_has_a_case()
    {
        IEnumerable<string> methods = typeof(LoadAudioTransformer).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(ExtensionAttribute)) && m.GetParameters()[0].ParameterType == typeof(TransformsCatalog)
                && m.ReturnType.BaseType is { IsGenericType: true } b && b.GetGenericTypeDefinition() == typeof(RowEstimator<>))
            .Select(m => m.Name);
        Assert.Equal(Cases.Keys.Order(), methods.Order());
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Columns_are_known_before_any_row_is_read(string stage)
    {
        Case c = Cases[stage];
        var input = new CountingView(c.Input(files), unreadable: true);
        IEstimator<RowTransformer> estimator = c.Create("Out", c.Column);
        SchemaShape shape = estimator.GetOutputSchema(MlNetInternals.ShapeOf(input.Schema));
        RowTransformer fitted = estimator.Fit(input);
        Assert.Equal(("Out", c.Column), (fitted.OutputColumnName, fitted.InputColumnName));
        DataViewSchema schema = fitted.GetOutputSchema(input.Schema);
        Assert.Equal([.. input.Schema.Select(x => x.Name), "Out"], schema.Select(x => x.Name));
        Assert.Equal(schema.Select(x => x.Name), fitted.Transform(input).Schema.Select(x => x.Name));
        // What is said before fitting is what comes out.
        SchemaShape.Column promised = shape.Single(x => x.Name == "Out"), actual = MlNetInternals.ShapeOf(schema)
            .Single(x => x.Name == "Out");
        Assert.Equal((actual.Kind, actual.ItemType.RawType, actual.IsKey), (promised.Kind, promised.ItemType.RawType, promised.IsKey));
        Assert.Equal(actual.Annotations.Select(a => a.Name).Order(), promised.Annotations.Select(a => a.Name).Order());
        Assert.True(fitted.IsRowToRowMapper);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void A_missing_or_unfit_column_is_told_before_any_row_is_read(string stage)
    {
        Case c = Cases[stage];
        var input = new CountingView(c.Input(files), unreadable: true);
        var numbers = new CountingView(new MemoryView(1, [MemoryView.Of(c.Column, NumberDataViewType.Int32, i => i)]), unreadable: true);
        RowTransformer fitted = c.Create("Out", c.Column).Fit(input);
        foreach ((IDataView view, IEstimator<RowTransformer> wrong, string[] words) in new (IDataView, IEstimator<RowTransformer>,
            string[])[]
                 {
                     (input, c.Create("Out", "Nothing"), [stage, "'Nothing'", "there is none", input.Schema[0].Name]),
                     (numbers, c.Create("Out", c.Column), [stage, $"'{c.Column}'", "Int32"]),
                 })
        {
            string[] messages =
            [
                Assert.Throws<SchemaException>(() => wrong.GetOutputSchema(MlNetInternals.ShapeOf(view.Schema))).Message,
                Assert.Throws<SchemaException>(() => wrong.Fit(view)).Message,
            ];
            Assert.All(messages, m => Assert.All(words, w => Assert.Contains(w, m, StringComparison.Ordinal)));
        }
        Assert.Throws<SchemaException>(() => fitted.Transform(numbers));
        Assert.Throws<SchemaException>(() => fitted.GetRowToRowMapper(numbers.Schema));
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Nothing_and_empty_names_are_refused_and_one_name_serves_both_columns(string stage)
    {
        Case c = Cases[stage];
        IEstimator<RowTransformer> estimator = c.Create("Out", c.Column);
        RowTransformer fitted = estimator.Fit(c.Input(files));
        Assert.Throws<ArgumentNullException>(() => c.Create(null!, c.Column));
        Assert.Throws<ArgumentException>(() => c.Create("", c.Column));
        Assert.Throws<ArgumentException>(() => c.Create("Out", ""));
        Assert.Throws<ArgumentNullException>(() => estimator.Fit(null!));
        Assert.Throws<ArgumentNullException>(() => estimator.GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>(() => fitted.Transform(null!));
        Assert.Throws<ArgumentNullException>(() => fitted.GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>(() => fitted.GetRowToRowMapper(null!));
        // In place: the new column hides the old one.
        IDataView input = c.Input(files), apart = fitted.Transform(input), inPlace = c.Create(c.Column, null).Fit(input).Transform(input);
        Assert.Equal(apart.Prints("Out"), inPlace.Prints(c.Column));
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Every_unfit_option_is_told_at_once(string stage)
    {
        OptionsException error = Assert.Throws<OptionsException>(() => Cases[stage].CreateBroken());
        Assert.All(Cases[stage].BrokenOptions, o => Assert.Contains(error.Problems, p => p.Contains($".{o} ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Options_are_copied(string stage)
    {
        RowTransformer fitted = Cases[stage].Create("Out", Cases[stage].Column).Fit(Cases[stage].Input(files));
        PropertyInfo options = fitted.GetType().GetProperty("Options")!;
        object given = options.GetValue(fitted)!;
        MethodInfo method = typeof(TransformsCatalogExtensions).GetMethod(stage)!;
        object?[] arguments =
            [Ml.Transforms, "Out", Cases[stage].Column, given, .. method.GetParameters().Skip(4).Select(_ => (object?)null)];
        object copy = options.GetValue(((IEstimator<RowTransformer>)method.Invoke(null, arguments)!).Fit(Cases[stage].Input(files)))!;
        Assert.NotSame(given, copy);
        Assert.Equal(given, copy);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void The_view_and_the_row_mapper_give_the_same_values(string stage)
    {
        Case c = Cases[stage];
        IDataView input = c.Input(files);
        RowTransformer fitted = c.Create("Out", c.Column).Fit(input);
        string[] expected = fitted.Transform(input).Prints("Out");
        IRowToRowMapper mapper = fitted.GetRowToRowMapper(input.Schema);
        DataViewSchema.Column column = mapper.OutputSchema["Out"];
        Assert.Equal([c.Column], mapper.GetDependencies([column]).Select(d => d.Name));
        using DataViewRowCursor cursor = input.GetRowCursor(mapper.GetDependencies([column]));
        using DataViewRow row = mapper.GetRow(cursor, [column]);
        Func<string> first = Views.Printer(row, column), second = Views.Printer(row, column);
        var found = new List<string>();
        while (cursor.MoveNext())
        {
            found.Add(first());
            Assert.Equal(found[^1], second());
        }
        Assert.Equal(expected, found);
        Assert.Equal(input.GetRowCount(), found.Count);
    }

    [Fact]
    public void A_row_that_waits_holds_what_was_asked_for_alone()
    {
        IDataView input = Ml.Data.LoadCorpus(files.Corpus(1, 1)), output = ReadingTests.Chain(input, new() { BadClips = BadClipRule.Skip });
        var plan = new RowPlan((RowStageView)output, [output.Schema["Features"].Index]);
        object?[] source = new object?[input.Schema.Count];
        source[input.Schema["Path"].Index] = new StrongBox<ReadOnlyMemory<char>>(input.Texts("Path")[0].AsMemory());
        object?[] row = plan.Evaluate(source).Values;
        Assert.Equal([output.Schema["Features"].Index], Enumerable.Range(0, row.Length).Where(i => row[i] is not null));
    }

    [Fact]
    public void Rows_that_nobody_will_read_are_not_begun()
    {
        int decoded = 0;
        using ManualResetEventSlim second = new(), gate = new();
        var reading = new AudioReading
        {
            DegreeOfParallelism = 1,
            Decoded = (_, _) =>
            {
                if (Interlocked.Increment(ref decoded) < 2) return;
                second.Set();
                gate.Wait(TimeSpan.FromSeconds(30));
            },
        };
        IDataView input = Ml.Data.LoadCorpus(files.Corpus(2, 2));
        IDataView loaded = Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading).Fit(input).Transform(input);
        DataViewRowCursor cursor = loaded.GetRowCursor([loaded.Schema["Waveform"]]);
        Assert.True(cursor.MoveNext());
        second.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        // Two more wait behind the second row when the cursor is left.
        var leaving = new Thread(cursor.Dispose);
        leaving.Start();
        Assert.True(SpinWait.SpinUntil(() => leaving.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(30)));
        gate.Set();
        leaving.Join();
        Assert.Equal(2, decoded);
    }

    [Fact]
    public void What_a_source_throws_is_not_wrapped()
    {
        IDataView view = Ml.Data.LoadFiles(["a.wav"]);
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        Assert.Throws<InvalidOperationException>(() => SourceColumn.Create(cursor, view.Schema["Path"]));
    }

    [Fact]
    public void Options_of_a_saved_chain_that_cannot_be_used_are_the_models_fault() => Assert.Contains("SampleRateHz",
        Assert.Throws<ModelFormatException>(() => new LoadAudioMapping().GetMapping()(
            new AudioPath { Path = files.Corpus(1, 1).Clips[0].Path, Options = "{'sampleRateHz':0}" }, new AudioSamples())).Message,
        StringComparison.Ordinal);

    private static IDataView Clips(int rate) =>
        Views.Waveforms(rate, [.. Enumerable.Range(0, 4).Select(i => Recordings.Tone(i % 3, i, 0, 0.2 + (0.05 * i)).Samples.ToArray())]);

    private sealed record Case(
        Func<string, string?, IEstimator<RowTransformer>> Create, string Column, Func<Recordings, IDataView> Input, Action CreateBroken,
            string[] BrokenOptions);
}
