using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>Rows as texts that are equal exactly when every visible value is equal to the last bit.</summary>
internal static class RowPrints
{
    public static string[] Of(IDataView view, params string[] columns)
    {
        DataViewSchema.Column[] read = [.. view.Schema.Where(c => !c.IsHidden && (columns.Length == 0 || columns.Contains(c.Name)))];
        using DataViewRowCursor cursor = view.GetRowCursor(read);
        var prints = new List<string>();
        while (cursor.MoveNext()) prints.Add(string.Join("; ", read.Select(c => $"{c.Name}={Print(cursor.GetValue(c.Index))}")));
        return [.. prints];
    }

    /// <summary>The visible columns with everything that is known of them.</summary>
    public static string[] Of(DataViewSchema schema) =>
    [
        .. schema.Where(c => !c.IsHidden).Select(c =>
            $"{c.Name}: {c.Type}; keys {List(c.Annotations.KeyValues)}; slots {List(c.Annotations.SlotNames)}; {c.Annotations.IsSamplingKey}"),
    ];

    private static string Print(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        VBuffer<float> vector => Hash(MemoryMarshal.AsBytes(vector.GetValues()), $"{vector.Length} floats"),
        GrayImage image => Hash(image.Pixels, $"{image.Height}x{image.Width}"),
        AudioClip clip => Hash(MemoryMarshal.AsBytes(clip.Samples), $"{clip.Length} samples at {clip.SampleRateHz}"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"No print for a {value.GetType().Name}: add one."),
    };

    private static string Hash(ReadOnlySpan<byte> bytes, string size) => $"{size} {XxHash3.HashToUInt64(bytes):x16}";

    private static string List(IReadOnlyList<string>? texts) => texts is null ? "none" : string.Join(",", texts);
}
