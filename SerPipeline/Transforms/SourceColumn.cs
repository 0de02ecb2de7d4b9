using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Features;

namespace SerPipeline.Transforms;

/// <summary>
/// A column of a cursor that moves on before its rows are asked for: takes a value out, of whatever type, and hands copies of it on
/// later. A caller may overwrite
/// what a getter gave it, as ML.NET's do, so values are never shared.
/// </summary>
internal abstract class SourceColumn
{
    /// <summary>The current row's value; nobody else holds it.</summary>
    public abstract object Take();

    /// <summary>A getter of the value that is current then.</summary>
    public abstract ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column, Func<object?> current);

    /// <summary>Gives back what a value holds besides memory.</summary>
    public virtual void Release(object value) { }

    public static SourceColumn Create(DataViewRow row, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        bool isVector = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>);
        Type type = isVector ? typeof(Vectors<>).MakeGenericType(raw.GetGenericArguments()) : raw == typeof(MLImage) ? typeof(Images)
            : typeof(Values<>).MakeGenericType(raw);
        // What a source's getter throws is the caller's to see.
        const BindingFlags Unwrapped = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions;
        return (SourceColumn)Activator.CreateInstance(type, Unwrapped, null, [row, column], null)!;
    }

    /// <summary>A value that was taken, as stages want it: a string, or float[].</summary>
    public static object ForStage(object value) => value switch
    {
        StrongBox<ReadOnlyMemory<char>> text => text.Value.ToString(),
        StrongBox<VBuffer<float>> vector => vector.Value.DenseValues().ToArray(),
        _ => throw new InvalidOperationException($"No stage reads {value.GetType()}."),
    };

    private abstract class Typed<T>(DataViewRow row, DataViewSchema.Column column) : SourceColumn
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);

        public override object Take()
        {
            T value = default!;
            _getter(ref value);
            return new StrongBox<T>(value);
        }

        public override ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column, Func<object?> current) => StageValue.As<TValue>(
            column, (ValueGetter<T>)((ref T value) => Copy(((StrongBox<T>)(current() ?? throw StageValue.NoRow())).Value!, ref value)));

        protected abstract void Copy(in T from, ref T to);
    }

    private sealed class Values<T>(DataViewRow row, DataViewSchema.Column column) : Typed<T>(row, column)
    {
        protected override void Copy(in T from, ref T to) => to = from;
    }

    private sealed class Vectors<T>(DataViewRow row, DataViewSchema.Column column) : Typed<VBuffer<T>>(row, column)
    {
        protected override void Copy(in VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to);
    }

    private sealed class Images(DataViewRow row, DataViewSchema.Column column) : Typed<MLImage>(row, column)
    {
        public override void Release(object value) => ((StrongBox<MLImage>)value).Value?.Dispose();

        protected override void Copy(in MLImage from, ref MLImage to)
        {
            to?.Dispose();
            to = from is null ? null! : MLImage.CreateFromPixels(from.Width, from.Height, from.PixelFormat, from.Pixels);
        }
    }
}

/// <summary>Hands out what stages computed.</summary>
internal static class StageValue
{
    /// <summary>A getter of a stage's column, from the value that is current then.</summary>
    public static ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column, Func<object?> current)
    {
        if (column.Type is not ImageDataViewType)
            return As<TValue>(column,
                (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Copy((float[])(current() ?? throw NoRow()), ref value)));
        byte[] pixels = [];
        return As<TValue>(column, (ValueGetter<MLImage>)((ref MLImage value) =>
        {
            // As ML.NET's own image stages do: the image of the row before is the getter's to dispose of.
            value?.Dispose();
            value = ToImage((GrayImage)(current() ?? throw NoRow()), ref pixels);
        }));
    }

    public static ValueGetter<TValue> As<TValue>(DataViewSchema.Column column, Delegate getter) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' holds {column.Type}: its values are {column.Type.RawType}, not {typeof(TValue)}.");

    public static InvalidOperationException NoRow() =>
        new("There is no current row: call MoveNext first, and read only while it returns true.");

    public static void RequireActive(bool isActive, DataViewSchema.Column column)
    {
        if (!isActive) throw new InvalidOperationException($"Column '{column.Name}' is not active: name it among the columns needed.");
    }

    private static void Copy(float[] from, ref VBuffer<float> to)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref to, from.Length);
        from.CopyTo(editor.Values);
        to = editor.Commit();
    }

    // Grey in all three colours, opaque: MLImage knows no format of one byte a pixel.
    private static MLImage ToImage(GrayImage image, ref byte[] pixels)
    {
        if (pixels.Length != 4 * image.Pixels.Length) pixels = new byte[4 * image.Pixels.Length];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            pixels.AsSpan(4 * i, 3).Fill(image.Pixels[i]);
            pixels[(4 * i) + 3] = byte.MaxValue;
        }
        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Bgra32, pixels);
    }
}
