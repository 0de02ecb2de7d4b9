namespace SerPipeline.Console.Hosting;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>Something failed, was left out or was stopped; standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration asks for something that does not exist.</summary>
    public const int WrongUsage = 2;
}
