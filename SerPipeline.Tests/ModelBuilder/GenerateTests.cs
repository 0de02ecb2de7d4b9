using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Console.ModelBuilder;
using SerPipeline.Prediction;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary><c>ser generate</c>: what it writes, and what it refuses.</summary>
public sealed class GenerateTests(TrainedDemo demo) : IDisposable
{
    private readonly GeneratedModels _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task A_project_has_the_files_of_model_builder_and_the_model_itself()
    {
        string model = await _models.TrainedAsync(demo), folder = await _models.GenerateAsync(model);
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder,
            path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "Emotion.audio.cs", "Emotion.consumption.cs", "Emotion.evaluate.cs", "Emotion.folds.json", "Emotion.mbconfig",
                    "Emotion.mlnet", "Emotion.quality.cs", "Emotion.speech.cs", "Emotion.training.cs",
                "Emotion_ConsoleApp1/Emotion_ConsoleApp1.csproj",
                "Emotion_ConsoleApp1/Program.cs", "Emotion_WebApi1/Emotion_WebApi1.csproj", "Emotion_WebApi1/Program.cs", "MODEL_CARD.md",
                    "README.md",
            ], files);
        Assert.Equal(await File.ReadAllBytesAsync(model, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(folder, "Emotion.mlnet"), TestContext.Current.CancellationToken));
        string readme = await File.ReadAllTextAsync(Path.Combine(folder, "README.md"), TestContext.Current.CancellationToken);
        Assert.Contains("protocol `speaker-independent`", readme, StringComparison.Ordinal);
        Assert.Contains("made by a program", readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Emotion", null)]
    [InlineData("_model2", "Some.Deep.Name_space")]
    [InlineData("Prediction", "Acme.ML.Data")]
    [InlineData("Version", "Acme.Console")]
    [InlineData("SpeechEmotion", null)]
    public async Task Every_source_file_parses_and_no_placeholder_is_left(string name, string? space)
    {
        string folder = _models.File("project");
        (await ConsoleRun.Of(["generate", "--model", _models.Cnn(), "--name", name, "--out", folder, .. space is null
            ? Array.Empty<string>() : ["--namespace", space]])).Succeeds();
        int sources = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*",
            SearchOption.AllDirectories).Where(path => !path.EndsWith(".mlnet", StringComparison.Ordinal)))
        {
            string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
            Assert.Empty(Path.GetFileName(path) == "README.md" ? "" : text.Split('\n').FirstOrDefault(line => line.EndsWith(' ')) ?? "");
            if (!path.EndsWith(".cs", StringComparison.Ordinal)) continue;
            sources++;
            Assert.Empty(CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(documentationMode: DocumentationMode.Diagnose),
                cancellationToken: TestContext.Current.CancellationToken).GetDiagnostics(TestContext.Current.CancellationToken));
            if (path.EndsWith(".consumption.cs", StringComparison.Ordinal))
                Assert.Contains($"namespace {space ?? name + "Model"}", text, StringComparison.Ordinal);
        }
        Assert.Equal(8, sources);
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_written_over_only_by_force_and_its_configuration_keeps_its_trials()
    {
        string model = await _models.TrainedAsync(demo), folder = await _models.GenerateAsync(model),
            config = Path.Combine(folder, "Emotion.mbconfig"), code = Path.Combine(folder, "Emotion.training.cs");
        await File.WriteAllTextAsync(config,
            (await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken)).Replace("\"Scenario\"",
            "\"Mine\": [1],\n\"Scenario\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(code, "old", TestContext.Current.CancellationToken);

        ConsoleRun refused = await ConsoleRun.Of("generate", "--model", model, "--name", "Emotion", "--out", folder);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("old", await File.ReadAllTextAsync(code, TestContext.Current.CancellationToken));

        await _models.GenerateAsync(model, "--force");
        Assert.NotEqual("old", await File.ReadAllTextAsync(code, TestContext.Current.CancellationToken));
        var again = MbConfigs.Trials(config);
        Assert.Single(again);
        Assert.Contains("\"Mine\"", await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await _models.GenerateAsync(await _models.TrainedAsync(demo, "--seed", "3"), "--force");
        Assert.Equal(2, MbConfigs.Trials(config).Count);
    }

    [Fact]
    public async Task Around_another_model_nothing_of_the_old_one_is_claimed()
    {
        string trained = await _models.TrainedAsync(demo), folder = await _models.GenerateAsync(trained),
            config = Path.Combine(folder, "Emotion.mbconfig");
        // A model without a training record: it has neither card nor folds.
        (await ConsoleRun.Of("generate", "--model", _models.Cnn(), "--name", "Emotion", "--out", folder, "--force", "--data",
            await demo.Corpus)).Succeeds();
        Assert.False(File.Exists(Path.Combine(folder, "MODEL_CARD.md")));
        Assert.False(File.Exists(Path.Combine(folder, "Emotion.folds.json")));
        Assert.Null(Assert.Single(MbConfigs.Trials(config))["SerPipeline"]!["Model"]);
        Assert.Equal("Emotion.mlnet", MbConfigs.Read(config)["RunHistory"]!["ModelFilePath"]!.GetValue<string>());
        Assert.Equal(await demo.Corpus, Path.GetFullPath(MbConfigs.Read(config)["DataSource"]!["FolderPath"]!.GetValue<string>(), folder));

        string mlp = Path.Combine(await demo.Runs, "mlp-random", "model.zip");
        ConsoleRun run = (await ConsoleRun.Of("generate", "--model", mlp, "--name", "Emotion", "--out", folder, "--force")).Succeeds();
        Assert.Contains("its Trainer is cnn, and that of the model mlp", run.Error, StringComparison.Ordinal);
        Assert.Contains("its Protocol is speaker, and that of the model random", run.Error, StringComparison.Ordinal);
        Assert.Contains("heard in training, so its scores say little", await File.ReadAllTextAsync(Path.Combine(folder, "README.md"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_stops_before_anything_is_written()
    {
        string folder = await _models.GenerateAsync(_models.Cnn()), config = Path.Combine(folder, "Emotion.mbconfig"),
            code = Path.Combine(folder, "Emotion.training.cs");
        await File.WriteAllTextAsync(config, MbConfigs.With(root => root["Scenario"] = "TextClassification"),
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(code, "old", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await ConsoleRun.Of("generate", "--model", _models.Cnn(), "--name", "Emotion", "--out", folder, "--force"))
            .ExitCode);
        Assert.Equal("old", await File.ReadAllTextAsync(code, TestContext.Current.CancellationToken));
        ConsoleRun nowhere = await ConsoleRun.Of("generate", "--model", _models.Cnn(), "--name", "Emotion", "--out", _models.File("new"),
            "--data", _models.File("nowhere"));
        Assert.Equal(2, nowhere.ExitCode);
        Assert.Contains("there is nothing at", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generating_twice_gives_the_same_bytes()
    {
        string model = await _models.TrainedAsync(demo), folder = await _models.GenerateAsync(model);
        Dictionary<string, byte[]> first = Read(folder);
        await _models.GenerateAsync(model, "--force");
        Assert.Equal(first, Read(folder));

        static Dictionary<string, byte[]> Read(string folder) => Directory.EnumerateFiles(folder, "*",
            SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllBytes);
    }

    [Theory]
    [InlineData("2nd", null, "--name")]
    [InlineData("class", null, "--name")]
    [InlineData("a-b", null, "--name")]
    [InlineData("Emotion\n", null, "--name")]
    [InlineData("var", null, "--name")]
    [InlineData("record", null, "--name")]
    // Members and nested types of the class, and names in the programs.
    [InlineData("Predict", null, "--name")]
    [InlineData("Evaluate", null, "--name")]
    [InlineData("ModelInput", null, "--name")]
    [InlineData("Wav", null, "--name")]
    [InlineData("PredictResponse", null, "--name")]
    [InlineData("Usage", null, "--name")]
    [InlineData("path", null, "--name")]
    // Types and namespaces that the code uses.
    [InlineData("Console", null, "--name")]
    [InlineData("Program", null, "--name")]
    [InlineData("Path", null, "--name")]
    [InlineData("File", null, "--name")]
    [InlineData("Math", null, "--name")]
    [InlineData("MLContext", null, "--name")]
    [InlineData("IDataView", null, "--name")]
    [InlineData("ColumnNameAttribute", null, "--name")]
    [InlineData("System", null, "--name")]
    [InlineData("Microsoft", null, "--name")]
    // Devices of Windows.
    [InlineData("Con", null, "--name")]
    [InlineData("LPT1", null, "--name")]
    [InlineData("Emotion", "My..Space", "--namespace")]
    [InlineData("Emotion", "Acme.Math", "--namespace")]
    [InlineData("Emotion", "Console", "--namespace")]
    [InlineData("Emotion", "My.Emotion", "own name")]
    public async Task Names_that_are_none_are_refused_before_anything_is_written(string name, string? space, string part)
    {
        string folder = _models.File("refused");
        ConsoleRun run = await ConsoleRun.Of(["generate", "--model", _models.Cnn(), "--name", name, "--out", folder, .. space is null
            ? Array.Empty<string>() : ["--namespace", space]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_model_that_ml_net_cannot_use_on_audio_is_refused_with_the_reason()
    {
        string fixtures = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Prediction", "Fixtures"),
            folder = _models.File("refused");
        (string, string)[] models =
        [
            (Path.Combine(fixtures, "model-v1.zip"), "format version 1"),
                (Path.Combine(fixtures, "model-v2.zip"), "ML.NET does not open it"),
            (FromFeatures(), "not start from a waveform"), (_models.File("absent.zip"), "absent.zip"),
        ];
        foreach ((string path, string reason) in models)
        {
            ConsoleRun run = await ConsoleRun.Of("generate", "--model", path, "--name", "Emotion", "--out", folder);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(reason, run.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder));
        }
    }

    [Fact]
    public async Task A_zip_does_not_choose_among_all_packages_of_the_world()
    {
        string model = _models.Cnn(), folder = _models.File("refused");
        const string entry = "TransformerChain/Transform_099/Model.key", record = "SerPipeline/model.json";
        // ML.NET's header says where the assembly's name starts, and how many bytes it takes.
        byte[] name = Encoding.Unicode.GetBytes("Microsoft.ML.Else\" /><Exec"), head = new byte[0x9C];
        BitConverter.TryWriteBytes(head.AsSpan(0x90), (long)head.Length);
        BitConverter.TryWriteBytes(head.AsSpan(0x98), name.Length);
        byte[] stage = [.. head, .. name];
        using (ZipArchive zip = ZipFile.Open(model, ZipArchiveMode.Update))
        {
            JsonNode manifest;
            using (Stream old = zip.GetEntry(record)!.Open()) manifest = JsonNode.Parse(old)!;
            manifest["entries"]!.AsArray().Add(new JsonObject
            {
                ["entry"] = entry,
                ["bytes"] = stage.Length,
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(stage)),
            });
            zip.GetEntry(record)!.Delete();
            Write(zip, record, Encoding.UTF8.GetBytes(manifest.ToJsonString()));
            Write(zip, entry, stage);
        }
        ConsoleRun run = await ConsoleRun.Of("generate", "--model", model, "--name", "Emotion", "--out", folder);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("needs 'Microsoft.ML.Else\" /><Exec', and projects are generated of", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));

        static void Write(ZipArchive zip, string name, byte[] content)
        {
            using Stream stream = zip.CreateEntry(name).Open();
            stream.Write(content);
        }
    }

    // C# ends a comment of one line at each of these characters.
    [Fact]
    public void What_a_model_says_of_itself_stays_in_comments()
    {
        string[] labels = ["happy\u2028Evil();//", "sad\u2029Evil();//", "calm\u0085Evil();//", "angry\vEvil();//", "fear\nEvil();//",
            "</summary>*/Evil"];
        var document = new ModelRecord
        {
            LibraryVersion = "1.0\nclass Evil { }\u2028class Evil { }",
            Labels = labels,
            SampleRateHz = 16000,
            WaveformColumn = "Waveform"
        };
        var model = new GeneratedModel(document, new ResamplerOptions(), ["Microsoft.ML"]);
        foreach ((string path, string text) in ProjectTemplates.Render("Emotion", "EmotionModel", model, "one\n\u2028two"))
        {
            Assert.DoesNotContain(text, c => c is '\u2028' or '\u2029' or '\u0085' or '\v');
            if (!path.EndsWith(".cs", StringComparison.Ordinal)) continue;
            SyntaxTree tree = CSharpSyntaxTree.ParseText(text, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Empty(tree.GetDiagnostics(TestContext.Current.CancellationToken));
            Assert.Contains("Evil", text, StringComparison.Ordinal);
            Assert.DoesNotContain(tree.GetRoot(TestContext.Current.CancellationToken).DescendantTokens(),
                token => token.Text.Contains("Evil", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_column_whose_name_is_none_of_CSharp_is_refused()
    {
        ModelRecord document = ModelRecord.Read(_models.Cnn());
        foreach (ModelRecord odd in (ReadOnlySpan<ModelRecord>)[document with { WaveformColumn = "w\")]xxxx" },
            document with { ScoreColumn = "w\")]xxxx" }])
            Assert.Contains("'w\")]xxxx'", Assert.Throws<ModelExportException>(() => GeneratedModel.Of(odd, "m.zip")).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Projects_list_what_the_model_needs_in_the_versions_of_this_library()
    {
        var central = XDocument.Load(Path.Combine(Companions.Repository(), "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value.Trim('[', ']'));
        GeneratedModel model = GeneratedModel.Read(_models.Cnn());
        Assert.Equal(["Microsoft.ML", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxTransformer"], model.Packages);
        string[] needed = [.. model.Packages, "Microsoft.ML.ImageAnalytics", "Microsoft.ML.LightGbm", "Microsoft.ML.FastTree"];
        int projects = 0;
        foreach ((string path, string text) in ProjectTemplates.Render("Emotion", "EmotionModel", model with { Packages = needed }, ""))
        {
            if (!path.EndsWith(".csproj", StringComparison.Ordinal)) continue;
            projects++;
            var listed = XDocument.Parse(text).Descendants("PackageReference").Select(package => (package.Attribute("Include")!.Value,
                package.Attribute("Version")!.Value));
            Assert.Equal(needed.Select(name => (name, central[name])), listed);
        }
        Assert.Equal(2, projects);
    }

    // The paper's recipe resamples by a table.
    [Fact]
    public void A_filter_that_generated_code_lacks_is_refused()
    {
        ModelRecord document = ModelRecord.Read(_models.Cnn());
        ModelStage loading = document.Stages[0] with { Options = StageOptions.Write(LoadAudioOptions.Paper) };
        Assert.Contains("by a table",
            Assert.Throws<ModelExportException>(() => GeneratedModel.Of(document with { Stages = [loading] }, "m.zip")).Message,
            StringComparison.Ordinal);
    }

    private string FromFeatures()
    {
        var ml = new MLContext(seed: 1);
        string path = _models.File("features.zip");
        IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0,
            20).Select(i => new Row { Label = $"l{i % 2}", Features = [i % 2, i] }));
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(rows);
        ml.Model.SavePortable(model, rows.Schema, path);
        return path;
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
