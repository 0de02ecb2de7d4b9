using System.Text;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Tests.Old.Trainers;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Old.Models;

public sealed class ModelFileTests(ModelFiles model) : IClassFixture<ModelFiles>
{
    [Fact]
    public void A_loaded_model_scores_as_the_one_that_was_saved_to_the_last_bit()
    {
        using TransformerChain<ITransformer> loaded = new SerContext(77).Model.Load(model.Path, out DataViewSchema schema);
        Assert.Equal(model.Rows.Schema.Select(c => $"{c.Name}: {c.Type}"), schema.Select(c => $"{c.Name}: {c.Type}"));
        Assert.Equal(model.Scores, RowPrints.Of(loaded.Transform(model.Rows), "Score", "PredictedLabel"));
    }

    [Fact]
    public void The_document_tells_stages_columns_versions_and_notes_without_building_the_model()
    {
        ModelDocument document = new SerContext().Model.ReadDocument(model.Path);
        Assert.Equal(["NormalizeMeanVariance", "Mlp", "MapKeyToValue"], document.Stages.Select(s => s.StageName));
        Assert.Equal(["Features", "Label", "Speaker"], document.InputColumns.Select(c => c.Name));
        Assert.Equal(ModelFiles.Notes, document.Notes);
        Assert.Equal(ModelDocument.CurrentFormatVersion, document.FormatVersion);
        Assert.NotEmpty(document.LibraryVersion);
    }

    [Fact]
    public void The_training_history_travels_with_the_model()
    {
        using TransformerChain<ITransformer> loaded = new SerContext().Model.Load(model.Path, out _);
        var mlp = loaded.Transformers.OfType<MlpModel>().Single();
        Assert.Equal(2, mlp.History.Epochs.Count);
        Assert.Equal((27, 3), (mlp.History.TrainExamples, mlp.History.ValidationExamples));
        Assert.Equal(Toys.Classes, mlp.Labels);
        Assert.Equal(["Linear", "ReLU", "Dropout", "Linear"], mlp.Describe().Select(l => l.Kind));
    }

    // The validation loss of one epoch may be infinite; such a training is still a training, and its model must be savable.
    [Fact]
    public void A_history_with_figures_that_are_no_finite_numbers_is_saved_too()
    {
        var metrics = new TrainingMetrics
        {
            Epoch = 1,
            Epochs = 1,
            TrainLoss = 1,
            TrainAccuracy = 1,
            ValidationLoss = double.PositiveInfinity,
            ValidationUar = double.NaN,
            LearningRate = 1,
            Seconds = 1,
            ExamplesPerSecond = 1,
        };
        var history = new TrainingHistory { Epochs = [metrics], ChosenEpoch = 1, TrainExamples = 1, ValidationExamples = 1, ValidationGroups = [], Parameters = 8 };
        var columns = new NeuralModelColumns("Features", "Score", "PredictedLabel", ["a", "b"]);
        var ser = new SerContext();
        using var mlp = new MlpModel(ser, new MlpModel.Settings(columns, 2, [1], 0), MlpNetwork.Create(2, [1], 2, 0, new SeededRandom(1)), history);
        string path = model.NewName();
        ser.Model.Save(mlp, new DataViewSchema([new("Features", new VectorDataViewType(2))]), path);
        using TransformerChain<ITransformer> loaded = ser.Model.Load(path, out _);
        Assert.Equal(metrics, Assert.Single(loaded.Transformers.OfType<MlpModel>().Single().History.Epochs));
    }

