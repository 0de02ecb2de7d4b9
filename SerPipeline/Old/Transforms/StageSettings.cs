namespace SerPipeline.Old.Transforms;

/// <summary>A stage's columns and options, as a model file keeps them.</summary>
internal sealed record StageSettings<TOptions>(string Output, string Input, TOptions Options)
{
    public string Output { get; init; } = ColumnNames.Require(Output, nameof(Output));

    public string Input { get; init; } = ColumnNames.Require(Input, nameof(Input));

    // The reader of JSON checks no member whose type is a type parameter.
    public TOptions Options { get; init; } = Options ?? throw new ArgumentNullException(nameof(Options), "A stage needs its options, and they are null.");
}

/// <summary>Names that columns may have.</summary>
internal static class ColumnNames
{
    /// <exception cref="ArgumentException">The name is null or empty.</exception>
    public static string Require(string name, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, what);
        return name;
    }
}

/// <summary>The columns of a stage that has no options, as a model file keeps them.</summary>
internal sealed record ColumnPair(string Output, string Input);
