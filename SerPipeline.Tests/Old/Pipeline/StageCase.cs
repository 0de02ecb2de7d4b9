using SerPipeline.Old.Pipeline;


namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>One stage under the contract that every stage passes.</summary>
internal sealed record StageCase
{
    /// <summary>The catalog method that makes it.</summary>
    public required string Method { get; init; }

    /// <summary>The name that messages and model files use.</summary>
    public required string Stage { get; init; }

    /// <summary>Makes the estimator.</summary>
    public required Func<SerContext, IEstimator<ITransformer>> Create { get; init; }

    /// <summary>Rows it can be fitted on; another variant gives other rows of the same schema.</summary>
    public required Func<Recordings, int, IDataView> Input { get; init; }

    /// <summary>The columns it needs for fitting, each with a type it must refuse.</summary>
    public required IReadOnlyList<(string Column, DataViewType Wrong)> Needs { get; init; }

    /// <summary>The columns among them that the fitted stage can do without.</summary>
    public IReadOnlyList<string> OnlyForFitting { get; init; } = [];

    /// <summary>The columns it adds.</summary>
    public required IReadOnlyList<string> Adds { get; init; }

    /// <summary>Makes it with options that have several problems; null when it has no options record.</summary>
    public Action<SerContext>? CreateBroken { get; init; }

    /// <summary>The options with a problem in <see cref="CreateBroken"/>.</summary>
    public IReadOnlyList<string> BrokenOptions { get; init; } = [];

    public override string ToString() => Method;
}
