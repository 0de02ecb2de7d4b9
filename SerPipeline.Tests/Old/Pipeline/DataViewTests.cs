using SerPipeline.Old.Pipeline;


namespace SerPipeline.Tests.Old.Pipeline;

public sealed class DataViewTests
{
    private static readonly DataViewSchema.DetachedColumn Number = new("N", NumberDataViewType.Int32), Result = new("Result", NumberDataViewType.Int32);

    [Fact]
    public void Rows_keep_their_order_whatever_the_number_of_threads_and_however_long_each_takes()
    {
        foreach (int threads in new[] { 1, 2, 5 })
        {
            // Even rows take longer than odd ones, so that they end out of order.
            IDataView view = Map(Context(threads), Numbers(60), n =>
            {
                if (n % 2 == 0) Thread.Sleep(2);
                return n * n;
            });
            Assert.Equal(Enumerable.Range(0, 60).Select(n => n * n), view.GetColumn<int>("Result"));
        }
    }

    [Fact]
    public void A_view_can_be_read_again_and_twice_at_once()
    {
        IDataView view = Map(Context(2), Numbers(10), n => n + 1);
        int[] first = [.. view.GetColumn<int>("Result")];
        Assert.Equal(first, view.GetColumn<int>("Result"));
        Assert.Equal(first.Zip(first), view.GetColumn<int>("Result").Zip(view.GetColumn<int>("Result")));
    }

    [Fact]
    public void Nothing_is_computed_until_a_row_is_read_and_then_only_what_was_asked_for()
    {
        int calls = 0, others = 0;
        SerContext ser = Context(2);
        var source = new CountingView(Numbers(50));
        IDataView view = Map(ser, source, n => Interlocked.Increment(ref calls));
        view = new FunctionStage<int, int>(ser, "N", new("Other", NumberDataViewType.Int32), n => Interlocked.Increment(ref others)).Transform(view);
        Assert.Equal(50, view.GetRowCount());
        Assert.Equal((0, 0, 0), (calls, others, source.Cursors));
        using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Other"]])) Assert.Equal((0, 0), (calls, others));
        Assert.Equal(50, view.GetColumn<int>("Other").Count());
        Assert.Equal((0, 50), (calls, others));
        Assert.Equal(Enumerable.Range(0, 50), view.GetColumn<int>("N"));
        Assert.Equal((0, 50), (calls, others));
    }

