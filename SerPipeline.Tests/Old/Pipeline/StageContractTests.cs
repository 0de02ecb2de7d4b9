using System.Reflection;
using System.Runtime.CompilerServices;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>What every stage of the catalogs promises. A new catalog method without a case fails <see cref="Every_catalog_method_has_a_case"/>.</summary>
public sealed class StageContractTests(Recordings files) : IClassFixture<Recordings>
{
    public static TheoryData<string> Stages => [.. StageCases.All.Select(c => c.Method)];

    [Fact]
    public void Every_catalog_method_has_a_case()
    {
        Type[] catalogs = [typeof(TransformsCatalog), typeof(TransformsCatalog.ConversionTransforms), typeof(MulticlassClassificationCatalog.MulticlassClassificationTrainers)];
        string[] methods =
        [
            .. typeof(SerContext).Assembly.GetExportedTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
                .Where(m => m.IsDefined(typeof(ExtensionAttribute)) && catalogs.Contains(m.GetParameters()[0].ParameterType) && IsEstimator(m.ReturnType))
                .Select(m => m.Name).Distinct().Order(StringComparer.Ordinal),
        ];
        Assert.Equal(methods, StageCases.All.Select(c => c.Method).Order(StringComparer.Ordinal));

        static bool IsEstimator(Type type) => type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEstimator<>));
    }

    [Fact]
    public void Every_stage_that_a_model_file_may_hold_has_a_case() =>
        Assert.Equal(StageRegistry.Names.Order(StringComparer.Ordinal), StageCases.All.Select(c => c.Stage).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Stages))]
    public void A_missing_or_wrong_column_is_named_before_a_row_is_read(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        foreach ((string column, DataViewType wrong) in stage.Needs)
            foreach (DataViewSchema.DetachedColumn[] columns in new[] { input.Schema.Without(column), input.Schema.With(column, wrong) })
            {
                IDataView view = Views.Unreadable(columns);
                IEstimator<ITransformer> estimator = stage.Create(new SerContext());
                MustName(stage, column, () => estimator.GetOutputSchema(SchemaShape.Create(view.Schema)));
                MustName(stage, column, () => estimator.Fit(view));
            }
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void The_fitted_stage_names_a_missing_or_wrong_column_before_a_row_is_read(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        ITransformer fitted = stage.Create(new SerContext()).Fit(input);
        foreach ((string column, DataViewType wrong) in stage.Needs.Where(n => !stage.OnlyForFitting.Contains(n.Column)))
            foreach (DataViewSchema.DetachedColumn[] columns in new[] { input.Schema.Without(column), input.Schema.With(column, wrong) })
            {
                IDataView view = Views.Unreadable(columns);
                MustName(stage, column, () => fitted.GetOutputSchema(view.Schema));
                MustName(stage, column, () => fitted.Transform(view));
            }
        // Columns that only fitting needs may be absent: a clip to predict on has no label.
        foreach (string column in stage.OnlyForFitting) fitted.GetOutputSchema(new DataViewSchema(input.Schema.Without(column)));
        Dispose(fitted);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Estimator_transformer_and_rows_agree_on_the_columns(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        IEstimator<ITransformer> estimator = stage.Create(new SerContext());
        SchemaShape promised = estimator.GetOutputSchema(SchemaShape.Create(input.Schema));
        ITransformer fitted = estimator.Fit(input);
        IDataView output = fitted.Transform(input);
        string[] expected = [.. promised.Select(c => c.ToString()).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, SchemaShape.Create(fitted.GetOutputSchema(input.Schema)).Select(c => c.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(RowPrints.Of(fitted.GetOutputSchema(input.Schema)), RowPrints.Of(output.Schema));
        Assert.Equal(stage.Adds, output.Schema.Skip(input.Schema.Count).Select(c => c.Name));
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        while (cursor.MoveNext())
            foreach (DataViewSchema.Column column in output.Schema) MustBeOf(column, cursor.GetValue(column.Index));
        Assert.Equal(RowPrints.Of(input).Length, cursor.Position + 1);
        Dispose(fitted);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Fitting_again_gives_equal_rows_and_changes_neither_the_estimator_nor_what_it_gave(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        IEstimator<ITransformer> estimator = stage.Create(new SerContext(3));
        ITransformer first = estimator.Fit(input);
        string[] expected = RowPrints.Of(first.Transform(input));
        ITransformer other = estimator.Fit(stage.Input(files, 1)), again = estimator.Fit(input);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, RowPrints.Of(again.Transform(input)));
        Assert.Equal(expected, RowPrints.Of(first.Transform(input)));
        Dispose(first, other, again);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void A_saved_and_loaded_stage_gives_the_same_rows_and_columns(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        var ser = new SerContext(5);
        ITransformer fitted = stage.Create(ser).Fit(input);
        string path = files.File($"{method}.zip");
        ser.Model.Save(fitted, input.Schema, path);
        using TransformerChain<ITransformer> loaded = new SerContext(99).Model.Load(path, out DataViewSchema schema);
        Assert.Equal(stage.Stage, Assert.IsType<ISaveableTransformer>(Assert.Single(loaded.Transformers), exactMatch: false).StageName);
        Assert.Equal(input.Schema.Select(c => $"{c.Name}: {c.Type}"), schema.Select(c => $"{c.Name}: {c.Type}"));
        Assert.Equal(RowPrints.Of(fitted.Transform(input).Schema), RowPrints.Of(loaded.Transform(input).Schema));
        Assert.Equal(RowPrints.Of(fitted.Transform(input)), RowPrints.Of(loaded.Transform(input)));
        Dispose(fitted);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void The_same_seed_gives_the_same_rows_for_any_number_of_threads(string method)
    {
        StageCase stage = Case(method);
        IDataView input = stage.Input(files, 0);
        string[][] prints =
        [
            .. new[] { 1, 2 }.Select(threads =>
            {
                ITransformer fitted = stage.Create(new SerContext(7, new() { DegreeOfParallelism = threads })).Fit(input);
                string[] rows = RowPrints.Of(fitted.Transform(input));
                Dispose(fitted);
                return rows;
            }),
        ];
        Assert.Equal(prints[0], prints[1]);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Every_option_that_cannot_be_used_is_reported_at_once(string method)
    {
        StageCase stage = Case(method);
        MethodInfo made = stage.Create(new SerContext()).GetType().Assembly.GetExportedTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .First(m => m.Name == method && m.IsDefined(typeof(ExtensionAttribute)));
        bool hasOptions = made.GetParameters().Any(p => p.ParameterType.Name.EndsWith("Options", StringComparison.Ordinal));
        Assert.Equal(hasOptions, stage.CreateBroken is not null);
        if (stage.CreateBroken is null) return;
        var error = Assert.Throws<OptionsException>(() => stage.CreateBroken(new SerContext()));
        Assert.Equal(stage.BrokenOptions.Count, error.Problems.Count);
        Assert.All(stage.BrokenOptions, option => Assert.Contains(error.Problems, p => p.Contains($".{option} must ", StringComparison.Ordinal)));
    }

    internal static StageCase Case(string method) => StageCases.All.Single(c => c.Method == method);

    private static void MustName(StageCase stage, string column, Action action)
    {
        var error = Assert.Throws<SchemaException>(action);
        Assert.Contains(stage.Stage, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{column}'", error.Message, StringComparison.Ordinal);
    }

    private static void MustBeOf(DataViewSchema.Column column, object? value)
    {
        Assert.IsType(column.Type.RawType, value, exactMatch: false);
        switch (column.Type)
        {
            case VectorDataViewType vector when vector.Size > 0:
                Assert.Equal(vector.Size, ((VBuffer<float>)value!).Length);
                Assert.True(column.Annotations.SlotNames is null || column.Annotations.SlotNames.Count == vector.Size);
                break;
            case VectorDataViewType vector:
                Assert.Equal(0, ((VBuffer<float>)value!).Length % vector.Dimensions.Where(d => d > 0).Aggregate(1, (a, b) => a * b));
                break;
            case ImageDataViewType image:
                Assert.Equal((image.Height, image.Width), (((GrayImage)value!).Height, ((GrayImage)value).Width));
                break;
            case KeyDataViewType key:
                Assert.InRange((uint)value!, 0u, (uint)key.Count);
                Assert.Equal(key.Count, column.Annotations.KeyValues!.Count);
                break;
            case AudioDataViewType audio:
                Assert.Equal((audio.SampleRateHz, 1), (((AudioClip)value!).SampleRateHz, ((AudioClip)value).Channels));
                break;
            default:
                break;
        }
    }

    private static void Dispose(params ITransformer[] stages)
    {
        foreach (IDisposable stage in stages.OfType<IDisposable>()) stage.Dispose();
    }
}

/// <summary>The part of the contract that counts tensors.</summary>
[Collection(TensorCounting.Name)]
public sealed class StageTensorTests(Recordings files) : IClassFixture<Recordings>
{
    public static TheoryData<string> Stages => StageContractTests.Stages;

    [Theory]
    [MemberData(nameof(Stages))]
    public void Nothing_native_is_left_after_fitting_scoring_saving_loading_and_disposing(string method)
    {
        StageCase stage = StageContractTests.Case(method);
        IDataView input = stage.Input(files, 0);
        LiveTensors.MustNotGrow(() =>
        {
            var ser = new SerContext(1);
            ITransformer fitted = stage.Create(ser).Fit(input);
            RowPrints.Of(fitted.Transform(input));
            string path = files.File($"{method}-tensors.zip");
            ser.Model.Save(fitted, input.Schema, path);
            using (TransformerChain<ITransformer> loaded = ser.Model.Load(path, out _)) RowPrints.Of(loaded.Transform(input));
            (fitted as IDisposable)?.Dispose();
        });
    }
}
