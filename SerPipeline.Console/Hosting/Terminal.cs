using System.Text;
using Spectre.Console;

namespace SerPipeline.Console.Hosting;

/// <summary>Where the program writes: results to standard output, everything else to standard error, so that output can be piped.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class Terminal(IAnsiConsole output, IAnsiConsole error)
{
    /// <summary>Standard output.</summary>
    public IAnsiConsole Output { get; } = output;

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error { get; } = error;

    /// <summary>Whether standard output is a terminal: then tables get borders, otherwise plain columns.</summary>
    public bool OutputIsTerminal => Output.Profile.Out.IsTerminal;

    /// <summary>Whether standard error is a terminal that can redraw lines: then progress is a bar, otherwise a line now and then.</summary>
    public bool ErrorIsInteractive => Error.Profile.Out.IsTerminal && Error.Profile.Capabilities.Interactive && Error.Profile.Capabilities.Ansi;

    /// <summary>Where results go, unformatted and unwrapped.</summary>
    public TextWriter OutputWriter => Output.Profile.Out.Writer;

    /// <summary>Where messages go, unformatted and unwrapped.</summary>
    public TextWriter ErrorWriter => Error.Profile.Out.Writer;

    /// <summary>This process's own streams. Colours follow the terminal and NO_COLOR.</summary>
    public static Terminal OfThisProcess()
    {
        if (!System.Console.IsOutputRedirected) System.Console.OutputEncoding = Encoding.UTF8;
        return new Terminal(
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Out) }),
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) }));
    }

    /// <summary>Writes a line of results.</summary>
    /// <param name="text">The line.</param>
    public void Result(string text = "") => OutputWriter.WriteLine(text);

    /// <summary>Writes a line of messages.</summary>
    /// <param name="text">The line.</param>
    public void Message(string text = "") => ErrorWriter.WriteLine(text);
}
