using System.Globalization;
using System.Runtime.CompilerServices;

namespace SerPipeline;

/// <summary>Options that cannot be used: every problem found, listed together.</summary>
public sealed class OptionsException : SerPipelineException
{
    /// <summary>Creates the error from the problems found.</summary>
    /// <param name="problems">One line a problem, each naming owner, option, rule and value.</param>
    public OptionsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>One line a problem: owner, option, rule, and what it got.</summary>
    public IReadOnlyList<string> Problems { get; }
}

/// <summary>
/// Collects the problems of one options record so that a user sees them all at once.
/// Every line has one grammar: <c>owner.Option must rule, got value.</c>
/// </summary>
/// <param name="owner">The name of the options record or command, as the user knows it.</param>
public sealed class OptionsCheck(string owner)
{
    private readonly List<string> _problems = [];

    /// <summary>The problems so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Adds a problem when <paramref name="holds"/> is false.</summary>
    /// <param name="holds">Whether the rule holds.</param>
    /// <param name="value">The value found.</param>
    /// <param name="rule">The rule, to be read after "must": <c>be between 1 and 512</c>.</param>
    /// <param name="option">The option's name; taken from the expression given as <paramref name="value"/>.</param>
    /// <returns>This collector, so that checks chain.</returns>
    public OptionsCheck Require<T>(bool holds, T value, string rule, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (!holds)
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{owner}.{option} must {rule}, got {Show(value)}."));
        return this;
    }

    /// <summary>Raises one <see cref="OptionsException"/> with every problem found, if any was.</summary>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0) throw new OptionsException(_problems);
    }

    private static string Show<T>(T value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "null",
    };
}
