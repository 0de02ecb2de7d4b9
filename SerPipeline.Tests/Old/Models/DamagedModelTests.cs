using System.Buffers.Binary;
using System.Text.Json.Nodes;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Tests.Old.Pipeline;

namespace SerPipeline.Tests.Old.Models;

/// <summary>Whatever happens to a file, it is either refused with a <see cref="ModelFormatException"/> or gives exactly the model that was saved.</summary>
public sealed class DamagedModelTests(ModelFiles model, ToneModel tones) : IClassFixture<ModelFiles>
{
    private static readonly ZipModelFormat Format = new();

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        int[] lengths = [.. Enumerable.Range(0, model.Bytes.Length).Where(l => l % 41 == 0 || l < 64 || l > model.Bytes.Length - 200)];
        foreach (int length in lengths)
            Assert.Throws<ModelFormatException>(() => Format.Read(new MemoryStream(model.Bytes[..length]), "cut"));
    }

    [Fact]
    public void A_file_with_any_bit_turned_is_refused_or_still_holds_the_same()
    {
        byte[] whole = ModelFiles.Canonical(Format.Read(new MemoryStream(model.Bytes), "whole"));
        var random = new SeededRandom(2024);
        int refused = 0;
        const int Trials = 4000;
        for (int i = 0; i < Trials; i++)
        {
            byte[] damaged = [.. model.Bytes];
            int at = random.Next(damaged.Length), bit = random.Next(8);
            damaged[at] ^= (byte)(1 << bit);
            try
            {
                ModelDocument read = Format.Read(new MemoryStream(damaged), "damaged");
                Assert.True(whole.AsSpan().SequenceEqual(ModelFiles.Canonical(read)), $"byte {at} bit {bit}: accepted with other content");
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"byte {at} bit {bit}: {e}");
            }
        }
        // Only names, times and attributes in the zip's own records may change without harm.
        Assert.InRange(refused, Trials * 8 / 10, Trials);
    }

    [Fact]
    public void Stretches_of_noise_or_zeros_are_refused_or_harmless()
    {
        byte[] whole = ModelFiles.Canonical(Format.Read(new MemoryStream(model.Bytes), "whole"));
        var random = new SeededRandom(5);
        for (int i = 0; i < 600; i++)
        {
            byte[] damaged = [.. model.Bytes];
            int length = 1 + random.Next(40), at = random.Next(damaged.Length - length);
            for (int j = 0; j < length; j++) damaged[at + j] = (byte)(i % 3 == 0 ? 0 : i % 3 == 1 ? 255 : random.Next(256));
            Exception? error = Record.Exception(() => Assert.True(whole.AsSpan().SequenceEqual(ModelFiles.Canonical(Format.Read(new MemoryStream(damaged), "damaged")))));
            Assert.True(error is null or ModelFormatException, $"{length} bytes at {at}: {error}");
        }
    }

    // Each value of the manifest in turn replaced by other JSON, or gone, in a zip that is whole: the checksums say nothing here, the reader must.
    [Fact]
    public void A_manifest_with_any_value_replaced_is_refused_or_loads()
    {
        string[] paths = [.. Paths(ModelFiles.ManifestOf(model.Bytes))];
        Assert.InRange(paths.Length, 40, 400);
        RefusedOrLoads(model.Bytes, paths);
    }

    [Fact]
    public void So_is_a_manifest_of_stages_of_audio()
    {
        byte[] audio = File.ReadAllBytes(tones.Path);
        // Beside the options of the stages it is the manifest above.
        string[] paths = [.. Paths(ModelFiles.ManifestOf(audio)).Where(p => p.StartsWith("/stages/0/options", StringComparison.Ordinal) || p.StartsWith("/stages/1/options", StringComparison.Ordinal))];
        Assert.Contains("/stages/0/options/options", paths);
        Assert.InRange(paths.Length, 20, 60);
        RefusedOrLoads(audio, paths);
    }

    [Fact]
    public void Every_stage_without_or_with_wrong_options_is_refused()
    {
        foreach (string stage in StageRegistry.Names)
            foreach (string options in new[] { "{}", "null", "[]", "7", "{\"output\":null,\"input\":null,\"options\":null}", "{\"output\":\"\",\"input\":\"\",\"options\":{}}", "{\"output\":\"a\",\"input\":\"b\",\"options\":null}" })
            {
                byte[] file = model.WithManifest(m =>
                {
                    // Its graph would be refused before any stage is built.
                    m.Remove("mlNet");
                    m["onnxProblem"] = "none was made";
                    m["stages"] = new JsonArray(new JsonObject { ["name"] = stage, ["options"] = JsonNode.Parse(options), ["parts"] = new JsonArray() });
                });
                model.Refused(file);
            }
    }

    [Fact]
    public void A_network_larger_than_its_weights_is_refused_before_it_is_built()
    {
        byte[] huge = model.WithManifest(m => m["stages"]![1]!["options"]!["hiddenUnits"] = new JsonArray(65_536, 65_536, 65_536));
        long before = Environment.WorkingSet;
        Assert.Contains("weights", model.Refused(huge).Message, StringComparison.Ordinal);
        // It would take 34 GB; other tests run beside this one.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 32);
        model.Refused(model.WithManifest(m => m["stages"]![1]!["options"]!["inputs"] = 1_000_000));
    }

    [Fact]
    public void An_entry_that_claims_a_size_it_has_not_is_refused_without_taking_that_much_memory()
    {
        byte[] patched = [.. model.Bytes];
        // The uncompressed size in every central directory record (signature PK\1\2, size at 24).
        int records = 0;
        for (int i = 0; i < patched.Length - 28; i++)
            if (BinaryPrimitives.ReadUInt32LittleEndian(patched.AsSpan(i)) == 0x02014b50)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(patched.AsSpan(i + 24), 15 << 20);
                records++;
            }
        Assert.True(records > 3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => Format.Read(new MemoryStream(patched), "lying"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_manifest_that_unpacks_to_more_than_a_manifest_may_have_is_refused()
    {
        byte[] bomb = ModelFiles.WithEntries(model.Bytes, e => e["SerPipeline/model.json"] = [.. e["SerPipeline/model.json"], .. Enumerable.Repeat((byte)' ', 20 << 20)]);
        Assert.InRange(bomb.Length, 0, 1 << 20);
        Assert.Contains("more than", model.Refused(bomb).Message, StringComparison.Ordinal);
    }

    private void RefusedOrLoads(byte[] whole, string[] paths)
    {
        string?[] replacements = [null, "null", "{}", "[]", "[null]", "-1", "0", "1e300", "2147483648", "\"\"", "\"x\"", "true", "[-5]"];
        foreach (string path in paths)
            foreach (string? replacement in replacements)
            {
                string file = model.New(ModelFiles.WithManifest(whole, m => Replace(m, path, replacement)));
                Exception? error = Record.Exception(() =>
                {
                    using TransformerChain<ITransformer> loaded = new SerContext().Model.Load(file, out _);
                });
                Assert.True(error is null or ModelFormatException, $"{path} = {replacement ?? "removed"}: {error}");
                File.Delete(file);
            }
    }

    private static IEnumerable<string> Paths(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Value is null ? [$"/{p.Key}"] : Paths(p.Value).Select(below => $"/{p.Key}{below}").Prepend($"/{p.Key}")),
        JsonArray a => a.SelectMany((v, i) => v is null ? [$"/{i}"] : Paths(v).Select(below => $"/{i}{below}").Prepend($"/{i}")),
        _ => [],
    };

    private static void Replace(JsonNode root, string path, string? replacement)
    {
        string[] steps = path.Split('/')[1..];
        JsonNode parent = root;
        foreach (string step in steps[..^1]) parent = parent is JsonArray a ? a[int.Parse(step)]! : parent[step]!;
        JsonNode? value = replacement is null ? null : JsonNode.Parse(replacement);
        if (parent is JsonArray array)
        {
            if (replacement is null) array.RemoveAt(int.Parse(steps[^1]));
            else array[int.Parse(steps[^1])] = value;
        }
        else if (replacement is null)
        {
            parent.AsObject().Remove(steps[^1]);
        }
        else
        {
            parent[steps[^1]] = value;
        }
    }
}

[Collection(TensorCounting.Name)]
public sealed class DamagedModelTensorTests(ModelFiles model) : IClassFixture<ModelFiles>
{
    [Fact]
    public void A_model_refused_half_way_leaves_no_tensor()
    {
        // The second stage's network is built before the third stage proves unknown; and one whose weights do not fit.
        byte[] late = model.WithManifest(m => m["stages"]![2]!["name"] = "Telepathy"), other = model.WithManifest(m => m["stages"]![1]!["options"]!["hiddenUnits"] = new JsonArray(4));
        LiveTensors.MustNotGrow(() =>
        {
            model.Refused(late);
            model.Refused(other);
        });
    }
}