    [Fact]
    public void Saving_twice_gives_identical_bytes_and_so_does_saving_what_was_loaded()
    {
        var ser = new SerContext();
        using TransformerChain<ITransformer> loaded = ser.Model.Load(model.Path, out DataViewSchema schema);
        string first = model.NewName(), second = model.NewName();
        ser.Model.Save(loaded, schema, first, ModelFiles.Notes, ModelFiles.Attachments);
        ser.Model.Save(loaded, schema, second, ModelFiles.Notes, ModelFiles.Attachments);
        Assert.Equal(model.Bytes, File.ReadAllBytes(first));
        Assert.Equal(model.Bytes, File.ReadAllBytes(second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_save_that_fails_leaves_the_old_file_and_nothing_else(bool whileWriting)
    {
        string path = model.New([1, 2, 3]);
        string[] before = model.Files();
        ITransformer stage = whileWriting ? new BrokenStage() : new FunctionStage<string, string>(new SerContext(), "Speaker", new("X", TextDataViewType.Instance), s => s);
        Assert.ThrowsAny<Exception>(() => new SerContext().Model.Save(stage, model.Rows.Schema, path));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(before, model.Files());
    }

    [Fact]
    public void A_stage_that_cannot_be_saved_is_named()
    {
        var stage = new FunctionStage<string, string>(new SerContext(), "Speaker", new("X", TextDataViewType.Instance), s => s);
        Assert.Contains("FunctionStage", Assert.Throws<ModelFormatException>(() => new SerContext().Model.Save(stage, model.Rows.Schema, model.NewName())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_input_column_comes_back_as_it_was()
    {
        DataViewSchema.DetachedColumn[] columns =
        [
            new("text", TextDataViewType.Instance), new("single", NumberDataViewType.Single), new("double", NumberDataViewType.Double), new("whole", NumberDataViewType.Int32),
            new("key", new KeyDataViewType(7)), new("vector", new VectorDataViewType(3)), new("frames", new VectorDataViewType(64, 0)),
            new("image", new ImageDataViewType(64, 200)), new("audio", new AudioDataViewType(16000)),
        ];
        string path = model.NewName();
        var ser = new SerContext();
        ser.Model.Save(ser.Transforms.Conversion.MapValueToKey("k", "text").Fit(Views.Of([columns[0]], [["a"]])), new DataViewSchema(columns), path);
        ser.Model.Load(path, out DataViewSchema loaded).Dispose();
        Assert.Equal(columns.Select(c => $"{c.Name}: {c.Type}"), loaded.Select(c => $"{c.Name}: {c.Type}"));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        string missing = model.NewName();
        Assert.Contains(missing, ModelFiles.Refused(missing).Message, StringComparison.Ordinal);
        Assert.Contains("no model file", ModelFiles.Refused(Path.GetDirectoryName(model.Path)!).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("this is a text and no zip at all, long enough to hold an end record of a zip")]
    public void What_is_no_zip_is_refused(string content) => model.Refused(Encoding.UTF8.GetBytes(content));

    [Fact]
    public void A_zip_of_something_else_is_refused_as_such()
    {
        foreach (Dictionary<string, byte[]> entries in new[] { [], new Dictionary<string, byte[]> { ["Model/ModelParameters.txt"] = [1, 2], ["other.onnx"] = new byte[100] } })
            Assert.Contains("no SerPipeline model", model.Refused(ModelFiles.Zip(entries)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_file_is_refused_with_the_version_it_needs()
    {
        string message = model.Refused(model.WithManifest(m =>
        {
            m["formatVersion"] = ModelDocument.CurrentFormatVersion + 4;
            m["libraryVersion"] = "9.8.7";
            m["somethingNew"] = true;
            m["stages"] = "in a layout of the future";
        })).Message;
        Assert.Contains("9.8.7", message, StringComparison.Ordinal);
        Assert.Contains($"{ModelDocument.CurrentFormatVersion + 4}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_stage_is_named_with_those_that_are_known()
    {
        string message = model.Refused(model.WithManifest(m => m["stages"]![0]!["name"] = "Telepathy")).Message;
        Assert.Contains("Telepathy", message, StringComparison.Ordinal);
        Assert.Contains("LogMelSpectrogram", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_option_is_refused_rather_than_ignored() =>
        Assert.Contains("bassBoost", model.Refused(model.WithManifest(m => m["stages"]![1]!["options"]!["bassBoost"] = 3)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_part_that_is_missing_changed_or_of_another_length_is_named()
    {
        string part = ModelFiles.ManifestOf(model.Bytes)["stages"]![1]!["parts"]![1]!["entry"]!.GetValue<string>();
        Assert.Contains("weights", part, StringComparison.Ordinal);
        Action<Dictionary<string, byte[]>>[] damages = [e => e.Remove(part), e => e[part][^1] ^= 1, e => e[part] = e[part][..^4], e => e[part] = [.. e[part], 0]];
        Assert.All(damages, damage => Assert.Contains(part, model.Refused(ModelFiles.WithEntries(model.Bytes, damage)).Message, StringComparison.Ordinal));
        model.Refused(model.WithManifest(m => m["stages"]![1]!["parts"]![1]!["sha256"] = new string('0', 64)));
    }

    private sealed class BrokenStage : ISaveableTransformer
    {
        public string StageName => "LoadAudio";

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public void Save(StageContent stage)
        {
            stage.AddPart("large", new byte[100_000]);
            stage.OptionsJson = "{ this is no JSON";
        }
    }
}
