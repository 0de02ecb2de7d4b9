using SerPipeline.Console.Hosting;
using Spectre.Console;

namespace SerPipeline.Tests.Console;

/// <summary>What one run of the program left: its exit code and the two streams.</summary>
internal sealed record ConsoleRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the program within this process, as if its streams were piped.</summary>
    public static Task<ConsoleRun> Of(CancellationToken cancellation, params string[] args) => Of(Stream.Null, cancellation, args);

    /// <summary>Runs the program with something on its standard input.</summary>
    public static async Task<ConsoleRun> Of(Stream input, CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter();
        return await Of(input, output, cancellation, args);
    }

    /// <summary>Runs the program with something that takes its standard output.</summary>
    public static async Task<ConsoleRun> Of(Stream input, TextWriter output, CancellationToken cancellation, params string[] args)
    {
        using var error = new StringWriter();
        return await Of(input, output, error, args, cancellation);
    }

    /// <summary>Runs the program and does something once, in the middle of it: when it writes a line with some words to standard
    /// error.</summary>
    public static async Task<ConsoleRun> Watched(string words, Action act, CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new Watch(words, act);
        return await Of(Stream.Null, output, error, args, cancellation);
    }

    public static Task<ConsoleRun> Of(params string[] args) => Of(TestContext.Current.CancellationToken, args);

    /// <summary>The run, having asserted that it went well.</summary>
    public ConsoleRun Succeeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }

    private static async Task<ConsoleRun> Of(Stream input, TextWriter output, StringWriter error, string[] args,
        CancellationToken cancellation)
    {
        var environment = new ConsoleEnvironment(new Terminal(Piped(output), Piped(error)), TimeProvider.System) { Input = () => input };
        int code = await ConsoleProgram.RunAsync(args, environment, cancellation);
        return new ConsoleRun(code, output.ToString()!, error.ToString());
    }

    /// <summary>A stream of the program that is no terminal.</summary>
    public static IAnsiConsole Piped(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No,
        ColorSystem = ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(writer),
    });

    private sealed class Watch(string words, Action act) : StringWriter(System.Globalization.CultureInfo.InvariantCulture)
    {
        private bool _done;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (_done || value is null || !value.Contains(words, StringComparison.Ordinal)) return;
            _done = true;
            act();
        }
    }
}
