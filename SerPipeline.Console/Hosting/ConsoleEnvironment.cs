namespace SerPipeline.Console.Hosting;

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