    [Fact]
    public void A_column_two_stages_need_is_computed_once_a_row()
    {
        int calls = 0;
        SerContext ser = Context(2);
        IDataView view = Map(ser, Numbers(20), n =>
        {
            Interlocked.Increment(ref calls);
            return n;
        });
        view = new FunctionStage<int, int>(ser, "Result", new("A", NumberDataViewType.Int32), n => n + 1).Transform(view);
        view = new FunctionStage<int, int>(ser, "Result", new("B", NumberDataViewType.Int32), n => n + 2).Transform(view);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["A"], view.Schema["B"]]);
        while (cursor.MoveNext()) { }
        Assert.Equal(20, calls);
    }

    [Fact]
    public void A_later_column_hides_an_earlier_one_of_its_name_and_both_stay_readable()
    {
        SerContext ser = Context(1);
        IDataView view = new FunctionStage<int, string>(ser, "N", new("N", TextDataViewType.Instance), n => $"<{n}>").Transform(Numbers(2));
        Assert.Equal(["<0>", "<1>"], view.GetColumn<string>("N"));
        Assert.True(view.Schema[0].IsHidden);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        Assert.Equal((0, "<0>"), ((int)cursor.GetValue(0)!, (string)cursor.GetValue(1)!));
    }

    [Fact]
    public void Memory_stays_bounded_however_many_rows_there_are()
    {
        // 2,000 rows of 1 MB: all of them would be 2 GB. Live at once may be four rows a thread in flight, the reader's own and one being handed over.
        const int Threads = 2, Rows = 2000, Bound = (4 * Threads) + 2;
        int live = 0, peak = 0;
        SerContext ser = Context(Threads);
        IDataView view = new FunctionStage<int, VBuffer<float>>(ser, "N", new("Big", new VectorDataViewType(1 << 18)), n =>
        {
            int now = Interlocked.Increment(ref live);
            for (int seen = peak; now > seen; seen = peak) Interlocked.CompareExchange(ref peak, now, seen);
            return new VBuffer<float>(new float[1 << 18]);
        }).Transform(Numbers(Rows));
        int read = 0;
        long highest = 0;
        foreach (VBuffer<float> row in view.GetColumn<VBuffer<float>>("Big"))
        {
            Interlocked.Decrement(ref live);
            if (++read % 250 == 0) highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true));
        }
        Assert.Equal(Rows, read);
        Assert.InRange(peak, 2, Bound);
        // Other tests run beside this one; half of what all rows together would take is far above what they hold.
        Assert.InRange(highest, 0, Rows / 2 * (1L << 20));
    }

    [Fact]
    public void No_more_rows_are_computed_at_once_than_the_context_allows()
    {
        foreach (int threads in new[] { 1, 3 })
        {
            int now = 0, peak = 0;
            IDataView view = Map(Context(threads), Numbers(40), n =>
            {
                int running = Interlocked.Increment(ref now);
                for (int seen = peak; running > seen; seen = peak) Interlocked.CompareExchange(ref peak, running, seen);
                Thread.Sleep(1);
                Interlocked.Decrement(ref now);
                return n;
            });
            Assert.Equal(40, view.GetColumn<int>("Result").Count());
            Assert.InRange(peak, 1, threads);
        }
    }

    [Fact]
    public void A_reading_left_half_way_stops_computing_and_closes_its_source()
    {
        int calls = 0;
        var source = new CountingView(Numbers(1000));
        IDataView view = Map(Context(2), source, n => Interlocked.Increment(ref calls));
        foreach (int _ in view.GetColumn<int>("Result").Take(3)) { }
        Assert.Equal((1, 1), (source.Cursors, source.Disposed));
        int after = Volatile.Read(ref calls);
        // Three rows read, and at most the window of eight ahead of them.
        Assert.InRange(after, 3, 3 + 8);
        Thread.Sleep(20);
        Assert.Equal(after, Volatile.Read(ref calls));
    }

    [Fact]
    public void An_error_in_a_row_comes_out_at_that_row_and_the_rows_before_it_are_given()
    {
        IDataView view = Map(Context(2), Numbers(100), n => n == 7 ? throw new InvalidOperationException("row seven") : n);
        var read = new List<int>();
        var error = Assert.Throws<InvalidOperationException>(() => read.AddRange(view.GetColumn<int>("Result").Select(n =>
        {
            read.Add(n);
            return n;
        }).Where(_ => false)));
        Assert.Equal("row seven", error.Message);
        Assert.Equal(Enumerable.Range(0, 7), read);
    }

    [Fact]
    public void A_cancelled_row_ends_the_reading_with_the_cancellation()
    {
        using var source = new CancellationTokenSource();
        IDataView view = Map(Context(2), Numbers(100), n =>
        {
            if (n == 5) source.Cancel();
            source.Token.ThrowIfCancellationRequested();
            return n;
        });
        Assert.ThrowsAny<OperationCanceledException>(() => view.GetColumn<int>("Result").Count());
    }

    [Fact]
    public void An_error_of_the_source_comes_out_and_the_cursor_can_still_be_disposed()
    {
        IDataView inner = Map(Context(1), Numbers(10), n => n == 2 ? throw new InvalidOperationException("inner") : n);
        // Another view between the two keeps them from being read as one plan.
        var between = new CountingView(inner);
        IDataView outer = new FunctionStage<int, int>(Context(2), "Result", new("Outer", NumberDataViewType.Int32), n => n).Transform(between);
        Assert.Throws<InvalidOperationException>(() => outer.GetColumn<int>("Outer").Count());
        Assert.Equal(1, between.Disposed);
    }

    [Fact]
    public void A_column_that_was_not_asked_for_or_of_another_type_is_refused()
    {
        IDataView view = Map(Context(1), Numbers(3), n => n);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Result"]]);
        Assert.Contains("'N'", Assert.Throws<SchemaException>(() => cursor.GetGetter<int>(view.Schema["N"])).Message, StringComparison.Ordinal);
        Assert.Contains("String", Assert.Throws<SchemaException>(() => cursor.GetGetter<string>(view.Schema["Result"])).Message, StringComparison.Ordinal);
        Assert.Contains("'Z'", Assert.Throws<SchemaException>(() => view.GetColumn<int>("Z")).Message, StringComparison.Ordinal);
        Assert.False(cursor.IsColumnActive(view.Schema["N"]));
        Assert.Equal(-1, cursor.Position);
    }

    // The outer row holds the only thread that the context allows while it waits for inner rows that need one too.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_row_may_itself_read_a_view_of_the_same_context(int threads)
    {
        SerContext ser = Context(threads);
        IDataView inner = Map(ser, Numbers(20), n => n), outer = Map(ser, Numbers(10), n => n + inner.GetColumn<int>("Result").Sum());
        Task<int[]> reading = Task.Run(() => outer.GetColumn<int>("Result").ToArray(), TestContext.Current.CancellationToken);
        Assert.Same(reading, await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)));
        Assert.Equal(Enumerable.Range(190, 10), await reading);
    }

    [Fact]
    public void A_context_reports_every_option_it_cannot_use()
    {
        var error = Assert.Throws<OptionsException>(() => new SerContext(0, new() { DegreeOfParallelism = 0, CacheDirectory = " ", BadClips = (BadClipRule)9 }));
        Assert.Equal(3, error.Problems.Count);
    }

    private static SerContext Context(int threads) => new(0, new() { DegreeOfParallelism = threads });

    private static IDataView Numbers(int count) => Views.Of([Number], Enumerable.Range(0, count).Select(n => new object?[] { n }));

    private static IDataView Map(SerContext ser, IDataView source, Func<int, int> function) => new FunctionStage<int, int>(ser, "N", Result, function).Transform(source);
}
