using System.Runtime.InteropServices;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Evaluation.Baselines;

/// <summary>A test row whose features are those of a training row, number for number.</summary>
/// <param name="TestRow">The test row, from 0.</param>
/// <param name="TrainRow">The first training row that is equal, from 0.</param>
public readonly record struct ExactTwin(int TestRow, int TrainRow);

/// <summary>Finds test rows that training holds too: copies made before the split, or one recording under two names.</summary>
public static class ExactTwins
{
    /// <summary>Finds the test rows that have an exact twin among the training rows; labels are not looked at.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="featureColumnName">A vector of floats.</param>
    /// <returns>One entry for each such test row, in their order; its count is the number of test rows that give themselves away.</returns>
    /// <exception cref="SchemaException">The column is missing or of another type.</exception>
    public static IReadOnlyList<ExactTwin> Find(IDataView train, IDataView test, string featureColumnName = "Features")
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        int trainRow = 0, testRow = 0;
        foreach (string content in Contents(train, featureColumnName)) places.TryAdd(content, trainRow++);
        var twins = new List<ExactTwin>();
        foreach (string content in Contents(test, featureColumnName))
        {
            if (places.TryGetValue(content, out int place)) twins.Add(new ExactTwin(testRow, place));
            testRow++;
        }
        return twins;
    }

    private static IEnumerable<string> Contents(IDataView view, string column)
    {
        foreach (float[] features in LabelledRows.ReadFeatures(view, column))
        {
            // -0 equals 0, but its bits do not.
            for (int i = 0; i < features.Length; i++) features[i] += 0f;
            yield return Convert.ToBase64String(MemoryMarshal.AsBytes(features.AsSpan()));
        }
    }
}
