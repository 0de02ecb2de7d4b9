using Microsoft.Extensions.Configuration;
using SerPipeline.Console.Commands;
using SerPipeline.Console.Hosting;

namespace SerPipeline.Tests.Console;

/// <summary>How commands read configuration, whatever file or variable it came from.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void A_list_may_be_an_array()
    {
        CommandInput input = Input(("Train:Trainer:0", "mlp"), ("Train:Trainer:1", "cnn"), ("Train:TestSpeakers:0", "3"));
        Assert.Equal(["mlp", "cnn"], input.List(TrainOptions.Trainer));
        Assert.Equal(["3"], input.List(TrainOptions.TestSpeakers));
        Assert.Empty(input.UnknownSettings());
        input.Check();
    }

    [Fact]
    public void What_is_set_later_wins_over_an_array() =>
        Assert.Equal(["cnn"], Input(("Train:Trainer:0", "mlp"), ("Train:Trainer", "cnn")).List(TrainOptions.Trainer));

    [Fact]
    public void An_array_for_a_single_value_is_refused()
    {
        CommandInput input = Input(("Train:Epochs:0", "3"));
        Assert.Null(input.Whole(TrainOptions.Epochs, 1));
        Assert.Contains("--epochs takes one value", Assert.Throws<UsageException>(input.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_nobody_reads_is_named_with_what_may_have_been_meant()
    {
        string unknown = Assert.Single(Input(("Train:EPOCSH", "3"), ("TRAIN:SEED", "1"), ("Predict:Anything", "x"),
            ("Logging:LogLevel:Default", "Debug")).UnknownSettings());
        Assert.Contains("Train:EPOCSH is not a setting of ser train and is ignored. Did you mean Epochs?", unknown,
            StringComparison.Ordinal);
    }

    private static CommandInput Input(params (string Key, string Value)[] settings) => new(
        TrainCommand.Definition,
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key,
            (string?)setting.Value))).Build(), [], ["ser", "train"]);
}
