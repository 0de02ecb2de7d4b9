using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Reports;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>One corpus that a fold's model was trained or tested on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Licence">Its licence, or null when not known.</param>
/// <param name="Facts">What is published about it; null for others' recordings and for synthetic clips.</param>
/// <param name="Parts">What of it was used for what.</param>
/// <param name="Trains">Whether the model learned from it.</param>
/// <param name="Synthetic">Whether its clips were made by a program.</param>
internal sealed record TrainingSource(string Name, string? Licence, CorpusFacts? Facts, IReadOnlyList<ModelCardData> Parts, bool Trains, bool Synthetic)
{
    /// <summary>The corpora of a fold in the order of their names; clips that cannot be read were not used and are not counted.</summary>
    /// <param name="data">The clips.</param>
    /// <param name="split">The parts.</param>
    public static IReadOnlyList<TrainingSource> Of(CorpusData data, Split split)
    {
        CorpusClip[] train = Used(data, split.Train), test = Used(data, split.Test);
        string[] names = [.. train.Concat(test).Select(clip => clip.Corpus).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        bool alone = data.Corpus.Clips.All(clip => clip.Corpus == names[0]);
        return [.. names.Select(name =>
        {
            // A corpus by itself knows whether its clips are the published ones; of the parts of a combination their names tell.
            CorpusFacts? facts = alone ? data.Corpus.Facts : CorpusFacts.Find(name);
            bool synthetic = alone ? data.Corpus.IsSynthetic : name == DemoCorpus.Name;
            string? licence = alone ? data.Corpus.Licence : synthetic ? DemoCorpus.Licence : facts?.Licence;
            CorpusClip[] learned = Of(train, name), tested = Of(test, name);
            ModelCardData[] parts = [.. new[] { Part(name, licence, "training and validation", learned), Part(name, licence, "test", tested) }.Where(part => part.Clips > 0)];
            return new TrainingSource(name, licence, facts, parts, learned.Length > 0, synthetic);
        })];
    }

    private static CorpusClip[] Used(CorpusData data, IEnumerable<int> positions) => [.. positions.Where(i => data.Hashes[i] is not null).Select(i => data.Corpus.Clips[i])];

    private static CorpusClip[] Of(CorpusClip[] clips, string corpus) => [.. clips.Where(clip => clip.Corpus == corpus)];

    private static ModelCardData Part(string name, string? licence, string use, CorpusClip[] clips)
    {
        string?[] speakers = [.. clips.Select(clip => clip.Speaker).Distinct(StringComparer.Ordinal)];
        return new ModelCardData(name, licence, use, clips.Length, speakers.Contains(null) ? null : speakers.Length);
    }
}
