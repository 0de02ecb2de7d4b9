using System.CommandLine;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SerPipeline.Console.Commands;

namespace SerPipeline.Console.Hosting;

/// <summary>The program: parses the command line, builds the host around one command, runs it, and turns errors into messages and exit
/// codes.</summary>
internal static class ConsoleProgram
{
    private const string EnvironmentPrefix = "SER_";

    /// <summary>The commands, in the order of help.</summary>
    internal static IReadOnlyList<CommandDefinition> Commands { get; } =
    [
        TrainCommand.Definition, EvaluateCommand.Definition, CompareCommand.Definition, PredictCommand.Definition,
        ReproduceCommand.Definition, AblateCommand.Definition,
        CorporaCommand.Definition with { Subcommands = [CorporaFetchCommand.Definition] }, ModelCommand.Definition,
        GenerateCommand.Definition, ImageCommand.Definition, SynthCommand.Definition, DoctorCommand.Definition,
    ];

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line, without the program's name.</param>
    /// <param name="environment">What it has from outside.</param>
    /// <param name="cancellation">Stops it as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, ConsoleEnvironment environment,
        CancellationToken cancellation = default)
    {
        var tree = new CommandLineTree(Commands);
        ParseResult parsed = tree.Parse(args);
        Terminal terminal = environment.Terminal;
        if (CommandLineTree.AsksForHelp(parsed)) return WriteHelp(parsed, terminal);
        if (parsed.Errors.Count > 0) return WrongUsage(terminal, tree.Problems(parsed), parsed.CommandResult.Command);
        if (tree.AsksForVersion(parsed))
        {
            terminal.Result(Version());
            return ExitCode.Done;
        }
        if (tree.DefinitionOf(parsed) is not { } definition)
        {
            WriteHelp(tree.Parse(["--help"]), terminal);
            return ExitCode.WrongUsage;
        }
        bool verbose = parsed.GetValue(tree.Verbose);
        try
        {
            return await RunCommandAsync(tree, parsed, definition, args, environment, verbose, cancellation).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Report(error, terminal, parsed.CommandResult.Command, verbose);
        }
    }

    /// <summary>The version of the program.</summary>
    internal static string Version() =>
        typeof(ConsoleProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static async Task<int> RunCommandAsync(
        CommandLineTree tree, ParseResult parsed, CommandDefinition definition, IReadOnlyList<string> args, ConsoleEnvironment environment,
        bool verbose,
        CancellationToken cancellation)
    {
        using IHost host = BuildHost(tree.SettingsOf(parsed), definition, environment, verbose);
        await host.StartAsync(cancellation).ConfigureAwait(false);
        // The host's lifetime turns Ctrl-C and SIGTERM into this token; the command ends at its next safe point.
        CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        try
        {
            var input = new CommandInput(definition, host.Services.GetRequiredService<IConfiguration>(), CommandLineTree.OperandsOf(parsed),
                ["ser", .. args], environment.Terminal.Message);
            foreach (string unknown in input.UnknownSettings()) environment.Terminal.Message($"warning: {unknown}");
            var handler = (ICommandHandler)host.Services.GetRequiredService(definition.Handler);
            return await Task.Run(() => handler.Run(input, linked.Token), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static IHost BuildHost(
        IEnumerable<KeyValuePair<string, string?>> commandLine, CommandDefinition definition, ConsoleEnvironment environment, bool verbose)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = AppContext.BaseDirectory });
        // Later sources win.
        builder.Configuration
            .AddConfiguration(AppSettings.Read(Path.Combine(AppContext.BaseDirectory, AppSettings.FileName)))
            .AddEnvironmentVariables(EnvironmentPrefix);
        AppSettings.RequireLogLevels(builder.Configuration);
        AddSettings(builder.Configuration, definition, [.. commandLine]);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        if (verbose) builder.Logging.SetMinimumLevel(LogLevel.Debug).AddFilter("SerPipeline", LogLevel.Debug);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, StandardErrorLoggerProvider>());
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.AddSingleton(environment)
            .AddSingleton(environment.Terminal)
            .AddSingleton(environment.Time)
            .AddSingleton<ProgressDisplay>()
            .AddSingleton(definition.Handler);
        return builder.Build();
    }

    private static void AddSettings(ConfigurationManager configuration, CommandDefinition definition, KeyValuePair<string,
        string?>[] commandLine)
    {
        var given = definition.Options.Select(option => (option.Key,
                Value: commandLine.FirstOrDefault(pair => pair.Key == definition.KeyOf(option)).Value))
            .Where(option => option.Value is not null).ToDictionary(option => option.Key, option => option.Value!, StringComparer.Ordinal);
        foreach (SettingsFileDefinition file in definition.SettingsFiles)
        {
            string? path = given.GetValueOrDefault(file.Option.Key) ?? configuration[definition.KeyOf(file.Option)];
            if (string.IsNullOrWhiteSpace(path)) continue;
            configuration.AddInMemoryCollection(file.Read(path, given).Select(pair => KeyValuePair.Create(
                definition.Options.FirstOrDefault(option => option.Key == pair.Key) is { } known ? definition.KeyOf(known)
                    : $"{definition.Section}:{pair.Key}", (string?)pair.Value)));
        }
        configuration.AddInMemoryCollection(commandLine);
    }

    private static int Report(Exception error, Terminal terminal, Command command, bool verbose)
    {
        Exception shown = Shown(error);
        if (verbose && shown is not OperationCanceledException) terminal.Message(shown.ToString());
        if (shown is UsageException or OptionsException) return WrongUsage(terminal, shown.Message, command);
        terminal.Message(shown is OperationCanceledException ? "Stopped. Files that were not finished have not been written."
            : $"error: {shown.Message}");
        if (!verbose && !IsKnown(shown)) terminal.Message("This is a mistake in the program. Run the command again with --verbose to see "
            + "where it happened, and report it.");
        return ExitCode.Failed;
    }

    /// <summary>Of errors that came together, the one to tell of: a mistake of the program before what is nobody's, and a failure before
    /// the stop that it caused.</summary>
    internal static Exception Shown(Exception error)
    {
        if (error is not AggregateException several || several.Flatten().InnerExceptions is not { Count: > 0 } inner) return CauseOf(error);
        Exception[] all = [.. inner.Select(CauseOf)];
        return all.FirstOrDefault(e => !IsKnown(e)) ?? all.FirstOrDefault(e => e is not OperationCanceledException) ?? all[0];
    }

    // A thread that reads ahead, such as that of a cache, wraps what it threw: a stop or a file that cannot be read is told as such.
    private static Exception CauseOf(Exception error)
    {
        Exception cause = error;
        while (!IsKnown(cause) && cause.InnerException is { } inner) cause = inner;
        return IsKnown(cause) ? cause : error;
    }

    // What Report has words for.
    private static bool IsKnown(Exception e) =>
        e is UsageException or OperationCanceledException or SerPipelineException or IOException or UnauthorizedAccessException;

    private static int WrongUsage(Terminal terminal, string problems, Command command)
    {
        foreach (string problem in problems.Split(Environment.NewLine)) terminal.Message($"error: {problem}");
        terminal.Message($"{CommandLineTree.PathOf(command)} --help shows what there is.");
        return ExitCode.WrongUsage;
    }

    private static int WriteHelp(ParseResult parsed, Terminal terminal) =>
        parsed.Invoke(new InvocationConfiguration { Output = terminal.OutputWriter, Error = terminal.ErrorWriter });
}

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done; clips that could not be read may have been left out of a training or evaluation, with a
    /// warning.</summary>
    public const int Done = 0;

    /// <summary>Something failed or was stopped, or a file to predict on could not be read; standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration asks for something that does not exist.</summary>
    public const int WrongUsage = 2;
}
