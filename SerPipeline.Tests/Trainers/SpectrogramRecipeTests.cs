using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Tests.Transforms;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>The recipe's members, together and alone.</summary>
public sealed class SpectrogramRecipeTests(Recordings files) : IClassFixture<Recordings>
{
    private static readonly SpectrogramRecipeOptions Quick = new() { ImageMembers = 2, VectorMembers = 1, Epoch = 1 };

    [Fact]
    public void A_member_trained_alone_says_what_it_says_within_the_ensemble()
    {
        var ml = new MLContext(4);
        IDataView clips = ml.Data.LoadCorpus(files.Corpus(speakers: 2, takes: 3));
        ITransformer ensemble = SpectrogramRecipe.Create(ml, Quick).Fit(clips);
        NeuralModel together = Model(ensemble);
        Assert.Equal(["Pixels", "Pixels", "Features"], together.Members.Select(m => m.FeatureColumnNames.Single()));
        var sum = new double[18 * 3];
        for (int member = 0; member < 3; member++)
        {
            ITransformer alone = SpectrogramRecipe.CreateMember(ml, member, Quick).Fit(clips);
            foreach ((int i, float score) in Scores(alone.Transform(clips)).Index()) sum[i] += score / 3.0;
            Assert.Equal(together.Members[member].History.Epochs.Select(e => e.TrainLoss),
                Model(alone).Members[0].History.Epochs.Select(e => e.TrainLoss));
        }
        foreach ((int i, float score) in Scores(ensemble.Transform(clips)).Index()) Assert.Equal(sum[i], score, 1e-6);
        Assert.All(ensemble.Transform(clips).GetColumn<string>("PredictedLabel"), label => Assert.Contains(label, Recordings.Labels));
    }

    [Fact]
    public void Each_option_reaches_the_members()
    {
        var options = new SpectrogramRecipeOptions
        {
            ImageMembers = 1,
            VectorMembers = 1,
            Epoch = 7,
            Prosody = true,
            SelfAttentionHeads = 4,
            Dropout = 0.11,
            ChannelDropout = 0.12,
            Augmentation = AugmentationLevel.Full,
            Oversampling = Oversampling.Minority,
            ValidationSetFraction = 0.2,
            EarlyStoppingPatience = 3,
        };
        IReadOnlyList<NeuralTrainerOptions> members = SpectrogramRecipe.Members(8, options);
        var image = Assert.IsType<ImageClassificationOptions>(members[0]);
        Assert.IsType<MlpOptions>(members[1]);
        Assert.Equal(("Features", 7, 4, 0.11, 0.12),
            (image.ProsodyColumnName, image.Epoch, image.Architecture.SelfAttentionHeads, image.Architecture.Dropout,
                image.Architecture.ChannelDropout));
        Assert.True(image.Augmentation.SpeedPerturbation > 0);
        Assert.All(members, m => Assert.Equal((Oversampling.Minority, 0.2, 3, false),
            (m.Oversampling, m.ValidationSetFraction, m.EarlyStoppingCriteria.Patience, m.KeepLastEpoch)));
        Assert.Equal([8, EnsembleOptions.MemberSeed(8, 1)], members.Select(m => m.Seed!.Value));
        // By default nothing is held out, and nothing chooses an epoch.
        Assert.All(SpectrogramRecipe.Members(8), m => Assert.Equal((0, true), (m.ValidationSetFraction, m.KeepLastEpoch)));
        // A validation part chooses it, without patience too.
        Assert.All(SpectrogramRecipe.Members(8, new() { ValidationSetFraction = 0.2 }), m => Assert.False(m.KeepLastEpoch));
        Assert.Null(Assert.IsType<ImageClassificationOptions>(SpectrogramRecipe.Members(8)[0]).ProsodyColumnName);
        var none = Assert.IsType<ImageClassificationOptions>(SpectrogramRecipe.Members(8,
            new() { Augmentation = AugmentationLevel.None })[0]);
        Assert.Equal(SpectrogramAugmentationOptions.None, none.Augmentation);
    }

    [Fact]
    public void What_cannot_be_a_recipe_is_refused()
    {
        var ml = new MLContext();
        var wrong = new SpectrogramRecipeOptions { ImageMembers = 0, VectorMembers = 0, EarlyStoppingPatience = 0 };
        Assert.Equal(2, Assert.Throws<OptionsException>(() => SpectrogramRecipe.Create(ml, wrong)).Problems.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectrogramRecipe.CreateMember(ml, 3, Quick));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectrogramRecipe.CreateMember(ml, -1, Quick));
    }

    private static NeuralModel Model(ITransformer chain) => ((IEnumerable<ITransformer>)chain).OfType<NeuralModel>().Single();

    private static float[] Scores(IDataView view) => [.. view.GetColumn<float[]>("Score").SelectMany(score => score)];
}
