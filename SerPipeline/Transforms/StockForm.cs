using Microsoft.ML.Transforms.Image;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// What a stage is saved as: transformers of ML.NET. Feature stages become ONNX graphs and open anywhere; LoadAudio becomes a custom
/// mapping that this library
/// holds, see <see cref="LoadAudioMapping"/>.
/// </summary>
/// <remarks>
/// Loaded, a stage adds the same columns with the same types, slot names included, but for two things: the annotation <c>SampleRateHz</c>
/// of waveforms is gone, and
/// frames are vectors of unknown size, as ML.NET reads no shape that is free in part.
/// </remarks>
internal static class StockForm
{
    /// <summary>The first part of the names of columns that are there for a moment only.</summary>
    public const string Temporary = "SerPipeline.";

    public static ITransformer Of(RowTransformer stage, DataViewType input)
    {
        // Its own environment: nothing here is random or logged.
        var ml = new MLContext();
        if (stage is LoadAudioTransformer load) return LoadAudioMapping.StockForm(ml, load);
        // A graph cannot give a name to two tensors.
        string source = stage.InputColumnName == stage.OutputColumnName ? Temporary + stage.InputColumnName : stage.InputColumnName;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(stage.InputColumnName, input);
        DataViewSchema.Column output = stage.GetOutputSchema(schema.ToSchema())[stage.OutputColumnName];
        var graph = new ColumnGraph(1);
        Add(graph, stage, source, input, output);
        var stages = new List<ITransformer>();
        var drop = new List<string>();
        if (source != stage.InputColumnName)
        {
            stages.Add(ml.Transforms.CopyColumns(source, stage.InputColumnName).Fit(MemoryView.Empty(stage.InputColumnName, input)));
            drop.Add(source);
        }
        stages.Add(graph.ToTransformer(ml, stage.StageName));
        if (output.Type is ImageDataViewType image)
        {
            stages.Add(ToImage(ml, stage.OutputColumnName, image));
            drop.Add(Planes(stage.OutputColumnName));
        }
        if (drop.Count > 0) stages.Add(MlNetInternals.DropColumns(ml, [.. drop]));
        return stages.Count == 1 ? stages[0] : new TransformerChain<ITransformer>([.. stages]);
    }

    /// <summary>The column of planes that an image is made of.</summary>
    public static string Planes(string image) => $"{Temporary}{image}.Planes";

    /// <summary>From planes [3, height, width] to an image.</summary>
    public static ITransformer ToImage(MLContext ml, string column, ImageDataViewType type) =>
        ml.Transforms.ConvertToImage(type.Height, type.Width, column, Planes(column))
            .Fit(MemoryView.Empty(Planes(column), new VectorDataViewType(NumberDataViewType.Single, 3, type.Height, type.Width)));

    private static void Add(ColumnGraph graph, RowTransformer stage, string source, DataViewType input, DataViewSchema.Column output)
    {
        OnnxColumn column = stage.Stage.AddOnnx(graph.Input(source, input));
        if (output.Type is not ImageDataViewType image)
            graph.Output(stage.OutputColumnName, column, output.Type, Waveform.SlotNamesOf(output));
        else if (image is { Height: > 0, Width: > 0 }) graph.OutputPlanes(Planes(stage.OutputColumnName), column, image);
        else throw new ModelExportException($"{stage.StageName} cannot be saved: its images have no fixed size, which ML.NET's "
            + "ConvertToImage needs. Set Width.");
    }
}
