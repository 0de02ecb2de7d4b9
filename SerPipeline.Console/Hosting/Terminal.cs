using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace SerPipeline.Console.Hosting;

/// <summary>Where the program writes: results to standard output, everything else to standard error, so that output can be piped.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class Terminal(IAnsiConsole output, IAnsiConsole error)
{
    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Standard output.</summary>
    public IAnsiConsole Output { get; } = output;

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error { get; } = error;

    /// <summary>Whether standard output is a terminal: then tables get borders, otherwise plain columns.</summary>
    public bool OutputIsTerminal => Output.Profile.Out.IsTerminal;

    /// <summary>Whether standard error is a terminal that can redraw lines: then progress is a bar, otherwise a line now and
    /// then.</summary>
    public bool ErrorIsInteractive => Error.Profile.Out.IsTerminal && Error.Profile.Capabilities.Interactive
        && Error.Profile.Capabilities.Ansi;

    /// <summary>Where results go, unformatted and unwrapped.</summary>
    public TextWriter OutputWriter => Output.Profile.Out.Writer;

    /// <summary>Where messages go, unformatted and unwrapped.</summary>
    public TextWriter ErrorWriter => Error.Profile.Out.Writer;

    /// <summary>This process's own streams. Colours follow the terminal and NO_COLOR.</summary>
    public static Terminal OfThisProcess()
    {
        bool output = System.Console.IsOutputRedirected, error = System.Console.IsErrorRedirected;
        if (!output || !error) System.Console.OutputEncoding = Encoding.UTF8;
        return new Terminal(Screen(output ? Utf8(System.Console.OpenStandardOutput()) : System.Console.Out),
            Screen(error ? Utf8(System.Console.OpenStandardError()) : System.Console.Error));

        static IAnsiConsole Screen(TextWriter writer) =>
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        // Other programs read the same bytes everywhere: a pipe would get the code page of Windows, or what the locale says.
        static TextWriter Utf8(Stream stream) => TextWriter.Synchronized(
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true });
    }

    /// <summary>Writes a result as JSON: camel case, indented, enumerations as words.</summary>
    public void Json<T>(T value) => Result(JsonSerializer.Serialize(value, JsonFormat));

    /// <summary>Writes a line of results.</summary>
    /// <param name="text">The line.</param>
    public void Result(string text = "") => OutputWriter.WriteLine(text);

    /// <summary>Whether bars are on standard error: a message then goes through what draws them, which makes room above.</summary>
    public bool ShowsBars { private get; set; }

    /// <summary>Writes a line of messages.</summary>
    /// <param name="text">The line.</param>
    public void Message(string text = "")
    {
        // Filled up, for it takes the place of a bar.
        if (ShowsBars) Error.Write(new Padder(new Text(text), new Padding(0)) { Expand = true });
        else ErrorWriter.WriteLine(text);
    }
}

/// <summary>What the program has from outside, so that tests can run it within their own process.</summary>
/// <param name="Terminal">Where it writes.</param>
/// <param name="Time">Its clock.</param>
internal sealed record ConsoleEnvironment(Terminal Terminal, TimeProvider Time)
{
    /// <summary>Opens standard input.</summary>
    public Func<Stream> Input { get; init; } = System.Console.OpenStandardInput;

    /// <summary>The real ones.</summary>
    public static ConsoleEnvironment OfThisProcess() => new(Terminal.OfThisProcess(), TimeProvider.System);
}

/// <summary>Writes log messages to standard error, a line each: the level and the message, nothing else.</summary>
/// <param name="environment">Where standard error is.</param>
[ProviderAlias("StandardError")]
internal sealed class StandardErrorLoggerProvider(ConsoleEnvironment environment) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger(environment.Terminal);

    /// <inheritdoc/>
    public void Dispose() { }

    private sealed class StandardErrorLogger(Terminal terminal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            terminal.Message($"{Name(logLevel)}: {formatter(state, exception)}");
            if (exception is not null) terminal.Message($"  {exception.Message}");
        }

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Warning => "warning",
            LogLevel.Error or LogLevel.Critical => "error",
            LogLevel.Information => "info",
            _ => "debug",
        };
    }
}
