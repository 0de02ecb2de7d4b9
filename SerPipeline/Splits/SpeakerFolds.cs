using System.Globalization;
using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>The five speaker-independent folds of a corpus: those published for RAVDESS, else speakers dealt by <see cref="SpeakerDealer"/>.</summary>
public static class SpeakerFolds
{
    internal const int Count = 5;

    /// <summary>
    /// The actors that published studies of RAVDESS test in each of five folds (Luna-Jimenez et al. 2021, "Multimodal Emotion Recognition on RAVDESS Dataset Using
    /// Transfer Learning", Sensors 21(22), 7665, and the studies that compare with it).
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int>> PublishedActors { get; } =
        [[2, 5, 14, 15, 16], [3, 6, 7, 13, 18], [10, 11, 12, 19, 20], [8, 17, 21, 23, 24], [1, 4, 9, 22]];

    // Actor 18 sang no songs.
    private const int ActorWithoutSongs = 18;

    /// <summary>Divides the clips into five folds.</summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <param name="seed">Decides the folds where none are published.</param>
    /// <param name="synthetic">Whether the clips only bear the names of RAVDESS, as synthetic ones do: what was published of people is not for them.</param>
    /// <returns>The folds, and where they come from in words.</returns>
    /// <exception cref="CorpusException">A clip without speaker, or fewer than five speakers.</exception>
    public static (IReadOnlyList<Split> Folds, string Origin) Create(IReadOnlyList<SplitItem> items, long seed = 42, bool synthetic = false)
    {
        ArgumentNullException.ThrowIfNull(items);
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), "Speaker-independent cross-validation");
        if (!synthetic && RavdessTakes.AreAll(items) && Published(speakers) is { } published)
        {
            string without = speakers.Length < RavdessName.Actors ? "; actor 18 has no songs" : "";
            return ([.. published.Select(held => SpeakerSplit.Divide(items, held, SplitProtocol.SpeakerFolds))], $"the five published folds of RAVDESS (actors {Show(published)}{without})");
        }
        bool sexes = SpeakerSplit.SexOfEach(items, SplitItems.All(items)).Count == speakers.Length;
        return (SpeakerSplit.Folds(items, Count, seed),
            string.Create(CultureInfo.InvariantCulture, $"speakers dealt by seed {seed}, balanced by label{(sexes ? " and sex" : "")}"));
    }

    // Null unless all actors are there: the folds of a part of the corpus compare with nothing published.
    private static string[][]? Published(string[] speakers)
    {
        string[] actors = [.. Enumerable.Range(1, RavdessName.Actors).Select(Speaker)];
        string[] absent = [.. actors.Except(speakers, StringComparer.Ordinal)];
        if (absent.Length > 0 && !absent.SequenceEqual([Speaker(ActorWithoutSongs)], StringComparer.Ordinal)) return null;
        return [.. PublishedActors.Select(fold => fold.Select(Speaker).Except(absent, StringComparer.Ordinal).ToArray())];
    }

    private static string Speaker(int actor) => actor.ToString("00", CultureInfo.InvariantCulture);

    private static string Show(string[][] folds) => string.Join(" ", folds.Select(fold => $"{{{string.Join(',', fold.Select(actor => actor.TrimStart('0')))}}}"));
}
