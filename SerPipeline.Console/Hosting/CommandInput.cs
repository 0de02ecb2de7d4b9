using Microsoft.Extensions.Configuration;

namespace SerPipeline.Console.Hosting;

/// <summary>
/// The settings of one command, whoever gave them: appsettings.json, then the environment, then the command line. Problems are collected
/// and raised together by <see cref="Check"/>.
/// </summary>
internal sealed class CommandInput(CommandDefinition definition, IConfiguration configuration, IReadOnlyList<string> operands,
    IReadOnlyList<string> commandLine, Action<string>? warn = null)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);

    /// <summary>The command.</summary>
    public CommandDefinition Definition => definition;

    /// <summary>What followed the command's name.</summary>
    public IReadOnlyList<string> Operands => operands;

    /// <summary>The command line, program first.</summary>
    public IReadOnlyList<string> CommandLine => commandLine;

    /// <summary>A setting's text, or null when nobody gave it.</summary>
    public string? Text(OptionDefinition option)
    {
        string? text = configuration[definition.KeyOf(option)] ?? Items(option);
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (option.Kind != OptionKind.List && option.Choices.Count > 0) return Choose(option, text);
        return text;
    }

    /// <summary>A setting that must be given.</summary>
    public string Required(OptionDefinition option)
    {
        if (Text(option) is { } text) return text;
        _problems.Add($"{option.Name} {option.ValueName} is needed: {option.Description}");
        return "";
    }

    /// <summary>Whether a flag is set.</summary>
    public bool Flag(OptionDefinition option)
    {
        if (Text(option) is not { } text) return false;
        if (bool.TryParse(text, out bool value)) return value;
        _problems.Add($"{option.Name} must be true or false, got '{text}'.");
        return false;
    }

    /// <summary>The enumeration member that a setting names, or null when nobody gave it.</summary>
    public T? Choice<T>(OptionDefinition option) where T : struct, Enum =>
        Text(option) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : null;

    /// <summary>A whole number, or null when nobody gave it.</summary>
    public int? Whole(OptionDefinition option, int least) => Text(option) is { } text ? Whole(option, text, least) : null;

    /// <summary>Several whole numbers; empty when nobody gave any.</summary>
    public IEnumerable<int> Wholes(OptionDefinition option, int least) =>
        List(option).Select(text => Whole(option, text, least)).OfType<int>();

    private int? Whole(OptionDefinition option, string text, int least)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least) return value;
        bool large = least == int.MinValue
            || (double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number > int.MaxValue);
        _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be a whole number "
            + $"{(large ? $"from {least} to {int.MaxValue}" : $"of at least {least}")}, got '{text}'."));
        return null;
    }

    /// <summary>A number, or null when nobody gave it.</summary>
    public double? Number(OptionDefinition option, Func<double, bool> holds, string rule)
    {
        if (Text(option) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            && holds(value)) return value;
        _problems.Add($"{option.Name} must be {rule}, got '{text}'.");
        return null;
    }

    /// <summary>Several values; empty when nobody gave any.</summary>
    public IReadOnlyList<string> List(OptionDefinition option)
    {
        if (Text(option) is not { } text) return [];
        string[] values = [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.Ordinal)];
        return option.Choices.Count == 0 ? values : [.. values.Select(value => Choose(option, value)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The settings among some that were given, by their names in configuration.</summary>
    public IReadOnlyDictionary<string, string> Given(IEnumerable<OptionDefinition> options) =>
        options.Select(option => (option.Key, Text: Text(option))).Where(pair => pair.Text is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Text!, StringComparer.Ordinal);

    /// <summary>Says once what is done in another way than the user may think.</summary>
    public void Warn(string text)
    {
        if (_warnings.Add(text)) warn?.Invoke($"warning: {text}");
    }

    /// <summary>Adds a problem when a rule over several settings does not hold.</summary>
    public void Require(bool holds, string problem)
    {
        if (!holds) _problems.Add(problem);
    }

    /// <summary>Raises every problem found.</summary>
    /// <exception cref="UsageException">There was one.</exception>
    public void Check()
    {
        if (_problems.Count > 0) throw new UsageException(string.Join(Environment.NewLine, _problems.Distinct(StringComparer.Ordinal)));
    }

    /// <summary>The unknown keys of the command's section of the configuration, with suggestions.</summary>
    public IEnumerable<string> UnknownSettings()
    {
        string[] known = [.. definition.Options.Where(option => !option.IsGlobal).Select(option => option.Key)];
        foreach (IConfigurationSection section in configuration.GetSection(definition.Section).GetChildren())
            if (!known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                yield return $"{section.Path} is not a setting of ser {definition.Name} and is ignored.{Spelling.Hint(section.Key, known)}";
    }

    // A list may be a JSON array in appsettings.json.
    private string? Items(OptionDefinition option)
    {
        string[] items = [.. configuration.GetSection(definition.KeyOf(option)).GetChildren().Select(item => item.Value).OfType<string>()];
        if (items.Length == 0) return null;
        if (option.Kind == OptionKind.List) return string.Join(',', items);
        _problems.Add($"{option.Name} takes one value, but {definition.KeyOf(option)} in the configuration is a list or a section.");
        return null;
    }

    private string Choose(OptionDefinition option, string text)
    {
        if (option.Choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        _problems.Add($"{option.Name} must be {Spelling.List(option.Listed ?? option.Choices)}, got '{text}'."
            + Spelling.Hint(text, option.Choices));
        return option.Choices[0];
    }
}

/// <summary>The command line or the configuration cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);
