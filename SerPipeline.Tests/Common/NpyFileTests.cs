using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Common;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Every_version_and_type_gives_the_values_written(int version)
    {
        double[] values = [0, -1, 2.5, 1e30, double.NaN, double.NegativeInfinity];
        NpyArray<double> doubles =
            NpyFile.Read<double>(Write(version, Header("<f8", "(2, 3)"), [.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.Equal([2, 3], doubles.Shape);
        Assert.Equal(values, doubles.Values.ToArray());
        Assert.Equal(values[3..], doubles.Row(1).ToArray());
        Assert.Equal(values.Select(v => (float)v),
            NpyFile.Read<float>(Write(version, Header("<f8", "(6,)"), [.. values.SelectMany(BitConverter.GetBytes)])).Values.ToArray());
        Assert.Equal(values.Select(v => (float)v),
            NpyFile.Read<float>(Write(version, Header("<f4", "(6,)"),
                [.. values.SelectMany(v => BitConverter.GetBytes((float)v))])).Values.ToArray());
        long[] wholes = [long.MinValue, -1, 0, long.MaxValue];
        Assert.Equal(wholes,
            NpyFile.Read<long>(Write(version, Header("<i8", "(4,)"), [.. wholes.SelectMany(BitConverter.GetBytes)])).Values.ToArray());
        int[] ints = [int.MinValue, 7];
        string path = Write(version, Header("<i4", "(2, 1)"), [.. ints.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal(ints, NpyFile.Read<int>(path).Values.ToArray());
        Assert.Equal(ints.Select(i => (long)i), NpyFile.Read<long>(path).Values.ToArray());
    }

    [Fact]
    public void Keys_come_in_any_order_and_a_dimension_may_be_0()
    {
        string path = Write(1, "{'shape': (0, 40), 'descr': '<f4', 'fortran_order': False}\n", []);
        Assert.Equal([0, 40], NpyFile.Read<float>(path).Shape);
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "'>f4'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "dtype")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "fortran_order False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999), }", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': '(1,)', }", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "'fortran_order'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "'fortran_order'")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", "float32 or float64")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", "trailing")]
    [InlineData("not a dictionary", "'descr', 'fortran_order' and 'shape'")]
    public void A_header_that_cannot_be_used_is_named(string header, string expected) => Fails(Write(1, header, new byte[4]), expected);

    [Fact]
    public void Foreign_and_broken_files_are_named()
    {
        Fails(Path.Combine(_folder.Path, "absent.npy"), "no such file");
        Fails(_folder.Path, ".npy");
        byte[] good = File.ReadAllBytes(Write(1, Header("<f4", "(1,)"), new byte[4]));
        Fails(Save([]), "an empty file");
        Fails(Save("RIFF1234WAVE"u8), "93 'NUMPY'");
        Fails(Save([.. good[..6], 4, 0, .. good[8..]]), "found 4.0");
        Fails(Save([.. good[..6], 1, 1, .. good[8..]]), "found 1.1");
        Fails(Save([.. good[..8], 255, 255, .. good[10..]]), "within its header");
        Fails(Save([.. good[..6], 2, 0, 9, 9]), "within its header");
        Fails(Save([.. good, 0]), "trailing");
    }

    [Fact]
    public void A_value_that_does_not_fit_is_named()
    {
        string whole = Write(1, Header("<i8", "(1,)"), BitConverter.GetBytes(1L << 40));
        string large = Write(1, Header("<f8", "(1,)"), BitConverter.GetBytes(1e300));
        Assert.Contains("1099511627776", Assert.Throws<FeatureFileException>(() => NpyFile.Read<int>(whole)).Message,
            StringComparison.Ordinal);
        Fails(large, "1E+300");
        Assert.Throws<NotSupportedException>(() => NpyFile.Read<short>(whole));
    }

    [Fact]
    public void Truncated_or_changed_bytes_give_an_array_or_a_typed_error()
    {
        byte[] good = File.ReadAllBytes(Write(1, Header("<f4", "(3, 4)"), new byte[48]));
        for (int length = 0; length < good.Length; length++) Fails(Save(good.AsSpan(0, length)), "expected", "truncated");
        Gen<int> place = Gen.Choose(0, good.Length - 1), value = Gen.Choose(0, 255);
        Config runs = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20261129UL, 7UL);
        Check.One(runs, Prop.ForAll(Gen.Zip(place, value).ToArbitrary(), change =>
        {
            byte[] bytes = [.. good];
            bytes[change.Item1] = (byte)change.Item2;
            string path = Save(bytes);
            try
            {
                NpyArray<float> array = NpyFile.Read<float>(path);
                return array.Values.Length == array.Shape.Aggregate(1, (a, b) => a * b);
            }
            catch (FeatureFileException e)
            {
                return e.Message.Contains(path, StringComparison.Ordinal);
            }
        }));
    }

    public void Dispose() => _folder.Dispose();

    private static void Fails(string path, params string[] anyOf)
    {
        string message = Assert.Throws<FeatureFileException>(() => NpyFile.Read<float>(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.True(anyOf.Any(text => message.Contains(text, StringComparison.Ordinal)), message);
    }

    private string Write(int version, string header, byte[] data) => Save(Bytes(version, header, data));

    private string Save(ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(_folder.Path, "array.npy");
        if (File.Exists(path)) path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.npy");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    internal static string Header(string descr, string shape) => $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n";

    internal static byte[] Bytes(int version, string header, byte[] data)
    {
        byte[] text = Encoding.Latin1.GetBytes(header), length = new byte[version == 1 ? 2 : 4];
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        else BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }
}
