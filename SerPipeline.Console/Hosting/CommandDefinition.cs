namespace SerPipeline.Console.Hosting;

/// <summary>What an option's value is.</summary>
internal enum OptionKind
{
    /// <summary>Present or absent.</summary>
    Flag,

    /// <summary>One value.</summary>
    Value,

    /// <summary>Several values: repeated, or with commas between them.</summary>
    List,
}

/// <summary>One option of a command: on the command line, in the environment and in appsettings.json under one name.</summary>
/// <param name="Name">The name on the command line, such as <c>--test-fraction</c>.</param>
/// <param name="ValueName">What help calls its value; empty for a flag.</param>
/// <param name="Description">What it does, and its default.</param>
/// <param name="Kind">What its value is.</param>
internal sealed record OptionDefinition(string Name, string ValueName, string Description, OptionKind Kind = OptionKind.Value)
{
    /// <summary>A short name such as <c>-o</c>, or null.</summary>
    public string? Alias { get; init; }

    /// <summary>The values allowed; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What a message lists where there are too many <see cref="Choices"/> to read; null lists them.</summary>
    public IReadOnlyList<string>? Listed { get; init; }

    /// <summary>Whether the setting stands by itself in configuration (<c>SER_CACHE</c>) rather than under its command
    /// (<c>SER_TRAIN__EPOCHS</c>).</summary>
    public bool IsGlobal { get; init; }

    /// <summary>The setting's name in configuration: <c>--test-fraction</c> is <c>TestFraction</c>.</summary>
    public string Key => string.Concat(Name.TrimStart('-').Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    /// <summary>A flag.</summary>
    public static OptionDefinition Flag(string name, string description) => new(name, "", description, OptionKind.Flag);
}

/// <summary>The values that follow a command's name.</summary>
/// <param name="Name">What help calls them.</param>
/// <param name="Description">What they are.</param>
/// <param name="IsSeveral">Whether there may be several.</param>
internal sealed record OperandDefinition(string Name, string Description, bool IsSeveral)
{
    /// <summary>Whether there may be none, of several.</summary>
    public bool IsOptional { get; init; }
}

/// <summary>A file of settings for one run of a command: they count more than the environment, and less than the command line.</summary>
/// <param name="Option">The option that names the file.</param>
/// <param name="Read">Reads a file, told the options that the command line gives: settings by the names of options in
/// configuration.</param>
internal sealed record SettingsFileDefinition(OptionDefinition Option,
    Func<string, IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> Read);

/// <summary>A command as the command line, help and configuration know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, for help.</param>
/// <param name="Handler">The class that does it.</param>
internal sealed record CommandDefinition(string Name, string Description, Type Handler)
{
    /// <summary>Its options, in the order help lists them.</summary>
    public IReadOnlyList<OptionDefinition> Options { get; init; } = [];

    /// <summary>What follows its name, or null for nothing.</summary>
    public OperandDefinition? Operand { get; init; }

    /// <summary>Command lines that work, each with what it does.</summary>
    public IReadOnlyList<(string CommandLine, string Effect)> Examples { get; init; } = [];

    /// <summary>Files of settings that options name; later ones win.</summary>
    public IReadOnlyList<SettingsFileDefinition> SettingsFiles { get; init; } = [];

    /// <summary>Commands below it, such as <c>ser corpora fetch</c>; these have none themselves.</summary>
    public IReadOnlyList<CommandDefinition> Subcommands { get; init; } = [];

    /// <summary>The section of configuration with its settings; of a command below another one by its own name alone.</summary>
    public string Section => char.ToUpperInvariant(Name[0]) + Name[1..];

    /// <summary>The full configuration key of one of its options.</summary>
    public string KeyOf(OptionDefinition option) => option.IsGlobal ? option.Key : $"{Section}:{option.Key}";
}

/// <summary>Does what a command says.</summary>
internal interface ICommandHandler
{
    /// <summary>Runs the command.</summary>
    /// <param name="input">Its settings.</param>
    /// <param name="cancellation">Cancelled by Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    int Run(CommandInput input, CancellationToken cancellation);
}
