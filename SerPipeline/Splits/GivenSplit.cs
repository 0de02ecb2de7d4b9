using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>The division that a corpus makes itself, by folders named train and test or by a column of its manifest.</summary>
public static class GivenSplit
{
    /// <summary>The parts that the clips name.</summary>
    /// <param name="items">The clips; those without a part are in neither.</param>
    /// <returns>Training, validation and test as given. Without a test part the validation part is tested on, and none is left to
    /// validate with.</returns>
    /// <exception cref="CorpusException">No clip names its part, or one side is empty.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        ILookup<string?, int> parts = SplitItems.All(items).ToLookup(i => items[i].Part);
        int[] train = [.. parts[GivenSplits.Train]], validation = [.. parts[GivenSplits.Validation]], test = [.. parts[GivenSplits.Test]];
        if (train.Length == 0 || validation.Length + test.Length == 0)
            throw new CorpusException($"The protocol '{SplitProtocol.Given}' needs clips that name their part, train and test (and, if "
                + $"wanted, dev), but {train.Length} of {items.Count} clips name train, {validation.Length} dev and {test.Length} test. "
                + "Put the clips into folders train and test, or add a column split to the manifest; else take another protocol.");
        return new Split
        {
            Train = test.Length == 0 ? train : [.. train.Concat(validation).Order()],
            Validation = test.Length == 0 ? [] : validation,
            Test = test.Length == 0 ? validation : test,
            Protocol = SplitProtocol.Given,
        };
    }
}
