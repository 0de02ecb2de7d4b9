using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>A corpus as the runs of one command share it.</summary>
/// <param name="Corpus">The clips.</param>
/// <param name="Hashes">The SHA-256 of each clip's file, null where it cannot be read.</param>
/// <param name="Fingerprint">The digest of all clips.</param>
internal sealed record CorpusData(Corpus Corpus, IReadOnlyList<string?> Hashes, DataFingerprint Fingerprint)
{
    /// <summary>Reads a corpus's files once to name them by content.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static CorpusData Of(Corpus corpus, CancellationToken cancellation)
    {
        IReadOnlyList<string?> hashes = ClipHashes.Of(corpus, cancellation);
        // A file that cannot even be opened is left out of the runs, so it is no part of what they used.
        IEnumerable<FingerprintEntry> entries = corpus.Clips.Where((_, i) => hashes[i] is not null)
            .Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker));
        return new CorpusData(corpus, hashes, DataFingerprint.Compute(corpus.Root, entries));
    }

    /// <summary>Divides the clips under a protocol and checks that the parts share nothing they must not.</summary>
    /// <param name="protocol">One of <see cref="SplitProtocol"/>.</param>
    /// <param name="settings">Fraction, speakers and seed.</param>
    /// <exception cref="CorpusException">The split cannot be made, or it leaks.</exception>
    public CheckedSplit Divide(string protocol, TrainSettings settings)
    {
        IReadOnlyList<SplitItem> items = SplitItems.From(Corpus.Clips, Hashes);
        Split split = protocol == SplitProtocol.Random ? RandomSplit.Create(items, settings.TestFraction, settings.Seed)
            : settings.TestSpeakers.Count > 0 ? SpeakerSplit.HoldOut(items, settings.TestSpeakers)
            : SpeakerSplit.Create(items, settings.TestFraction, settings.Seed);
        return new CheckedSplit(split, SplitCheck.Verify(items, split));
    }
}

/// <summary>A split that keeps its protocol's promise.</summary>
/// <param name="Split">The parts.</param>
/// <param name="Report">What they share within the protocol's rules.</param>
internal sealed record CheckedSplit(Split Split, SplitReport Report);
