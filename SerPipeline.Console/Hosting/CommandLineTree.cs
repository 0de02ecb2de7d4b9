using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SerPipeline.Console.Hosting;

/// <summary>The commands as System.CommandLine parses them and writes their help.</summary>
internal sealed class CommandLineTree
{
    private const int HelpWidth = 110;

    // A file may be called @memo.wav, and is no list of arguments for that.
    private static readonly ParserConfiguration Literal = new() { ResponseFileTokenReplacer = null };

    private readonly Command _root;
    private readonly Dictionary<Command, CommandDefinition> _commands = [];
    private readonly Option<bool> _version = new("--version") { Description = "Show the version." };

    public CommandLineTree(IReadOnlyList<CommandDefinition> definitions)
    {
        Verbose = new Option<bool>("--verbose") { Description = "Log more, and show where an error came from.", Recursive = true };
        _root = new Command("ser", "Speech emotion recognition: trains models on labelled clips, evaluates them and predicts with them.") {
            _version, Verbose };
        var help = new HelpOption { Recursive = true };
        help.Action = new HelpWithExamples(new HelpAction { MaxWidth = HelpWidth }, _commands);
        _root.Options.Add(help);
        // Without a command the program shows its help; an action keeps that from counting as a parsing error.
        _root.SetAction(_ => ExitCode.WrongUsage);
        foreach (CommandDefinition definition in definitions) Add(_root, definition);
    }

    public Option<bool> Verbose { get; }

    public ParseResult Parse(IReadOnlyList<string> args) => _root.Parse(args, Literal);

    public CommandDefinition? DefinitionOf(ParseResult parsed) => _commands.GetValueOrDefault(parsed.CommandResult.Command);

    public bool AsksForVersion(ParseResult parsed) => parsed.GetValue(_version);

    public static bool AsksForHelp(ParseResult parsed) => parsed.Action is HelpWithExamples;

    // Those of its one argument: options keep their own.
    public static IReadOnlyList<string> OperandsOf(ParseResult parsed) =>
        [.. parsed.CommandResult.Tokens.Select(token => token.Value)];

    /// <summary>The settings that the command line gives, under their configuration keys.</summary>
    public IEnumerable<KeyValuePair<string, string?>> SettingsOf(ParseResult parsed)
    {
        CommandDefinition definition = _commands[parsed.CommandResult.Command];
        // They were added in the order of the definition.
        foreach ((OptionDefinition known, Option option) in definition.Options.Zip(parsed.CommandResult.Command.Options))
        {
            if (parsed.GetResult(option) is not { Implicit: false }) continue;
            string? value = option switch
            {
                Option<bool> flag => parsed.GetValue(flag) ? "true" : "false",
                Option<string[]> list => string.Join(',', parsed.GetValue(list) ?? []),
                Option<string> text => parsed.GetValue(text),
                _ => throw new InvalidOperationException($"{option.Name} is of no known kind."),
            };
            yield return new(definition.KeyOf(known), value);
        }
    }

    /// <summary>A command as it is typed, such as <c>ser corpora fetch</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    /// <summary>What is wrong with a command line, with a hint where a word looks misspelt.</summary>
    public string Problems(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] known = [.. command.Options.Concat(_root.Options.Where(o => o.Recursive)).Select(o => o.Name),
            .. command.Subcommands.Select(c => c.Name)];
        string[] unknown = [.. parsed.UnmatchedTokens];
        if (unknown.Length == 0) return string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message));
        // One unknown option usually makes its value unknown too: the first tells enough.
        string what = unknown[0].StartsWith('-') ? "option" : command == _root ? "command" : "argument";
        return $"There is no {what} '{unknown[0]}'{(command == _root ? "" : $" of {PathOf(command)}")}.{Spelling.Hint(unknown[0], known)}";
    }

    private void Add(Command parent, CommandDefinition definition)
    {
        var command = new Command(definition.Name, definition.Description);
        if (definition.Operand is { } operand)
        {
            Argument argument = operand.IsSeveral ? new Argument<string[]>(operand.Name) : new Argument<string>(operand.Name);
            if (operand.IsSeveral) argument.Arity = operand.IsOptional ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore;
            argument.Description = operand.Description;
            command.Arguments.Add(argument);
        }
        foreach (OptionDefinition option in definition.Options) command.Options.Add(Create(option));
        command.SetAction(_ => 0);
        parent.Subcommands.Add(command);
        _commands[command] = definition;
        foreach (CommandDefinition below in definition.Subcommands) Add(command, below);
    }

    private static Option Create(OptionDefinition option)
    {
        string[] aliases = option.Alias is null ? [] : [option.Alias];
        Option created = option.Kind switch
        {
            OptionKind.Flag => new Option<bool>(option.Name, aliases),
            OptionKind.List => new Option<string[]>(option.Name, aliases) { Arity = ArgumentArity.OneOrMore },
            _ => new Option<string>(option.Name, aliases) { Arity = ArgumentArity.ExactlyOne },
        };
        created.Description = option.Description;
        if (option.Kind != OptionKind.Flag) created.HelpName = option.ValueName;
        return created;
    }

    private sealed class HelpWithExamples(HelpAction help, Dictionary<Command, CommandDefinition> commands) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            Command command = parseResult.CommandResult.Command;
            if (commands.TryGetValue(command, out CommandDefinition? definition))
            {
                help.Invoke(parseResult);
                output.WriteLine("Examples:");
                foreach ((string line, string effect) in definition.Examples)
                {
                    output.WriteLine($"  {line}");
                    output.WriteLine($"      {effect}");
                }
                output.WriteLine();
                return ExitCode.Done;
            }
            // A line or two for each command; its own help says the rest.
            foreach (Command listed in command.Subcommands) listed.Description = FirstSentence(listed.Description!);
            help.Invoke(parseResult);
            output.WriteLine("A first run, which needs no data, and what comes after it: ser train, then the line that it ends with.");
            output.WriteLine("ser COMMAND --help has the options and examples of a command.");
            output.WriteLine();
            output.WriteLine("Exit codes: 0 done, 1 failed or stopped, 2 wrong usage. Clips that cannot be read are left out with a "
                + "warning; with");
            output.WriteLine("ser predict, which is asked about each file, and with --strict they make the exit code 1.");
            return ExitCode.Done;
        }

        private static string FirstSentence(string text) =>
            text.IndexOf(". ", StringComparison.Ordinal) is var end && end < 0 ? text : text[..(end + 1)];
    }
}
