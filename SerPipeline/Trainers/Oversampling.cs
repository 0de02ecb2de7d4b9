namespace SerPipeline.Trainers;

/// <summary>
/// Which classes' training examples are drawn again, with replacement, until they are as many as the largest class's (imbalanced-learn's
/// RandomOverSampler).
/// </summary>
/// <remarks>
/// It happens inside training, after the validation part was taken. The examples to repeat are drawn once a training, as RandomOverSampler
/// does before one:
/// so the same examples are repeated in every epoch, in an order shuffled anew over all of them, and each repetition is augmented anew.
/// </remarks>
public enum Oversampling
{
    /// <summary>None.</summary>
    None,

    /// <summary>The least frequent class alone; of several as rare, the first in the order of the labels.</summary>
    Minority,

    /// <summary>Every class below the largest.</summary>
    All,
}

/// <summary>Draws the examples to repeat.</summary>
internal static class RandomOversampler
{
    /// <summary>The positions to add to the given ones; a class without an example stays without.</summary>
    /// <param name="positions">Examples trained on.</param>
    /// <param name="labels">The class of every example, by position.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="oversampling">Which classes.</param>
    /// <param name="random">Draws.</param>
    public static int[] Draw(IReadOnlyList<int> positions, IReadOnlyList<int> labels, int classes, Oversampling oversampling,
        SeededRandom random)
    {
        if (oversampling == Oversampling.None) return [];
        int[][] members = [.. Enumerable.Range(0, classes).Select(c => positions.Where(p => labels[p] == c).ToArray())];
        int most = members.Max(m => m.Length);
        int[] present = [.. Enumerable.Range(0, classes).Where(c => members[c].Length > 0)];
        // MinBy gives the first of equals.
        int[] chosen = oversampling == Oversampling.Minority && present.Length > 0 ? [present.MinBy(c => members[c].Length)] : present;
        var added = new List<int>();
        foreach (int c in chosen)
        {
            // A stream of its own for each class: another class's size does not change which examples of this one are drawn.
            SeededRandom own = random.Fork("class", c);
            for (int i = members[c].Length; i < most; i++) added.Add(members[c][own.Next(members[c].Length)]);
        }
        return [.. added];
    }
}
