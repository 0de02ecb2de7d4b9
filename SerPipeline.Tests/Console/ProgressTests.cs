using System.Text;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Experiments;
using SerPipeline.Trainers;
using Spectre.Console;

namespace SerPipeline.Tests.Console;

public sealed class ProgressTests
{
    [Fact]
    public void A_log_gets_a_line_every_five_seconds_and_one_at_the_end()
    {
        using StringWriter output = new(), error = new();
        var clock = new Clock();
        var display = new ProgressDisplay(new Terminal(Screen(output, false), Screen(error, false)), clock);
        display.Run(scope =>
        {
            IProgressStage stage = scope.Start("reading", 100, ProgressUnits.Clips);
            for (int done = 1; done <= 100; done++)
            {
                clock.Advance(0.125);
                stage.Report(done);
            }
            stage.Complete();
            stage.Complete();
            return 0;
        });
        Assert.Empty(output.ToString());
        Assert.Equal(
            ["reading: 40/100 clips (8.0 clips/s), 7.5 s left", "reading: 80/100 clips (8.0 clips/s), 2.5 s left",
                "reading: 100 clips in 12.5 s (8.0 clips/s)"],
            error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.97, "1 min 00 s")]
    [InlineData(125.9, "2 min 05 s")]
    [InlineData(3780, "1 h 03 min")]
    public void A_time_is_told_in_the_units_that_suit_it(double seconds, string expected) =>
        Assert.Equal(expected, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_time_left_of_a_training_is_told_from_the_epochs_of_the_network_under_way()
    {
        using StringWriter output = new(), error = new();
        var clock = new Clock();
        var display = new ProgressDisplay(new Terminal(Screen(output, false), Screen(error, false)), clock);
        display.Run(scope =>
        {
            var stages = new TrainingStages(scope, "recipe", 80, [60, 60, 20]);
            stages.ClipsRead(80);
            foreach ((double seconds, int last) in ((double, int)[])[(0.01, 60), (4, 45), (0.1, 20)])
                for (int epoch = 1; epoch <= last; epoch++)
                {
                    clock.Advance(seconds);
                    stages.EpochEnded(Epoch(epoch, last == 20 ? 20 : 60));
                }
            stages.Complete();
            return 0;
        });
        string[] lines = error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("recipe: training network 1 of 3: 60 epochs in 0.6 s;", lines[1], StringComparison.Ordinal);
        // 58 epochs of 4 s, whatever those of the first took.
        Assert.StartsWith("recipe: training network 2 of 3: 2/60 epochs, 3 min 52 s left;", lines[2], StringComparison.Ordinal);
        // The second stopped early.
        Assert.StartsWith("recipe: training network 2 of 3: 45/60 epochs in 3 min 00 s;", lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("recipe: training network 3 of 3: 20 epochs in", lines[^1], StringComparison.Ordinal);
    }

    private static TrainingMetrics Epoch(int epoch, int epochs) => new()
    {
        Epoch = epoch,
        Epochs = epochs,
        TrainLoss = 1,
        TrainAccuracy = 0.5,
        LearningRate = 1e-3,
        Seconds = 1,
        ExamplesPerSecond = 80,
    };

    [Fact]
    public void A_terminal_gets_a_bar_with_rate_and_time_left()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(Screen(output, true), Screen(error, true));
        var display = new ProgressDisplay(terminal, TimeProvider.System);
        display.Run(scope =>
        {
            IProgressStage stage = scope.Start("reading", 10, ProgressUnits.Clips);
            for (int done = 1; done <= 5; done++)
            {
                stage.Report(done, "half");
                Thread.Sleep(60);
            }
            Thread.Sleep(150);
            terminal.Message("[odd] warning");
            return 0;
        });
        string drawn = error.ToString();
        Assert.Contains("reading", drawn, StringComparison.Ordinal);
        Assert.Contains("50%", drawn, StringComparison.Ordinal);
        Assert.Contains("clips/s", drawn, StringComparison.Ordinal);
        // On a line of its own, above the bar.
        Assert.Matches(@"\u001b\[\dA\[odd\] warning +\r?\n", drawn);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public void Tables_have_borders_on_a_terminal_and_none_in_a_pipe()
    {
        using StringWriter screen = new(), pipe = new(), error = new();
        TextTable table = new TextTable("name", ">count").Add("[odd] name", "3").Add("x", "12");
        table.Write(new Terminal(Screen(screen, true), Screen(error, true)));
        table.Write(new Terminal(Screen(pipe, false), Screen(error, false)));
        Assert.Contains('│', screen.ToString());
        Assert.Contains("[odd] name", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal($"name        count{Environment.NewLine}[odd] name      3{Environment.NewLine}x              12{Environment.NewLine}",
            pipe.ToString());
    }

    private static IAnsiConsole Screen(TextWriter writer, bool terminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = terminal ? AnsiSupport.Yes : AnsiSupport.No,
        Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
        ColorSystem = ColorSystemSupport.NoColors,
        Out = new Stream(writer, terminal),
    });

    private sealed class Stream(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => 100;

        public int Height => 30;

        public void SetEncoding(Encoding encoding) { }
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
