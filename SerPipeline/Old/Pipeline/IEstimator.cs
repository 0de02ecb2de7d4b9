namespace SerPipeline.Old.Pipeline;

/// <summary>A stage before it has seen data. Fitting gives the transformer.</summary>
/// <typeparam name="TTransformer">What fitting gives.</typeparam>
public interface IEstimator<out TTransformer> where TTransformer : ITransformer
{
    /// <summary>Learns from the rows what the stage needs, and gives the fitted stage. The estimator itself does not change.</summary>
    /// <param name="input">The rows.</param>
    /// <exception cref="SchemaException">A column is missing or of the wrong kind; found before any row is read.</exception>
    TTransformer Fit(IDataView input);

    /// <summary>The columns after this stage, without reading a row.</summary>
    /// <param name="inputSchema">The columns before it.</param>
    /// <exception cref="SchemaException">A column is missing or of the wrong kind.</exception>
    SchemaShape GetOutputSchema(SchemaShape inputSchema);
}

/// <summary>A fitted stage: turns rows into rows with more columns.</summary>
public interface ITransformer
{
    /// <summary>The columns after this stage.</summary>
    /// <param name="inputSchema">The columns before it.</param>
    /// <exception cref="SchemaException">A column is missing or of the wrong kind.</exception>
    DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    /// <summary>Applies the stage, lazily.</summary>
    /// <param name="input">The rows.</param>
    IDataView Transform(IDataView input);
}

/// <summary>A fitted stage that can be written to a model file.</summary>
public interface ISaveableTransformer : ITransformer
{
    /// <summary>The name under which the model file keeps this kind of stage. It never changes.</summary>
    string StageName { get; }

    /// <summary>Writes everything the stage needs to be loaded again.</summary>
    /// <param name="stage">Receives options and weights.</param>
    void Save(StageContent stage);
}
