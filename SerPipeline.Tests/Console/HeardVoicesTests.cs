using SerPipeline.Corpora;
using SerPipeline.Experiments;

namespace SerPipeline.Tests.Console;

/// <summary>Whether two data sets have voices in common is claimed only where it is known.</summary>
public sealed class HeardVoicesTests
{
    [Fact]
    public void Ravdess_song_and_speech_recorded_the_same_people_whatever_the_parts_are_called()
    {
        var voices = new HeardVoices(TrainedOn("ravdess:01", "ravdess:02"),
            [Clip("speech/02", "speech", "ravdess"), Clip("speech/03", "speech", "ravdess")]);
        Assert.True(voices.Comparable);
        Assert.False(voices.KnownToDiffer);
        Assert.Equal(["speech/02"], voices.Shared);
    }

    [Fact]
    public void Published_corpora_of_other_people_are_known_to_differ_although_names_coincide()
    {
        var voices = new HeardVoices(TrainedOn("ravdess:03"), [Clip("03", "emodb", "emodb")]);
        Assert.False(voices.Comparable);
        Assert.True(voices.KnownToDiffer);
        Assert.Empty(voices.Shared);
        Assert.Equal(["03"], voices.SameNames);
    }

    [Theory]
    [InlineData("mine", null)]
    [InlineData("emodb", "emodb")]
    public void A_users_own_recordings_may_hold_anybody(string corpus, string? group)
    {
        var voices = new HeardVoices(TrainedOn("yours:anna"), [Clip("anna", corpus, group)]);
        Assert.False(voices.Comparable);
        Assert.False(voices.KnownToDiffer);
        Assert.Equal(["anna"], voices.SameNames);
    }

    [Theory]
    [InlineData("ravdess:01", "tess")]
    [InlineData("ravdess:01", "ravdess")]
    public void A_folder_called_like_a_published_corpus_holds_nobody_known(string heard, string folder)
    {
        var voices = new HeardVoices(TrainedOn(heard), [Clip("01", folder, null)]);
        Assert.Equal((false, false), (voices.Comparable, voices.KnownToDiffer));
        Assert.Empty(voices.Shared);
        Assert.Equal(["01"], voices.SameNames);
    }

    [Fact]
    public void One_person_spelled_in_two_ways_is_one_person()
    {
        var voices = new HeardVoices(TrainedOn("mine:01", "mine:Anna Berg"),
            [Clip("1", "mine", null), Clip("anna  berg", "mine", null), Clip("2", "mine", null)]);
        Assert.True(voices.Comparable);
        Assert.Equal(["1", "anna  berg"], voices.Shared);
        Assert.Equal(["1", "anna  berg"], voices.SameNames);
    }

    [Fact]
    public void With_an_unknown_speaker_on_either_side_nothing_is_claimed()
    {
        var unnamed = new HeardVoices(TrainedOn("ravdess:01"), [Clip(null, "tess", "tess")]);
        Assert.Equal((false, false), (unnamed.Comparable, unnamed.KnownToDiffer));
        var unheard = new HeardVoices(TrainedOn() with { TrainingPeople = null }, [Clip("OAF", "tess", "tess")]);
        Assert.Equal((false, false), (unheard.Comparable, unheard.KnownToDiffer));
    }

    [Fact]
    public void A_model_that_names_a_person_without_a_group_is_damaged()
    {
        TrainingRecord? Read(string person) =>
            TrainingRecord.From(TrainedOn("mine:anna", person).ToNotes(), new Dictionary<string, ReadOnlyMemory<byte>>(), "model.zip");
        Assert.Equal(["mine:anna", "mine:bob"], Read("mine:bob")!.TrainingPeople);
        Assert.Contains("'training.people' lists a name without the group", Assert.Throws<ModelFormatException>(() => Read("bob")).Message,
            StringComparison.Ordinal);
    }

    private static TrainingRecord TrainedOn(params string[] people) => new()
    {
        Dataset = "x",
        Synthetic = false,
        Trainer = "mlp",
        Protocol = "random",
        Seed = 1,
        TrainingPeople = people,
        Fingerprint = "",
        Trained = DateTimeOffset.UnixEpoch,
        TrainingClips = new HashSet<string>(),
        TestClips = new HashSet<string>(),
        TestCopies = new HashSet<string>(),
    };

    private static CorpusClip Clip(string? speaker, string corpus, string? group) =>
        new() { Path = "a.wav", RelativePath = "a.wav", Label = "sad", Speaker = speaker, Corpus = corpus, SpeakerGroup = group };
}
