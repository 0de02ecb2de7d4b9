using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SerPipeline.Tests.Support;

/// <summary>What a graph gave under ONNX Runtime.</summary>
/// <param name="Numbers">The elements of an output of numbers.</param>
/// <param name="Texts">The elements of an output of texts.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record OnnxOutput(float[] Numbers, string[] Texts, long[] Shape);

/// <summary>
/// ONNX Runtime by the npm package onnxruntime-node, in a process of Node of its own: an implementation of ONNX that shares nothing with this library. The variable
/// SER_ONNXRUNTIME_NODE names the folder that holds its <c>node_modules</c>.
/// </summary>
internal static class OnnxRuntimeNode
{
    private const string Script = """
        const fs = require('fs'), path = require('path'), [folder, model, runs] = process.argv.slice(2);
        const ort = require(path.join(folder, 'node_modules', 'onnxruntime-node'));
        (async () => {
          const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
          const all = [];
          for (const run of JSON.parse(fs.readFileSync(runs))) {
            const bytes = fs.readFileSync(run.file);
            const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
            const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, run.shape) });
            all.push(Object.fromEntries(Object.entries(results).map(([name, t]) => [name, { type: t.type, dims: Array.from(t.dims, Number), data: Array.from(t.data, t.type === 'string' ? String : x => Number.isFinite(Number(x)) ? Number(x) : null) }])));
          }
          fs.writeFileSync(runs + '.out', JSON.stringify(all));
        })().catch(e => { console.error(String(e)); process.exit(1); });
        """;

    /// <summary>Runs a model on inputs, one after another; skips the test where Node or the package is absent.</summary>
    /// <param name="model">The model, of one float input.</param>
    /// <param name="inputs">Elements and shape of each input.</param>
    /// <returns>For each input the outputs by name.</returns>
    public static IReadOnlyList<IReadOnlyDictionary<string, OnnxOutput>> Run(byte[] model, params (float[] Values, long[] Shape)[] inputs)
    {
        string folder = Require();
        using var work = new TemporaryFolder();
        string script = work.File("run.js"), file = work.File("model.onnx"), runs = work.File("runs.json");
        File.WriteAllText(script, Script);
        File.WriteAllBytes(file, model);
        for (int i = 0; i < inputs.Length; i++) File.WriteAllBytes(work.File(Number(i)), MemoryMarshal.AsBytes(inputs[i].Values.AsSpan()).ToArray());
        File.WriteAllText(runs, JsonSerializer.Serialize(inputs.Select((input, i) => new { file = work.File(Number(i)), shape = input.Shape })));
        (int code, string output) = Programs.Run("node", script, folder, file, runs);
        Assert.True(code == 0, output);
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(runs + ".out"));
        return [.. results.RootElement.EnumerateArray().Select(run => run.EnumerateObject().ToDictionary(o => o.Name, o => Read(o.Value)))];
    }

    /// <summary>Skips the running test where ONNX Runtime is absent.</summary>
    /// <returns>The folder of the package.</returns>
    public static string Require()
    {
        string? folder = Environment.GetEnvironmentVariable("SER_ONNXRUNTIME_NODE");
        Assert.SkipUnless(!string.IsNullOrEmpty(folder) && Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-node")),
            "needs ONNX Runtime: Node on the PATH, and in the variable SER_ONNXRUNTIME_NODE a folder where 'npm install --ignore-scripts onnxruntime-node' was run");
        Assert.SkipUnless(Programs.Succeeds("node", "--version"), "needs Node on the PATH");
        return folder!;
    }

    private static OnnxOutput Read(JsonElement output)
    {
        JsonElement[] data = [.. output.GetProperty("data").EnumerateArray()];
        bool isText = output.GetProperty("type").GetString() == "string";
        return new OnnxOutput(
            isText ? [] : [.. data.Select(e => e.ValueKind == JsonValueKind.Null ? float.NaN : e.GetSingle())],
            isText ? [.. data.Select(e => e.GetString()!)] : [],
            [.. output.GetProperty("dims").EnumerateArray().Select(d => d.GetInt64())]);
    }

    private static string Number(int i) => i.ToString(CultureInfo.InvariantCulture);
}
