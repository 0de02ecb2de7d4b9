using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

public sealed class ExampleStoreTests
{
    // In memory throughout, from the third row on in the file, and in the file from the first.
    [Theory]
    [InlineData(1 << 20, false)]
    [InlineData(2 * 1001, true)]
    [InlineData(0, true)]
    public void Rows_are_read_back_in_any_order_as_they_were_added(long budget, bool spilled)
    {
        var random = new SeededRandom(1);
        byte[][] rows = [.. Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 1001).Select(_ => (byte)random.Next(256)).ToArray())];
        using var store = new ExampleStore(1001, budget);
        for (int i = 0; i < rows.Length; i++)
        {
            store.Add(rows[i], i % 7, $"speaker {i % 5}");
            // Reading between additions must see what was added last.
            if (i % 50 == 49) Assert.Equal(rows[i], Read(store, i));
        }
        Assert.Equal(spilled, store.IsSpilled);
        int[] order = [.. Enumerable.Range(0, rows.Length)];
        random.Shuffle<int>(order);
        Assert.All(order, i => Assert.Equal(rows[i], Read(store, i)));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => i % 7), store.Labels);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"speaker {i % 5}"), store.Groups);
        Assert.Equal(300, store.Count);
    }

    [Fact]
    public void The_temporary_file_is_gone_when_the_store_is()
    {
        var store = new ExampleStore(8, 0);
        store.Add(new byte[8], 0, "");
        string path = store.SpillPath!;
        store.Dispose();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_row_of_another_size_is_refused()
    {
        using var store = new ExampleStore(8);
        Assert.Throws<ArgumentException>(() => store.Add(new byte[7], 0, ""));
        Assert.Equal(0, store.Count);
    }

    private static byte[] Read(ExampleStore store, int index)
    {
        var row = new byte[1001];
        store.Read(index, row);
        return row;
    }
}
