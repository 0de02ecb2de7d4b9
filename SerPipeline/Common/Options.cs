using System.Runtime.CompilerServices;

namespace SerPipeline;

/// <summary>Invalid options, with all problems found.</summary>
public sealed class OptionsException : SerPipelineException
{
    /// <summary>Creates the exception; its message has one problem per line.</summary>
    /// <param name="problems">One text per problem: owner, option, rule, value found.</param>
    public OptionsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>One text per problem: <c>owner.Option must rule, got value.</c></summary>
    public IReadOnlyList<string> Problems { get; }
}

/// <summary>Collects the problems of an options record, to report all at once: <c>owner.Option must rule, got value.</c></summary>
/// <param name="owner">Name of the options record or command.</param>
public sealed class OptionsCheck(string owner)
{
    private readonly List<string> _problems = [];

    /// <summary>Problems found so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Adds a problem if <paramref name="holds"/> is false.</summary>
    /// <param name="holds">Whether the value is valid.</param>
    /// <param name="value">Value of the option.</param>
    /// <param name="rule">The rule, read after "must": <c>be between 1 and 512</c>.</param>
    /// <param name="option">Name of the option; by default the expression of <paramref name="value"/>.</param>
    /// <returns>This object, for chaining.</returns>
    public OptionsCheck Require<T>(bool holds, T value, string rule, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (!holds)
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{owner}.{option} must {rule}, got {Show(value)}."));
        return this;
    }

    /// <summary>Throws if there are problems.</summary>
    /// <exception cref="OptionsException">At least one problem was found.</exception>
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

/// <summary>Finds values that are NaN or infinite, which would turn everything they touch into NaN.</summary>
internal static class Finite
{
    /// <summary>Whether there are none.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        // x * 0 is 0 for finite x and NaN otherwise; NaN survives addition.
        Vector<float> probe = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> v in vectors) probe += v * Vector<float>.Zero;
        bool finite = float.IsFinite(Vector.Sum(probe));
        foreach (float x in values[(vectors.Length * Vector<float>.Count)..]) finite &= float.IsFinite(x);
        return finite;
    }

    /// <summary>The position of the first; -1 where there are none.</summary>
    public static int IndexOfOther(ReadOnlySpan<float> values)
    {
        if (All(values)) return -1;
        int index = 0;
        while (float.IsFinite(values[index])) index++;
        return index;
    }
}
