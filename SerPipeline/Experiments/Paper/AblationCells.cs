using SerPipeline.Old.Trainers;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments.Paper;

/// <summary>One row of the ablation: the plain recipe with one thing switched on.</summary>
/// <param name="Trainings">The name of its trainings; rows that share them train once.</param>
/// <param name="Title">What is switched on, for people.</param>
/// <param name="Switch">The options of <c>ser train</c> that switch it on.</param>
/// <param name="Options">The recipe.</param>
/// <param name="Members">How many of its members are averaged.</param>
internal sealed record Ablation(string Trainings, string Title, string Switch, SpectrogramRecipeOptions Options, int Members = 1)
{
    private const int EnsembleSize = 3;

    /// <summary>The rows: the plain recipe first, everything together last.</summary>
    /// <param name="epochs">Epochs of every training.</param>
    public static IReadOnlyList<Ablation> All(int epochs)
    {
        var plain = new SpectrogramRecipeOptions { ImageMembers = EnsembleSize, VectorMembers = 0, Epoch = epochs, Augmentation = AugmentationLevel.None, Dropout = 0, ChannelDropout = 0 };
        return
        [
            new("plain", "plain CNN", "`--augment none --dropout 0 --channel-dropout 0`", plain),
            new("attention", "+ self-attention, 4 heads", "`--self-attention 4`", plain with { SelfAttentionHeads = 4 }),
            new("dropout", "+ dropout .3, of channels .1", "`--dropout 0.3 --channel-dropout 0.1`", plain with { Dropout = 0.3, ChannelDropout = 0.1 }),
            new("stopping", "+ early stopping, patience 3, on held-out training speakers", "`--early-stopping 3`", plain with { ValidationSetFraction = 0.1, EarlyStoppingPatience = 3 }),
            new("masks", "+ augmentation: roll and masks", "`--augment masks`", plain with { Augmentation = AugmentationLevel.Masks }),
            new("full", "+ augmentation: roll, masks and speed", "`--augment full`", plain with { Augmentation = AugmentationLevel.Full }),
            new("prosody", "+ prosody", "`--prosody`", plain with { Prosody = true }),
            new("plain", "+ ensemble of 3", "`--ensemble 3`", plain, EnsembleSize),
            new("all", "attention, dropout, roll and masks, prosody, ensemble of 3", "all of these", plain with { SelfAttentionHeads = 4, Dropout = 0.3, ChannelDropout = 0.1, Augmentation = AugmentationLevel.Masks, Prosody = true }, EnsembleSize),
        ];
    }

    /// <summary>Its cells on one fold, a member each.</summary>
    /// <param name="cells">The clips.</param>
    /// <param name="split">The fold.</param>
    /// <param name="fold">Its number, from 1.</param>
    public IEnumerable<Cell> Cells(RecipeCells cells, Split split, int fold) => cells.Of("ablation-" + Trainings, split, fold, Options).Take(Members);
}
