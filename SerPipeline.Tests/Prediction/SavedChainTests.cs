using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Prediction;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>ml.Model.Save, FromWaveform and SavePortable: columns and scores before and after.</summary>
public sealed class SavedChainTests(FittedChains chains)
{
    private const float Tolerance = 1e-4f;

    [Theory]
    [InlineData("images")]
    [InlineData("mlp")]
    [InlineData("linear")]
    public void The_whole_chain_is_loaded_with_its_columns_and_scores(string name)
    {
        ITransformer model = chains.Named(name);
        string path = chains.File($"whole-{name}.zip");
        chains.Context.Model.Save(model, chains.Clips.Schema, path);
        ITransformer loaded = new MLContext().Model.Load(path, out DataViewSchema input);

        Assert.Equal(chains.Clips.Schema.Select(c => c.Name), input.Select(c => c.Name));
        DataViewSchema before = model.GetOutputSchema(chains.Clips.Schema), after = loaded.GetOutputSchema(chains.Clips.Schema);
        AssertColumns(before.Where(c => !c.IsHidden), after, exceptFrames: true);
        AssertScores(chains.Scores(name), loaded.Transform(chains.Clips));
    }

    [Theory]
    [InlineData("images", "Audio")]
    [InlineData("mlp", "Sound")]
    [InlineData("linear", "Sound")]
    public void The_chain_from_the_waveform_asks_for_samples_alone(string name, string column)
    {
        ITransformer model = chains.Named(name), start = chains.Context.Model.FromWaveform(model);
        IDataView waves = Waves(column);
        AssertScores(chains.Scores(name), start.Transform(waves), 0);
        Assert.Contains((IEnumerable<ITransformer>)start, stage => stage is RowTransformer);

        // Of a loaded chain too.
        string path = chains.File($"loaded-{name}.zip");
        chains.Context.Model.Save(model, chains.Clips.Schema, path);
        ITransformer loaded = chains.Context.Model.FromWaveform(new MLContext().Model.Load(path, out _));
        AssertScores(chains.Scores(name), loaded.Transform(waves));
        Assert.Equal(start.GetOutputSchema(waves.Schema).Select(c => c.Name).Distinct().Order(),
            loaded.GetOutputSchema(waves.Schema).Select(c => c.Name).Distinct().Order());
    }

    [Fact]
    public void A_prediction_engine_needs_no_path_and_no_label()
    {
        ITransformer model = chains.Named("images");
        using PredictionEngine<Wave, Prediction> engine = chains.Context.Model.CreatePredictionEngine<Wave, Prediction>(
            chains.Context.Model.FromWaveform(model), new PredictionEngineOptions { OwnsTransformer = false });
        float[][] expected = chains.Scores("images");
        for (int i = 0; i < 6; i++)
        {
            Prediction found = engine.Predict(new Wave { Audio = FittedChains.Samples(chains.Paths[i]) });
            Assert.Equal(expected[i], found.Score);
            Assert.Contains(found.PredictedLabel, (string[])["angry", "happy", "sad"]);
        }
    }

