namespace SerPipeline.Console.Hosting;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done; clips that could not be read may have been left out of a training or evaluation, with a warning.</summary>
    public const int Done = 0;

    /// <summary>Something failed or was stopped, or a file to predict on could not be read; standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration asks for something that does not exist.</summary>
    public const int WrongUsage = 2;
}
