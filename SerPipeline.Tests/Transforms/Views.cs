using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

/// <summary>Data views made and read by tests.</summary>
internal static class Views
{
    /// <summary>Clips as a waveform column without a rate.</summary>
    public static IDataView Waveforms(params float[][] clips) => Waveforms(null, clips);

    public static IDataView Waveforms(int? sampleRateHz, params float[][] clips) => new MemoryView(clips.Length,
    [
        MemoryView.Of("Waveform", Waveform.Type, i =>
            new VBuffer<float>(clips[i].Length, [.. clips[i]]), sampleRateHz is { } rate ? Waveform.Annotations(rate) : null),
        MemoryView.Of("Row", NumberDataViewType.Int32, i => i),
    ]);

    /// <summary>Frames [8, frames] of random numbers.</summary>
    public static IDataView Frames(int rows) => new MemoryView(rows,
    [
        MemoryView.Of("Spectrogram", new VectorDataViewType(NumberDataViewType.Single, 8, 0), i =>
        {
            var random = new SeededRandom(i);
            float[] values = [.. Enumerable.Range(0, 8 * (15 + (3 * i))).Select(_ => (float)random.NextNormal())];
            return new VBuffer<float>(values.Length, values);
        }),
    ]);

    /// <summary>The values of a column, copied out of what getters reuse.</summary>
    public static T[] Values<T>(this IDataView view, string column)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<T> getter = cursor.GetGetter<T>(view.Schema[column]);
        var values = new List<T>();
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }
        return [.. values];
    }

    public static string[] Texts(this IDataView view, string column) =>
        [.. view.Values<ReadOnlyMemory<char>>(column).Select(t => t.ToString())];

    public static float[][] Vectors(this IDataView view, string column) =>
        [.. view.Values<VBuffer<float>>(column).Select(v => v.DenseValues().ToArray())];

    /// <summary>The red of every pixel of an image column; the getter disposes of the image before.</summary>
    public static IEnumerable<byte[]> Pixels(this IDataView view, string column)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(view.Schema[column]);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            yield return [.. image.Pixels.ToArray().Where((_, i) => i % 4 == 0)];
        }
        image?.Dispose();
    }

    /// <summary>Rows as texts that are equal exactly when every value is equal to the last bit.</summary>
    public static string[] Prints(this IDataView view, params string[] columns)
    {
        DataViewSchema.Column[] read = [.. columns.Select(c => view.Schema[c])];
        using DataViewRowCursor cursor = view.GetRowCursor(read);
        Func<string>[] prints = [.. read.Select(c => Printer(cursor, c))];
        var rows = new List<string>();
        while (cursor.MoveNext()) rows.Add(string.Join("; ", prints.Select(p => p())));
        return [.. rows];
    }

    public static Func<string> Printer(DataViewRow row, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        if (raw == typeof(VBuffer<float>)) return Of<VBuffer<float>>(v =>
            Hash(MemoryMarshal.AsBytes<float>(v.DenseValues().ToArray()), $"{v.Length} floats"));
        if (raw == typeof(MLImage)) return Of<MLImage>(v => Hash(v.Pixels, $"{v.Width}x{v.Height}"));
        if (raw == typeof(ReadOnlyMemory<char>)) return Of<ReadOnlyMemory<char>>(v => v.ToString());
        if (raw == typeof(uint)) return Of<uint>(v => $"key {v}");
        if (raw == typeof(int)) return Of<int>(v => $"{v}");
        throw new InvalidOperationException($"No print for {raw}: add one.");

        Func<string> Of<T>(Func<T, string> print)
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return print(value);
            };
        }
    }

    private static string Hash(ReadOnlySpan<byte> bytes, string size) => $"{size} {XxHash3.HashToUInt64(bytes):x16}";
}

/// <summary>A view of another library: counts cursors and rows, fails when told.</summary>
internal sealed class CountingView(IDataView source, bool unreadable = false) : IDataView
{
    public int Cursors { get; private set; }

    public int Rows { get; private set; }

    public int Disposed { get; private set; }

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        if (unreadable) throw new InvalidOperationException("A row was read before the columns were checked.");
        Cursors++;
        return new Cursor(this, source.GetRowCursor(columnsNeeded, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(CountingView view, DataViewRowCursor source) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool MoveNext()
        {
            if (!source.MoveNext()) return false;
            view.Rows++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            view.Disposed++;
            source.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>
/// A stage of a test over a waveform: its length and one sample times a gain; counts what it computes, and waits where told.
/// </summary>
internal sealed class CountingStage : RowTransformer
{
    private readonly StrongBox<int> _computed;

    public CountingStage(string input, int gain = 1, Action<float[]>? onMap = null) : this(input, gain, onMap, new StrongBox<int>()) { }

    private CountingStage(string input, int gain, Action<float[]>? onMap, StrongBox<int> computed)
        : base("Out", input, new ClipStage("Counting", 1, gain, 16000, (samples, _) =>
        {
            Interlocked.Increment(ref computed.Value);
            onMap?.Invoke(samples);
            return new float[] { samples.Length, samples[samples.Length / 2] * gain };
        }, _ => throw new NotSupportedException("A stage of a test has no graph."))
        { SlotNames = ["length", "middle"] }) => _computed = computed;

    public int Computed => _computed.Value;
}
