using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>
/// Linear discriminant analysis (Fisher 1936) with equal priors, solved in double precision from one reading of the rows, its scores
/// calibrated by cross-validation within them. What it fits
/// is ML.NET's own linear model, so that it saves, exports and explains itself like that of <c>LbfgsMaximumEntropy</c>.
/// </summary>
public sealed class LinearDiscriminantTrainer : IEstimator<MulticlassPredictionTransformer<MaximumEntropyModelParameters>>
{
    private const string Stage = "LinearDiscriminant";

    private readonly IHostEnvironment _environment;
    private readonly LinearDiscriminantOptions _options;

    internal LinearDiscriminantTrainer(IHostEnvironment environment, LinearDiscriminantOptions options)
    {
        options.Validate();
        (_environment, _options) = (environment, options);
    }

    /// <summary>Checks the columns and adds <c>Score</c> and <c>PredictedLabel</c>.</summary>
    /// <param name="inputSchema">The columns before the trainer.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TrainerColumns.Check(Stage, [_options.FeatureColumnName], _options.LabelColumnName, null, inputSchema);
        return TrainerColumns.WithScores(Stage, inputSchema, _options.LabelColumnName, TrainerColumns.StockScore, "PredictedLabel");
    }

    /// <summary>Fits the classes' means and their common covariance.</summary>
    /// <param name="input">The rows; those without a label are left out.</param>
    /// <exception cref="SchemaException">A column does not fit, a class has no row, a value is not finite, or the covariance is
    /// singular.</exception>
    public MulticlassPredictionTransformer<MaximumEntropyModelParameters> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        (InputColumn[] inputs, IReadOnlyList<string> labels) = TrainerColumns.Bind(Stage, [_options.FeatureColumnName],
            _options.LabelColumnName, null, input.Schema);
        FeatureRows rows = FeatureRows.Read(Stage, input, _options.FeatureColumnName, _options.LabelColumnName,
            RowSubsetView.PeopleKeyOf(input.Schema));
        rows.RequireEveryClass(Stage, labels);
        LinearDiscriminant fitted = LinearDiscriminant.Fit(rows.Values, rows.Classes, labels.Count, _options.Shrinkage)
            .Over(_options.Temperature ?? InnerFolds.Of(rows, rows.Values.Count, labels.Count, _options.Shrinkage, adapts: false)
                .Temperature);
        VBuffer<float>[] weights = [.. fitted.Weights.Select(w => new VBuffer<float>(w.Length, Array.ConvertAll(w, v => (float)v)))];
        MaximumEntropyModelParameters model = MlNetInternals.MaximumEntropy(_environment, weights,
            Array.ConvertAll(fitted.Biases, b => (float)b), labels.Count, inputs[0].Size, [.. labels], null);
        return MlNetInternals.PredictionTransformer(_environment, model, input.Schema, _options.FeatureColumnName,
            _options.LabelColumnName, TrainerColumns.StockScore, "PredictedLabel");
    }
}
