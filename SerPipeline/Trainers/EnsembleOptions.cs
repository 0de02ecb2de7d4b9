namespace SerPipeline.Trainers;

/// <summary>Options of <see cref="EnsembleTrainer"/>.</summary>
public sealed record EnsembleOptions
{
    /// <summary>
    /// The trainings, each with its own options and columns; at least one. A member whose <see cref="NeuralTrainerOptions.Seed"/> is null
    /// gets
    /// <see cref="MemberSeed"/> of its place. Their score and predicted-label columns are not made; the ensemble's own are.
    /// </summary>
    public required IReadOnlyList<NeuralTrainerOptions> Members { get; init; }

    /// <summary>The column that receives the members' mean probability of each class.</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>The key column that receives the class of the highest mean.</summary>
    public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

    /// <summary>
    /// Members trained at once. More than 1 pays only where libtorch computes with fewer threads than there are cores: set OMP_NUM_THREADS
    /// to the cores over this number. It changes no result, but where a member's own module draws from libtorch's generator while it
    /// trains, as TorchSharp's dropout does.
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;

    /// <summary>
    /// Decides the members' seeds, and the validation part that they all share. Null takes the seed of the MLContext, or
    /// <see cref="NeuralTrainerOptions.DefaultSeed"/> where that has none.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>An ensemble of equal members that differ in their seeds.</summary>
    /// <param name="member">What each of them is.</param>
    /// <param name="count">How many, at least 1.</param>
    public static EnsembleOptions Of(NeuralTrainerOptions member, int count)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new EnsembleOptions
        {
            Seed = member.Seed,
            Members = [.. Enumerable.Range(0, count).Select(i => i == 0 || member.Seed is null ? member
                : member with { Seed = MemberSeed(member.Seed.Value, i) })],
            ScoreColumnName = member.ScoreColumnName,
            PredictedLabelColumnName = member.PredictedLabelColumnName,
        };
    }

    /// <summary>
    /// The seed of a member that names none: the first has the ensemble's own, so that one member alone is the plain training; the others'
    /// are drawn from it.
    /// </summary>
    /// <param name="seed">The ensemble's seed.</param>
    /// <param name="member">The member's place, from 0.</param>
    public static int MemberSeed(int seed, int member)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(member);
        return member == 0 ? seed : new SeededRandom(seed).Fork("ensemble-member", member).Next(int.MaxValue);
    }

    /// <summary>A member as it is trained among others: seeded by its place where it names no seed, and watched on the same rows as all,
    /// whatever their seeds.</summary>
    /// <param name="options">The member's.</param>
    /// <param name="member">Its place, from 0.</param>
    /// <param name="seed">The ensemble's seed.</param>
    internal static NeuralTrainerOptions Seeded(NeuralTrainerOptions options, int member, int seed) => options with
    {
        Seed = options.Seed ?? MemberSeed(seed, member),
        ValidationSeed = options.ValidationSeed ?? seed,
    };

    /// <summary>Checks every option, the members' included.</summary>
    /// <exception cref="OptionsException">Lists every problem of the ensemble, or of the first member that has any.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(EnsembleOptions));
        check.Require(Members is { Count: >= 1 and <= 1000 } && Members.All(m => m is not null), Members?.Count ?? 0,
            "list 1 to 1000 members, none of them null", nameof(Members))
            .Require(!string.IsNullOrWhiteSpace(ScoreColumnName), ScoreColumnName, "name a column")
            .Require(!string.IsNullOrWhiteSpace(PredictedLabelColumnName), PredictedLabelColumnName, "name a column")
            .Require(MaxDegreeOfParallelism is >= 1 and <= 1024, MaxDegreeOfParallelism, "be between 1 and 1024")
            .ThrowIfAny();
        foreach (NeuralTrainerOptions member in Members!) member.Validate();
        string[] labels = [.. Members.Select(m => m.LabelColumnName).Distinct(StringComparer.Ordinal)];
        var columns = new OptionsCheck(nameof(EnsembleOptions));
        TrainerColumns.CheckNames(columns, labels[0], ScoreColumnName, PredictedLabelColumnName);
        columns.Require(labels.Length == 1, string.Join(", ", labels), "all learn the same label column", nameof(Members)).ThrowIfAny();
    }
}
