using System.Text.Json.Nodes;
using SerPipeline.Console.ModelBuilder;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>What a configuration asks <c>ser train</c> for.</summary>
public sealed class MbConfigSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_configuration_of_model_builder_says_folder_protocol_epochs_and_batch()
    {
        MbConfigSettings settings = Of(MbConfigs.Image);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Trainer"] = "cnn",
                ["Epochs"] = "2",
                ["BatchSize"] = "16",
                ["Corpus"] = "folder",
                ["Data"] = _folder.File("clips"),
                ["Protocol"] = "random",
                ["TestFraction"] = "0.25",
            }, Settings(settings));
        Assert.Equal(2, settings.Remarks.Count);
        Assert.Contains(settings.Remarks, remark => remark.Contains("ResnetV2101", StringComparison.Ordinal));
        Assert.Contains(settings.Remarks, remark => remark.Contains("TrainingTime, 600 s", StringComparison.Ordinal));
    }

    [Fact]
    public void Cross_validation_becomes_kfold()
    {
        Dictionary<string, string> settings = Settings(Of(MbConfigs.With(root => root["TrainingOption"]!["ValidationOption"] =
            JsonNode.Parse("""{ "Type": "CrossValidationValidationOption", "NumberOfFolds": 4 }"""))));
        Assert.Equal(("kfold", "4"), (settings["Protocol"], settings["Folds"]));
        Assert.DoesNotContain("TestFraction", settings.Keys);
    }

    [Fact]
    public void The_own_section_counts_more_and_keeps_to_its_protocol()
    {
        Dictionary<string, string> settings = Settings(Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """
            { "Train": { "Corpus": "ravdess", "Protocol": "speaker", "Seed": [1, 2], "Trainer": "mlp", "Epochs": 7, "Prosody": true } }
            """))));
        Assert.Equal(("ravdess", "speaker", "1,2", "mlp", "7", "true", "0.25"),
            (settings["Corpus"], settings["Protocol"], settings["Seed"], settings["Trainer"], settings["Epochs"], settings["Prosody"],
                settings["TestFraction"]));
    }

    [Theory]
    [InlineData("random@telephone", "TestFraction", "0.25")]
    [InlineData("speaker+10@room", "TestFraction", "0.25")]
    public void How_clips_sound_changes_nothing_about_their_division(string protocol, string option, string value)
    {
        Dictionary<string, string> settings = Settings(Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            $$"""{ "Train": { "Protocol": "{{protocol}}" } }"""))));
        Assert.Equal((protocol, value), (settings["Protocol"], settings[option]));
    }

    [Fact]
    public void Copies_that_another_trainer_cannot_learn_from_are_dropped_with_its_options()
    {
        MbConfigSettings settings = Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """{ "Train": { "Trainer": "lda", "Copies": [ "speed", "telephone" ] } }""")));
        Assert.Equal("speed,telephone", settings.Beside(Given("Trainer", "recipe"))["Copies"]);
        foreach (string other in (string[])["cnn", "svm", "lda,svm"])
            Assert.DoesNotContain("Copies", settings.Beside(Given("Trainer", other)).Keys);
    }

    [Fact]
    public void A_table_is_read_as_a_manifest_and_folders_by_name_are_resolved()
    {
        Dictionary<string, string> table = Settings(Of(MbConfigs.With(root => root["DataSource"] = JsonNode.Parse(
            """{ "Type": "TabularFile", "FilePath": "a\\clips.csv" }"""))));
        Assert.Equal(("manifest", _folder.File(Path.Combine("a", "clips.csv"))), (table["Corpus"], table["Data"]));
        Dictionary<string, string> several = Settings(Of(MbConfigs.With(root => root["DataSource"]!["FolderPath"] = "tess=a,emodb=../b")));
        Assert.Equal($"tess={_folder.File("a")},emodb={Path.GetFullPath("../b", _folder.Path)}", several["Data"]);
    }

    [Fact]
    public void What_the_command_line_names_drops_what_belongs_together()
    {
        MbConfigSettings settings = Of(MbConfigs.Image);
        Assert.Equal(["BatchSize", "Corpus", "Data", "Epochs", "Trainer"],
            settings.Beside(Given("Protocol", "a")).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["BatchSize", "Epochs", "Protocol", "TestFraction", "Trainer"],
            settings.Beside(Given("Dataset", "a")).Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("TestFraction", settings.Beside(Given("TestSpeakers", "a")).Keys);
        // What is said of one corpus's labels and files is nothing for another.
        MbConfigSettings mapped = Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """{ "Train": { "map": "a=b", "audioRoot": "wav" } }""")));
        Assert.Equal(["audioRoot", "map"], mapped.Beside(Given("Seed", "1")).Keys.Where(key => key is "audioRoot" or "map")
            .Order(StringComparer.Ordinal));
        Assert.DoesNotContain(mapped.Beside(Given("Corpus", "ravdess")).Keys, key => key is "audioRoot" or "map");
        MbConfigSettings own = Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """{ "Train": { "prosody": true, "testSpeakers": "a", "protocol": "speaker", "TRAINER": "CNN" } }""")));
        Assert.Equal(["Corpus", "Data", "protocol", "testSpeakers"],
            own.Beside(Given("Trainer", "mlp")).Keys.Where(key => key != "TestFraction").Order(StringComparer.OrdinalIgnoreCase));
        Assert.Contains("prosody", own.Beside(Given("Trainer", "mlp,cnn")).Keys);
        Assert.DoesNotContain("testSpeakers", own.Beside(Given("Protocol", "a")).Keys);
        Assert.DoesNotContain("testSpeakers", own.Beside(Given("TestFraction", "0.3")).Keys);
        Assert.Contains("Epochs", settings.Beside(Given("Trainer", "recipe")).Keys);
        Assert.DoesNotContain("Epochs", settings.Beside(Given("Trainer", "lda")).Keys);
    }

    [Theory]
    [InlineData("""{ "Protocol": "Speaker" }""", "0.25")]
    [InlineData("""{ "Protocol": ["random", "kfold"] }""", "0.25")]
    [InlineData("""{ "Protocol": "speaker", "FoldFile": "folds.json" }""", null)]
    [InlineData("""{ "Protocol": "speaker", "TestSpeakers": ["a", "b"] }""", null)]
    [InlineData("""{ "Protocol": "random", "TestFraction": 0.1 }""", "0.1")]
    [InlineData("""{ "Protocol": "given" }""", null)]
    public void The_ratio_is_the_test_fraction_where_nothing_else_says_who_is_tested(string train, string? fraction) =>
        Assert.Equal(fraction, Settings(
            Of(MbConfigs.With(root => root["SerPipeline"] = new JsonObject { ["Train"] = JsonNode.Parse(train) })))
            .GetValueOrDefault("TestFraction"));

    [Fact]
    public void Data_that_are_named_anew_replace_those_of_the_own_section()
    {
        MbConfigFile file = Read(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse("""{ "Train": { "data": "old" } }""")));
        NewMbConfig.SetSource(file, _folder.File("new"));
        Assert.Equal(_folder.File("new"), Settings(MbConfigSettings.Of(file))["Data"]);
    }

    [Fact]
    public void A_file_of_data_sets_that_is_not_there_is_known()
    {
        MbConfigSettings Asked() => Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """{ "Train": { "Dataset": "mine", "Datasets": "ds.json" } }""")));
        Assert.Equal(_folder.File("ds.json"), Asked().MissingDatasets);
        File.WriteAllText(_folder.File("ds.json"), "{}");
        Assert.Null(Asked().MissingDatasets);
    }

    [Fact]
    public void Places_in_the_own_section_are_relative_to_the_file_too()
    {
        Dictionary<string, string> settings = Settings(Of(MbConfigs.With(root => root["SerPipeline"] = JsonNode.Parse(
            """{ "Train": { "Data": "../tess", "FoldFile": "f.json", "AudioRoot": "wav" } }"""))));
        Assert.Equal((Path.GetFullPath("../tess", _folder.Path), _folder.File("f.json"), _folder.File("wav")),
            (settings["Data"], settings["FoldFile"], settings["AudioRoot"]));
    }

    [Theory]
    [InlineData("Scenario", "\"TextClassification\"", "the scenario 'TextClassification'")]
    [InlineData("Scenario", "7", "$.Scenario, got 7")]
    [InlineData("Type", "\"Other\"", "TrainingConfig")]
    [InlineData("Version", "4", "\"Version\": 5")]
    [InlineData("Version", "5.5", "a whole number at $.Version")]
    [InlineData("DataSource", "null", "no DataSource")]
    [InlineData("DataSource", "{ \"Type\": \"SqlDatabase\" }", "SqlDatabase")]
    [InlineData("DataSource", "{ \"Type\": \"Folder\", \"FolderPath\": 3 }", "a text at $.DataSource.FolderPath")]
    [InlineData("Environment", "{ \"Type\": \"Azure\" }", "LocalCPU")]
    [InlineData("RunHistory", "[]", "an object at $.RunHistory")]
    [InlineData("RunHistory", "{ \"Trials\": [ 1 ] }", "a list of objects")]
    [InlineData("TrainingOption", "{ \"ValidationOption\": { \"Type\": \"Hope\" } }", "'Hope'")]
    [InlineData("TrainingOption", "{ \"ValidationOption\": { \"Type\": \"TrainValidateSplitValidationOption\", \"SplitRatio\": 1 } }",
        "above 0 and below 1")]
    [InlineData("TrainingOption", "{ \"ValidationOption\": { \"Type\": \"CrossValidationValidationOption\", \"NumberOfFolds\": 1 } }",
        "at least 2")]
    [InlineData("SerPipeline", "{ \"Train\": { \"Protocol\": \"loso\" } }", "contradicts itself")]
    [InlineData("SerPipeline", "{ \"Train\": { \"Protocol\": \"loso@room\" } }", "contradicts itself")]
    [InlineData("SerPipeline", "{ \"Train\": { \"Epochs\": { \"a\": 1 } } }", "a value or a list of values")]
    [InlineData("SerPipeline", "{ \"Train\": { \"Protocol\": \"KFOLD\" } }", "contradicts itself")]
    [InlineData("SerPipeline", "{ \"Train\": { \"Out\": \"x\" } }", "for the command line alone")]
    public void What_cannot_be_done_is_refused_by_name(string member, string value, string part)
    {
        MbConfigException error = Assert.Throws<MbConfigException>(() => Of(MbConfigs.With(root => root[member] = JsonNode.Parse(value))));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{ \"Type\": ")]
    [InlineData("{ \"Type\": \"TrainingConfig\", \"Type\": \"TrainingConfig\", \"Version\": 5 }")]
    public void What_is_no_configuration_is_refused(string text) => Assert.Throws<MbConfigException>(() => Of(text));

    [Fact]
    public void An_environment_of_another_processor_is_remarked_upon() =>
        Assert.Contains(Of(MbConfigs.With(root => root["Environment"]!["Type"] = "LocalGPU")).Remarks,
            remark => remark.Contains("LocalGPU", StringComparison.Ordinal));

    private static Dictionary<string, string> Given(string name, string value) => new() { [name] = value };

    private static Dictionary<string, string> Settings(MbConfigSettings settings) =>
        settings.Beside(new Dictionary<string, string>()).ToDictionary();

    private MbConfigSettings Of(string text) => MbConfigSettings.Of(Read(text));

    private MbConfigFile Read(string text)
    {
        string path = _folder.File("Emotion.mbconfig");
        File.WriteAllText(path, text);
        return MbConfigFile.Read(path);
    }
}
