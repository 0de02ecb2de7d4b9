using SerPipeline.Console.Output;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>A corpus as the runs of one command share it.</summary>
/// <param name="Corpus">The clips.</param>
/// <param name="Hashes">A hash of each clip's decoded audio, null where it cannot be decoded.</param>
/// <param name="Fingerprint">The digest of all clips.</param>
internal sealed record CorpusData(Corpus Corpus, IReadOnlyList<string?> Hashes, DataFingerprint Fingerprint)
{
    /// <summary>Decodes a corpus's files once to name them by content.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="progress">Where the reading shows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static CorpusData Of(Corpus corpus, ProgressDisplay progress, CancellationToken cancellation)
    {
        IReadOnlyList<string?> hashes = ClipHashes.Of(corpus, progress, cancellation);
        // A file that cannot be decoded is left out of the runs, so it is no part of what they used.
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

    /// <summary>Requires that a training on the split can end well: every label to test is taught, and every validation part can be made.</summary>
    /// <param name="split">The parts.</param>
    /// <param name="validationFractions">The share that each trainer validates on; 0 for none.</param>
    /// <param name="seed">Decides the validation parts.</param>
    /// <exception cref="CorpusException">It cannot.</exception>
    public void RequireTrainable(CheckedSplit split, IEnumerable<double> validationFractions, int seed)
    {
        string protocol = split.Split.Protocol;
        // Clips that cannot be decoded teach nothing and are not scored.
        int[] train = [.. split.Split.Train.Where(i => Hashes[i] is not null)], test = [.. split.Split.Test.Where(i => Hashes[i] is not null)];
        if (train.Length == 0 || test.Length == 0)
            throw new CorpusException($"Under the {protocol} protocol no clip of the {(train.Length == 0 ? "training" : "test")} part can be read; ser corpora says what is wrong with each.");
        string[] untaught = [.. test.Select(i => Corpus.Clips[i].Label).Except(train.Select(i => Corpus.Clips[i].Label), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (untaught.Length > 0)
            throw new CorpusException($"Under the {protocol} protocol these labels have test clips but no readable training clip, so they could not be learned: {string.Join(", ", untaught)}. "
                + "Choose other test speakers (--test-speakers, or another --seed), or leave the labels out (--labels).");
        SplitItem[] items = [.. train.Select(i => new SplitItem(Corpus.Clips[i].Label, SplitProtocol.KeepsSpeakersApart(protocol) ? Corpus.Clips[i].Speaker : null))];
        var whole = new Split { Train = [.. Enumerable.Range(0, items.Length)], Test = [], Protocol = protocol };
        foreach (double fraction in validationFractions.Where(fraction => fraction > 0).Distinct())
        {
            try
            {
                ValidationSplits.Create(items, whole, fraction, seed);
            }
            catch (CorpusException e)
            {
                throw new CorpusException($"Under the {protocol} protocol no validation part can be made: {e.Message} --validation-fraction 0 trains without one.", e);
            }
        }
    }
}

/// <summary>A split that keeps its protocol's promise.</summary>
/// <param name="Split">The parts.</param>
/// <param name="Report">What they share within the protocol's rules.</param>
internal sealed record CheckedSplit(Split Split, SplitReport Report)
{
    /// <summary>What readers of scores must know when test clips are copies of training clips; null when none is.</summary>
    public static string? CopiesNote(CheckedSplit split) => split.Report.TestClipsWithTrainingContent is > 0 and var copies
        ? $"Under the {split.Split.Protocol} protocol {copies} of {Format.Count(split.Split.Test.Count, "test clip")} {(copies == 1 ? "has" : "have")} the same decoded audio as a training clip."
        : null;
}
