using SerPipeline.Corpora;
using SerPipeline.Old.Pipeline;
using SerPipeline.Splits;


namespace SerPipeline.Tests.Old.Pipeline;

public sealed class DataCatalogTests(Recordings files) : IClassFixture<Recordings>
{
    [Fact]
    public void A_corpus_becomes_one_row_a_clip_in_its_order_with_its_labels_known()
    {
        Corpus corpus = files.Corpus(speakers: 2, takes: 1);
        IDataView clips = new SerContext().Data.LoadCorpus(corpus);
        Assert.Equal(["Path", "RelativePath", "Label", "Speaker", "Sex", "Corpus"], clips.Schema.Select(c => c.Name));
        Assert.Equal(corpus.Labels, clips.Schema["Label"].Annotations.KeyValues);
        Assert.Equal(6, clips.GetRowCount());
        Assert.Equal(corpus.Clips.Select(c => c.Path), clips.GetColumn<string>("Path"));
        Assert.Equal(corpus.Clips.Select(c => c.Speaker), clips.GetColumn<string>("Speaker"));
        // What the corpus does not say is an empty text.
        Assert.All(clips.GetColumn<string>("Sex"), s => Assert.Equal("", s));
        Assert.Equal(["Path"], new SerContext().Data.LoadFiles(["a", "b"]).Schema.Select(c => c.Name));
    }

    [Fact]
    public void A_random_split_is_stratified_complete_and_decided_by_the_seed()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 2, takes: 5));
        TrainTestData split = new SerContext(1).Data.TrainTestSplit(clips, testFraction: 0.2);
        string[] train = [.. split.TrainSet.GetColumn<string>("Path")], test = [.. split.TestSet.GetColumn<string>("Path")];
        Assert.Equal(clips.GetColumn<string>("Path").Order(StringComparer.Ordinal), train.Concat(test).Order(StringComparer.Ordinal));
        Assert.Equal([2, 2, 2], split.TestSet.GetColumn<string>("Label").GroupBy(l => l).Select(g => g.Count()));
        Assert.Equal((24L, 6L), (split.TrainSet.GetRowCount()!.Value, split.TestSet.GetRowCount()!.Value));
        Assert.Equal(test, new SerContext(1).Data.TrainTestSplit(clips, testFraction: 0.2).TestSet.GetColumn<string>("Path"));
        Assert.Equal(test, new SerContext(9).Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1).TestSet.GetColumn<string>("Path"));
        Assert.NotEqual(test, new SerContext(2).Data.TrainTestSplit(clips, testFraction: 0.2).TestSet.GetColumn<string>("Path"));
        Assert.False(split.TrainSet.Schema["Speaker"].Annotations.IsSamplingKey);
    }

    [Fact]
    public void Folds_cover_every_row_once_and_keep_the_sampling_key_together()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 4, takes: 2));
        foreach (string? key in new[] { null, "Speaker" })
        {
            IReadOnlyList<TrainTestData> folds = new SerContext(1).Data.CrossValidationSplit(clips, numberOfFolds: 2, samplingKeyColumnName: key);
            Assert.Equal(2, folds.Count);
            Assert.Equal(clips.GetColumn<string>("Path").Order(StringComparer.Ordinal), folds.SelectMany(fold => fold.TestSet.GetColumn<string>("Path")).Order(StringComparer.Ordinal));
            Assert.All(folds, fold => Assert.Empty(fold.TrainSet.GetColumn<string>("Path").Intersect(fold.TestSet.GetColumn<string>("Path"))));
            Assert.All(folds, fold => Assert.Equal(key is not null, !fold.TrainSet.GetColumn<string>("Speaker").Intersect(fold.TestSet.GetColumn<string>("Speaker")).Any()));
            Assert.All(folds, fold => Assert.Equal(key is not null, fold.TrainSet.Schema["Speaker"].Annotations.IsSamplingKey));
        }
        Assert.Throws<CorpusException>(() => new SerContext().Data.CrossValidationSplit(clips, numberOfFolds: 5, samplingKeyColumnName: "Speaker"));
        Assert.Throws<SchemaException>(() => new SerContext().Data.CrossValidationSplit(clips, samplingKeyColumnName: "Room"));
    }

    [Fact]
    public void A_speaker_independent_split_parts_the_speakers_and_marks_their_column()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 4, takes: 1));
        TrainTestData split = new SerContext(1).Data.SpeakerIndependentSplit(clips, testFraction: 0.25);
        Assert.Empty(split.TrainSet.GetColumn<string>("Speaker").Intersect(split.TestSet.GetColumn<string>("Speaker")));
        Assert.Single(split.TestSet.GetColumn<string>("Speaker").Distinct());
        Assert.True(split.TrainSet.Schema["Speaker"].Annotations.IsSamplingKey);
        Assert.Equal(["s1", "s3"], new SerContext().Data.SpeakerIndependentSplit(clips, heldOutSpeakers: ["s3", "s1"]).TestSet.GetColumn<string>("Speaker").Distinct());
    }

    [Fact]
    public void A_split_that_leaks_is_refused()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 2, takes: 1));
        var claimed = new Split { Train = [0, 1, 2, 3], Test = [4, 5], Protocol = SplitProtocol.SpeakerIndependent };
        Assert.Contains("s1", Assert.Throws<CorpusException>(() => new SerContext().Data.ApplySplit(clips, claimed)).Message, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => new SerContext().Data.ApplySplit(clips, claimed with { Train = [0, 1, 2, 3, 4, 5], Protocol = SplitProtocol.Random }));
        Assert.Contains("row 6", Assert.Throws<CorpusException>(() => new SerContext().Data.ApplySplit(clips, claimed with { Test = [6] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_split_come_in_the_views_order_whatever_order_the_split_has()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 1, takes: 1));
        TrainTestData split = new SerContext().Data.ApplySplit(clips, new Split { Train = [2, 0], Test = [1], Protocol = SplitProtocol.Random });
        string[] all = [.. clips.GetColumn<string>("Path")];
        Assert.Equal([all[0], all[2]], split.TrainSet.GetColumn<string>("Path"));
        Assert.Equal([all[1]], split.TestSet.GetColumn<string>("Path"));
    }

    [Fact]
    public void A_split_of_other_data_is_refused_instead_of_losing_rows()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 1, takes: 1));
        var error = Assert.Throws<CorpusException>(() => new SerContext().Data.ApplySplit(clips, new Split { Train = [0, 1], Test = [3], Protocol = SplitProtocol.Random }));
        Assert.Contains("3 rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_whose_labels_are_keys_already_is_divided_as_before()
    {
        var ser = new SerContext(1);
        IDataView clips = ser.Data.LoadCorpus(files.Corpus(speakers: 2, takes: 5)), keyed = ser.Transforms.Conversion.MapValueToKey("Label").Fit(clips).Transform(clips);
        Assert.Equal(ser.Data.TrainTestSplit(clips).TestSet.GetColumn<string>("Path"), ser.Data.TrainTestSplit(keyed).TestSet.GetColumn<string>("Path"));
        Assert.Equal(ser.Data.SpeakerIndependentSplit(clips).TestSet.GetColumn<string>("Path"), ser.Data.SpeakerIndependentSplit(keyed).TestSet.GetColumn<string>("Path"));
    }

    [Fact]
    public void Splitting_without_labels_names_the_column() =>
        Assert.Contains("'Label'", Assert.Throws<SchemaException>(() => new SerContext().Data.TrainTestSplit(new SerContext().Data.LoadFiles(["a", "b"]))).Message, StringComparison.Ordinal);
}
