namespace SerPipeline.Trainers;

/// <summary>One member of <see cref="VoiceEnsembleOptions"/>: a linear discriminant or a network.</summary>
public sealed record VoiceMember
{
    private VoiceMember() { }

    /// <summary>Linear discriminant analysis over the ensemble's features; null for a network. Its columns do not count.</summary>
    public LinearDiscriminantOptions? LinearDiscriminant { get; private init; }

    /// <summary>
    /// A network; null for linear discriminant analysis. One over images reads its own feature column; any other the ensemble's features,
    /// standardised, copies included.
    /// </summary>
    public NeuralTrainerOptions? Network { get; internal init; }

    /// <summary>The share of its probabilities in the mean, relative to the others' weights. Default: 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>A member by its trainer's options.</summary>
    /// <param name="options"><see cref="LinearDiscriminantOptions"/> or <see cref="NeuralTrainerOptions"/>.</param>
    /// <param name="weight">Its weight, above 0.</param>
    public static VoiceMember Of(object options, double weight = 1) => options switch
    {
        LinearDiscriminantOptions linear => new VoiceMember { LinearDiscriminant = linear, Weight = weight },
        NeuralTrainerOptions network => new VoiceMember { Network = network, Weight = weight },
        _ => throw new ArgumentException($"Expected LinearDiscriminantOptions or NeuralTrainerOptions, got {options}.", nameof(options)),
    };
}

/// <summary>Options of <c>Trainers.VoiceEnsemble</c>.</summary>
public sealed record VoiceEnsembleOptions
{
    /// <summary>The key column with the truth.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The column of utterance features, as they are: the ensemble standardises them.</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Columns with the features of copies of the same clip, such as at other speeds: rows of their own in training, their speakers counted
    /// as further ones. A trained model does not read them. Default: none.
    /// </summary>
    public IReadOnlyList<string> CopyColumnNames { get; init; } = [];

    /// <summary>
    /// Who speaks: then the members over features are trained a second time with each speaker's offset taken out, for
    /// <see cref="NeuralModel.Adaptation"/>. Null, the default, trains for unknown voices alone.
    /// </summary>
    public string? SpeakerColumnName { get; init; }

    /// <summary>
    /// The trainings whose probabilities are averaged; at least one. Networks without a <see cref="NeuralTrainerOptions.Seed"/> get
    /// <see cref="EnsembleOptions.MemberSeed"/> of the context's seed and their place among the networks. Those over features that hold
    /// rows out divide by one <see cref="NeuralTrainerOptions.SamplingKeyColumnName"/>, alike for equal shares; copies stay on their clip's
    /// side.
    /// </summary>
    public required IReadOnlyList<VoiceMember> Members { get; init; }

    /// <summary>The column that receives the mean probability of each class.</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>The key column that receives the class of the highest mean.</summary>
    public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

    /// <summary>The networks as they are trained: those over features, for known speakers again, and those over images.</summary>
    internal IEnumerable<NeuralTrainerOptions> NetworksInOrder =>
        [.. OverFeatures, .. SpeakerColumnName is null ? [] : OverFeatures, .. Networks.Where(network => network.ReadsImages)];

    /// <summary>The networks in the members' order.</summary>
    internal IEnumerable<NeuralTrainerOptions> Networks => Members.Select(member => member.Network).OfType<NeuralTrainerOptions>();

    /// <summary>What those members name that hold feature rows out: they share it.</summary>
    internal string? SamplingKeyColumnName => SamplingKeys.FirstOrDefault();

    private IEnumerable<NeuralTrainerOptions> OverFeatures => Networks.Where(network => !network.ReadsImages);

    private IEnumerable<string?> SamplingKeys => OverFeatures
        .Where(network => network.ValidationGroups is not null || network.ValidationSetFraction > 0)
        .Select(network => network.SamplingKeyColumnName).Distinct();

    /// <summary>A member's network with the ensemble's columns where it reads features.</summary>
    internal NeuralTrainerOptions OfMember(NeuralTrainerOptions network) => network.ReadsImages ? network : network with
    {
        FeatureColumnName = FeatureColumnName,
        LabelColumnName = LabelColumnName,
        ScoreColumnName = ScoreColumnName,
        PredictedLabelColumnName = PredictedLabelColumnName,
    };

    internal IReadOnlyList<string> InputColumnNames => [FeatureColumnName, .. CopyColumnNames];

    internal CancellationToken CancellationToken => Members.Select(member => member.Network?.CancellationToken)
        .FirstOrDefault(token => token is not null) ?? default;

    /// <summary>Checks every option, the members' included.</summary>
    /// <exception cref="OptionsException">Lists every problem of the ensemble, or of the first member that has any.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(VoiceEnsembleOptions));
        check.Require(!string.IsNullOrWhiteSpace(LabelColumnName), LabelColumnName, "name a column")
            .Require(!string.IsNullOrWhiteSpace(FeatureColumnName), FeatureColumnName, "name a column")
            .Require(!string.IsNullOrWhiteSpace(ScoreColumnName), ScoreColumnName, "name a column")
            .Require(!string.IsNullOrWhiteSpace(PredictedLabelColumnName), PredictedLabelColumnName, "name a column")
            .Require(CopyColumnNames?.All(name => !string.IsNullOrWhiteSpace(name)) == true, CopyColumnNames?.Count ?? 0,
                "name columns, none of them empty", nameof(CopyColumnNames))
            .Require(Members is { Count: >= 1 and <= 100 } && Members.All(member => member is not null), Members?.Count ?? 0,
                "list 1 to 100 members, none of them null", nameof(Members))
            .ThrowIfAny();
        foreach (VoiceMember member in Members!)
        {
            check.Require(member.Weight > 0 && double.IsFinite(member.Weight), member.Weight, "be above 0", nameof(VoiceMember.Weight))
                .Require(member.Network is not ImageClassificationOptions { ProsodyColumnName: not null }, "ProsodyColumnName",
                    "be null in a member: the ensemble has members over the features", nameof(Members))
                .Require(member.Network is not { ValidationSet: not null }, "ValidationSet", "be null in a member", nameof(Members))
                .Require(member.Network is not { ReadsImages: true } image || image.LabelColumnName == LabelColumnName,
                    member.Network?.LabelColumnName, "be the ensemble's in a member over images", nameof(LabelColumnName));
        }
        string[] checkpoints = [.. Networks.Select(network => network.CheckpointPath).OfType<string>()];
        check.Require(checkpoints.Distinct(StringComparer.Ordinal).Count() == checkpoints.Length, string.Join(", ", checkpoints),
            "differ from member to member", nameof(NeuralTrainerOptions.CheckpointPath))
            .Require(SamplingKeys.Count() <= 1, string.Join(", ", SamplingKeys.Select(key => key ?? "null")),
                "be the same in all members over features that hold rows out", nameof(NeuralTrainerOptions.SamplingKeyColumnName))
            .Require(SpeakerColumnName is null || Members.Any(member => member.Network?.ReadsImages != true), SpeakerColumnName,
                "be null without a member over features: images have no speaker's offset to take out");
        TrainerColumns.CheckNames(check, LabelColumnName, ScoreColumnName, PredictedLabelColumnName);
        check.ThrowIfAny();
        foreach (VoiceMember member in Members)
        {
            member.LinearDiscriminant?.Validate();
            member.Network?.Validate();
        }
    }
}