    [Fact]
    public void A_clip_without_samples_is_refused_and_not_taken_for_silence()
    {
        using PredictionEngine<Wave, Prediction> engine = chains.Context.Model.CreatePredictionEngine<Wave, Prediction>(
            chains.Context.Model.FromWaveform(chains.Named("images")), new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Contains("'Audio'", Assert.Throws<AudioFormatException>(() => engine.Predict(new Wave { Audio = [] })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images", "Audio")]
    [InlineData("mlp", "Sound")]
    [InlineData("linear", "Sound")]
    public void The_portable_zip_is_made_of_stock_parts_and_scores_alike(string name, string column)
    {
        ITransformer model = chains.Named(name);
        string path = chains.File($"portable-{name}.zip");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        PortableModel saved = chains.Context.Model.SavePortable(model, chains.Clips.Schema, path,
            new Dictionary<string, string> { ["note"] = "a" });
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {new FileInfo(path).Length} bytes, {watch.ElapsedMilliseconds} ms");

        Assert.Equal(["Microsoft.ML", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxTransformer"], saved.Packages);
        Assert.Null(saved.Record.ScoringProblem);
        ITransformer loaded = new MLContext().Model.Load(path, out DataViewSchema input);
        DataViewSchema.Column only = Assert.Single(input);
        Assert.Equal(column, only.Name);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), only.Type);
        IDataView waves = Waves(column);
        AssertScores(chains.Scores(name), loaded.Transform(waves));
        // Everything that ML.NET's stages and the classifier add has the type and annotations that it has in the chain.
        DataViewSchema before = model.GetOutputSchema(chains.Clips.Schema), after = loaded.GetOutputSchema(input);
        string[] kept = name == "images" ? ["Score", "PredictedLabel"] : ["Statistics", "Score", "PredictedLabel"];
        AssertColumns(kept.Select(c => before[c]), after, exceptFrames: false);
        // The pixels, which the network alone reads, are not there for others.
        if (name == "images")
            Assert.Equal(["Audio", "PredictedLabel", "Score"],
                after.Where(c => !c.IsHidden).Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.Same(loaded, new MLContext().Model.FromWaveform(loaded));

        // The record of it.
        ModelRecord record = ModelRecord.Read(path);
        Assert.Equal(["angry", "happy", "sad"], record.Labels);
        Assert.Equal((FittedChains.Rate, column, "a"), (record.SampleRateHz, record.WaveformColumn, record.Notes["note"]));
        Assert.Equal("LoadAudio", record.Stages[0].Name);
        Assert.Null(record.ScoringProblem);
        Assert.NotNull(record.Scoring);
        Assert.Equal([name == "images" ? "Picture" : "Statistics"], record.ScoringInputs);
    }

    [Theory]
    [InlineData("images", "Audio")]
    [InlineData("mlp", "Sound")]
    public void A_clip_without_samples_is_refused_by_a_node_that_says_why(string name, string column)
    {
        string path = chains.File($"empty-{name}.zip");
        chains.Context.Model.SavePortable(chains.Named(name), chains.Clips.Schema, path);
        IDataView empty = Waves(column, [[]]);
        Exception error = Assert.ThrowsAny<Exception>(() =>
            new MLContext().Model.Load(path, out _).Transform(empty).GetColumn<float[]>("Score").ToArray());
        Assert.Contains($"{column} must hold at least one sample", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_several_stages_read_is_the_same_for_each_of_them()
    {
        // Normalisers compute in the buffer that they are given; and Concatenate has no scoring graph, so that the chain itself scores.
        MLContext ml = chains.Context;
        ITransformer model = chains.Vectors().Append(ml.Transforms.NormalizeMinMax("Scaled", "Statistics"))
            .Append(ml.Transforms.Concatenate("Both", "Scaled", "Statistics"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Truth", "Both")).Fit(chains.Clips);
        string path = chains.File("twice.zip");
        Assert.NotNull(ml.Model.SavePortable(model, chains.Clips.Schema, path).Record.ScoringProblem);
        using SerModel loaded = SerModel.Load(path, new() { AnswerAnyway = true });
        float[][] expected = [.. model.Transform(chains.Clips).GetColumn<float[]>("Score")];
        for (int i = 0; i < 6; i++) AssertClose(expected[i], [.. loaded.Predict(chains.Paths[i]).Scores], Tolerance);
    }

    [Fact]
    public void A_classifier_behind_another_is_the_one_that_predicts()
    {
        MLContext ml = chains.Context;
        ITransformer model = chains.Vectors()
            .Append(ml.MulticlassClassification.Trainers.Mlp(new()
            {
                LabelColumnName = "Truth",
                FeatureColumnName = "Statistics",
                Epoch = 1,
                Seed = 1
            }))
            .Append(ml.Transforms.CopyColumns("First", "Score")).Append(ml.Transforms.DropColumns("PredictedLabel"))
            .Append(ml.Transforms.Concatenate("Both", "Statistics", "First"))
            .Append(ml.MulticlassClassification.Trainers.Mlp(new()
            {
                LabelColumnName = "Truth",
                FeatureColumnName = "Both",
                Epoch = 1,
                Seed = 2
            })).Fit(chains.Clips);
        string path = chains.File("stacked.zip");
        Assert.Equal("Score", ml.Model.SavePortable(model, chains.Clips.Schema, path).Record.ScoreColumn);
        using SerModel loaded = SerModel.Load(path, new() { AnswerAnyway = true });
        IDataView scored = model.Transform(chains.Clips);
        float[][] first = [.. scored.GetColumn<float[]>("First")], expected = [.. scored.GetColumn<float[]>("Score")];
        Assert.NotEqual(first, expected);
        for (int i = 0; i < 6; i++) AssertClose(expected[i], [.. loaded.Predict(chains.Paths[i]).Scores], Tolerance);
    }

    [Fact]
    public void The_scoring_graph_gives_the_chains_scores()
    {
        string path = chains.File("scoring.zip");
        ITransformer model = chains.Named("mlp");
        ModelRecord record = chains.Context.Model.SavePortable(model, chains.Clips.Schema, path).Record;
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(record.Scoring!.Value.ToArray());
        // The features before they are normalised: what the record's stages compute.
        var stages = new AudioFeatures(record.Stages, path);
        float[][] features =
            [
                .. chains.Paths.Select(clip => LoadAudioTransformer.Decode(clip, stages.Loading))
                    .Select(mono => stages.Compute(AudioPreparation.Prepare(mono, stages.Loading), ["Statistics"])[0].Values),
            ],
            expected = chains.Scores("mlp");
        for (int i = 0; i < features.Length; i++)
        {
            var input = new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(features[i], [1, features[i].Length]);
            using var outputs = session.Run([Microsoft.ML.OnnxRuntime.NamedOnnxValue.CreateFromTensor("Statistics", input)],
                ["probabilities"]);
            AssertClose(expected[i], [.. outputs[0].AsTensor<float>()], Tolerance);
        }
    }

    [Fact]
    public void The_exported_graph_gives_the_chains_scores_from_the_waveform_and_from_features()
    {
        ITransformer model = chains.Named("images");
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(OnnxExporter.Export(model, chains.Clips.Schema).ToBytes());
        float[][] expected = chains.Scores("images");
        for (int i = 0; i < 6; i++)
        {
            float[] samples = FittedChains.Samples(chains.Paths[i]);
            var input = new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(samples, [1, samples.Length]);
            using var outputs = session.Run([Microsoft.ML.OnnxRuntime.NamedOnnxValue.CreateFromTensor("waveform", input)],
                ["probabilities"]);
            AssertClose(expected[i], [.. outputs[0].AsTensor<float>()], Tolerance);
        }
        Assert.Equal("16000", session.ModelMetadata.CustomMetadataMap["sample_rate_hz"]);
        Assert.Equal("[\"angry\",\"happy\",\"sad\"]", session.ModelMetadata.CustomMetadataMap["labels"]);
        Assert.Equal(["Statistics"], OnnxExporter.Export(chains.Named("mlp"), chains.Clips.Schema,
            "Statistics").Graph.Inputs.Select(i => i.Name));
    }

    [Fact]
    public void A_stage_of_someone_elses_is_refused_by_name()
    {
        MLContext ml = chains.Context;
        ITransformer model = ml.Transforms.LoadAudio("Sound", "File").Append(ml.Transforms.UtteranceFeatures("Statistics", "Sound"))
            .Append(ml.Transforms.CustomMapping<Vector, Vector>((from, to) => to.Statistics = from.Statistics, null)).Fit(chains.Clips);
        ModelExportException e = Assert.Throws<ModelExportException>(() => ml.Model.SavePortable(model, chains.Clips.Schema,
            chains.File("no.zip")));
        Assert.Contains("CustomMapping", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(chains.File("no.zip")));
    }

    [Fact]
    public void Images_that_stock_stages_read_stay_images_and_their_package_is_named()
    {
        MLContext ml = chains.Context;
        ITransformer model = ml.Transforms.LoadAudio("Sound",
            "File").Append(ml.Transforms.LogMelSpectrogram("LogMel", "Sound", new() { MelBands = 32 }))
            .Append(ml.Transforms.SpectrogramImage("Picture", "LogMel", new() { Width = 48 }))
            .Append(ml.Transforms.ConvertToGrayscale("Gray", "Picture"))
            .Append(ml.Transforms.ExtractPixels("Exact", "Gray", interleavePixelColors: true, offsetImage: 10, scaleImage: 0.5f))
            .Append(ml.Transforms.ResizeImages("Small", 24, 16, "Picture"))
            .Append(ml.Transforms.ExtractPixels("Levels", "Small")).Fit(chains.Clips);
        PortableModel saved = ml.Model.SavePortable(model, chains.Clips.Schema, chains.File("resized.zip"));
        Assert.Contains("Microsoft.ML.ImageAnalytics", saved.Packages);
        IDataView expected = model.Transform(chains.Clips),
            found = new MLContext().Model.Load(saved.FilePath, out _).Transform(Waves("Sound"));
        foreach ((float[] a, float[] b) in expected.GetColumn<float[]>("Levels").Zip(found.GetColumn<float[]>("Levels")))
            Assert.Equal(a, b);
    }

    [Theory]
    [InlineData(true, ColorBitsOf.Rgb, 0f, 1f)]
    [InlineData(false, ColorBitsOf.Rgb, 10f, 0.5f)]
    [InlineData(true, ColorBitsOf.All, 0f, 1f)]
    [InlineData(false, ColorBitsOf.Red, 0f, 1 / 255f)]
    public void Options_of_ExtractPixels_are_found_by_trying(bool interleaved, ColorBitsOf colors, float offset, float scale)
    {
        MLContext ml = chains.Context;
        ITransformer model = ml.Transforms.LoadAudio("Sound",
            "File").Append(ml.Transforms.LogMelSpectrogram("LogMel", "Sound", new() { MelBands = 32 }))
            .Append(ml.Transforms.SpectrogramImage("Picture", "LogMel", new() { Width = 24 }))
            .Append(ml.Transforms.ConvertToGrayscale("Gray", "Picture"))
            .Append(ml.Transforms.ExtractPixels("Levels", "Gray",
            (Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorBits)colors,
                interleavePixelColors: interleaved, offsetImage: offset, scaleImage: scale)).Fit(chains.Clips);
        PortableModel saved = ml.Model.SavePortable(model, chains.Clips.Schema, chains.File($"pixels-{interleaved}-{colors}-{scale}.zip"));
        Assert.DoesNotContain("Microsoft.ML.ImageAnalytics", saved.Packages);
        IDataView expected = model.Transform(chains.Clips),
            found = new MLContext().Model.Load(saved.FilePath, out _).Transform(Waves("Sound"));
        Assert.Equal(expected.Schema["Levels"].Type, found.Schema["Levels"].Type);
        foreach ((float[] a, float[] b) in expected.GetColumn<float[]>("Levels").Zip(found.GetColumn<float[]>("Levels")))
            AssertClose(a, b, 1.01f * scale);
    }

    private static void AssertColumns(IEnumerable<DataViewSchema.Column> before, DataViewSchema after, bool exceptFrames)
    {
        foreach (DataViewSchema.Column column in before)
        {
            DataViewSchema.Column found = after.GetColumnOrNull(column.Name)
                ?? throw new InvalidOperationException($"no column {column.Name}");
            // ML.NET reads no shape that is free in part: documented.
            bool isFrames = exceptFrames && column.Type is VectorDataViewType { Dimensions: [> 0, 0] };
            Assert.Equal(isFrames ? new VectorDataViewType(NumberDataViewType.Single) : column.Type, found.Type);
            // The waveform's rate is the one annotation that is lost: documented.
            Assert.Equal(column.Annotations.Schema.Select(a => a.Name).Where(a => a != "SampleRateHz").Order(),
                found.Annotations.Schema.Select(a => a.Name).Order());
            if (column.HasSlotNames()) Assert.Equal(FittedChains.SlotNames(column), FittedChains.SlotNames(found));
            if (!column.HasKeyValues()) continue;
            VBuffer<ReadOnlyMemory<char>> a = default, b = default;
            column.GetKeyValues(ref a);
            found.GetKeyValues(ref b);
            Assert.Equal(a.DenseValues().Select(v => v.ToString()), b.DenseValues().Select(v => v.ToString()));
        }
    }

    private static void AssertScores(float[][] a, IDataView found, float tolerance = Tolerance)
    {
        float[][] b = [.. found.GetColumn<float[]>("Score")];
        Assert.Equal(a.Length, b.Length);
        for (int i = 0; i < a.Length; i++) AssertClose(a[i], b[i], tolerance);
    }

    private static void AssertClose(float[] expected, float[] found, float tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(found[i], expected[i] - tolerance, expected[i] + tolerance);
    }

    private IDataView Waves(string column, float[][]? samples = null)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Wave));
        schema[nameof(Wave.Audio)].ColumnName = column;
        return chains.Context.Data.LoadFromEnumerable((samples ?? [.. chains.Paths.Select(FittedChains.Samples)])
            .Select(wave => new Wave { Audio = wave }).ToArray(), schema);
    }

    /// <summary>ML.NET's colours, which a theory cannot name.</summary>
    public enum ColorBitsOf
    {
        Red = 2,
        Rgb = 14,
        All = 15,
    }

    private sealed class Wave
    {
        public float[] Audio { get; set; } = [];
    }

    private sealed class Vector
    {
        public float[] Statistics { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }
}
