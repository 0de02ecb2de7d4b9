using Microsoft.Extensions.Logging;

namespace SerPipeline.Console.Hosting;

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

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            terminal.Message($"{Name(logLevel)}: {formatter(state, exception)}");
            if (exception is not null) terminal.Message(exception.ToString());
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
