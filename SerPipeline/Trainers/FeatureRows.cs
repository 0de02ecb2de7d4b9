using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>The labelled rows of a view in memory: vectors, classes and, where asked for, speakers.</summary>
/// <param name="Values">[rows][slots], finite.</param>
/// <param name="Classes">Each row's class, from 0.</param>
/// <param name="Speakers">Each row's speaker; empty where none was asked for.</param>
/// <param name="Parts">Each row's part of a division that must stay together; empty where none was asked for.</param>
internal sealed record FeatureRows(IReadOnlyList<float[]> Values, IReadOnlyList<int> Classes, IReadOnlyList<string> Speakers,
    IReadOnlyList<string> Parts)
{
    /// <summary>Reads a view once; rows without a label are left out.</summary>
    /// <exception cref="SchemaException">A value is not finite, or no row is left.</exception>
    public static FeatureRows Read(string stage, IDataView input, string featureColumn, string labelColumn, string? speakerColumn = null,
        string? partColumn = null)
    {
        DataViewSchema.Column feature = input.Schema[featureColumn], label = input.Schema[labelColumn];
        DataViewSchema.Column[] texts = [.. new[] { speakerColumn, partColumn }.OfType<string>().Select(name => input.Schema[name])];
        using DataViewRowCursor cursor = input.GetRowCursor([feature, label, .. texts]);
        ValueGetter<VBuffer<float>> getValues = cursor.GetGetter<VBuffer<float>>(feature);
        Func<ulong> getClass = RowValues.Key(cursor, label);
        Func<string>? getSpeaker = speakerColumn is null ? null : RowValues.Text(stage, cursor, texts[0]);
        Func<string>? getPart = partColumn is null ? null : RowValues.Text(stage, cursor, texts[^1]);
        var rows = new FeatureRows(new List<float[]>(), new List<int>(), new List<string>(), new List<string>());
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            ulong key = getClass();
            if (key == 0) continue;
            getValues(ref buffer);
            float[] values = [.. buffer.DenseValues()];
            if (Array.FindIndex(values, value => !float.IsFinite(value)) is >= 0 and int slot)
                throw new SchemaException($"{stage} needs finite numbers in column '{featureColumn}', but slot {slot} of row "
                    + $"{cursor.Position} is {values[slot]}.");
            rows.Add(values, (int)key - 1, getSpeaker?.Invoke(), getPart?.Invoke());
        }
        return rows.Values.Count > 0 ? rows
            : throw new SchemaException($"{stage}: there is no row to train on: no row has a value in '{labelColumn}'.");
    }

    /// <summary>Some of the rows.</summary>
    public FeatureRows Select(IReadOnlyList<int> rows) => new([.. rows.Select(i => Values[i])], [.. rows.Select(i => Classes[i])],
        Speakers.Count == 0 ? [] : [.. rows.Select(i => Speakers[i])], Parts.Count == 0 ? [] : [.. rows.Select(i => Parts[i])]);

    /// <summary>Requires at least one row of each class.</summary>
    /// <exception cref="SchemaException">Some have none; the message names them.</exception>
    public void RequireEveryClass(string stage, IReadOnlyList<string> labels)
    {
        string[] untaught = [.. labels.Where((_, c) => !Classes.Contains(c))];
        if (untaught.Length > 0)
            throw new SchemaException($"{stage} needs a row of every class, but there is none of {string.Join(", ", untaught)}. Fit "
                + "MapValueToKey on the rows to train on, or leave the class out.");
    }

    private void Add(float[] values, int label, string? speaker, string? part)
    {
        ((List<float[]>)Values).Add(values);
        ((List<int>)Classes).Add(label);
        if (speaker is not null) ((List<string>)Speakers).Add(speaker);
        if (part is not null) ((List<string>)Parts).Add(part);
    }
}
