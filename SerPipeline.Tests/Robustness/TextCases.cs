using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SerPipeline.Tests.Robustness;

/// <summary>Files of text and numbers that keep to their formats' structure: JSON by its tree, CSV by its cells, npy by its
/// header.</summary>
internal static class TextCases
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "0.5", "2147483648", "1e999", "-1e-400", "123456789012345678901234567890", "NaN", "\"\"",
        "\" \"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"../../..\"", "\"/\"", "\"C:\\\\x\"", "\"(?<speaker>(a+)+)$\"",
        "\"[\"", "\"\\ud83d\\ude00\"", "[]", "{}", "[null]", "[[]]", "{\"a\":1,\"a\":2}", "/* c */ 1", "1,", "\"true\"", "\"0,1\"",
    ];

    private static readonly string[] Cells =
    [
        "a.wav", "b/c.wav", "B.WAV", "angry", "sad", "happy ", "Angry", "spk1", "m", "female", "", " ", "\"\"", "\"a,b\"", "\"a\"\"b\"",
        "\"open", "stray\"quote", "1", "0.5", "-1", "nan", "NaN", "1e400", "00:01.5", "00:00:02", "train", "test", "dev", "../x.wav",
        "/etc/passwd", "C:\\x.wav", "a\\b.wav", "\u00e4.wav", "a\u0308.wav", "\ud83d\ude00.wav", "a\0b.wav", "=1+1", "\u202e", "#c",
        "file:///x", "a\tb", "'q'", ".", "..", "con.wav",
    ];

    private static readonly string[] Columns =
    [
        "path", "file", "filename", "audio", "wav", "label", "emotion", "class", "target", "speaker", "speaker_id", "actor", "subject",
        "sex", "gender", "language", "start", "end", "split", "Path", " label", "duration", "", "label.1",
    ];

    /// <summary>JSON like the text given, with members and values changed, dropped or doubled.</summary>
    public static byte[] Json(SeededRandom random, string seed)
    {
        var text = new StringBuilder();
        Write(random, text, JsonNode.Parse(seed));
        if (random.Chance(10)) text.Insert(0, '\ufeff');
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return random.Chance(4) ? random.Damage(bytes, 3) : bytes;
    }

    /// <summary>A manifest: columns in any order, cells of any kind, in one of the encodings and separators in use.</summary>
    public static byte[] Manifest(SeededRandom random)
    {
        string separator = random.Pick(",", ",", ",", ";", "\t", "|"), end = random.Pick("\n", "\n", "\r\n", "\r");
        var text = new StringBuilder();
        if (random.Chance(12)) text.Append("sep=").Append(separator).Append(end);
        string[] columns = random.Chance(3) ? [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Pick(Columns))]
            : [.. new[] { "path", "label", "speaker" }.Concat(random.Chance(2) ? [random.Pick(Columns)] : [])];
        text.AppendJoin(separator, columns).Append(end);
        for (int rows = random.Next(0, 12); rows > 0; rows--)
        {
            int cells = random.Chance(8) ? random.Next(0, 9) : columns.Length;
            text.AppendJoin(separator, Enumerable.Range(0, cells).Select(i => random.Chance(3) ? random.Pick(Cells)
                : i == 0 ? string.Create(CultureInfo.InvariantCulture, $"{random.Next(4)}.wav") : random.Pick("angry", "sad", "s1", "s2")));
            text.Append(random.Chance(20) ? "\0" : end);
        }
        Encoding encoding = random.Pick<Encoding>(new UTF8Encoding(false), new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Latin1,
            Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32);
        byte[] bytes = [.. random.Chance(2) ? encoding.Preamble : [], .. encoding.GetBytes(text.ToString())];
        return random.Chance(3) ? random.Damage(bytes, 3) : bytes;
    }

    /// <summary>An array of NumPy.</summary>
    public static byte[] Npy(SeededRandom random)
    {
        string type = random.Pick("'<f4'", "'<f4'", "'<i8'", "'<i8'", "'<f8'", "'>f4'", "'|O'", "'<c8'", "[('a', '<f4')]", "'<f9'", "''");
        string order = random.Pick("False", "False", "False", "True", "0");
        int rows = random.Next(0, 20), columns = random.Next(1, 5);
        string shape = random.Next(8) switch
        {
            0 => $"({random.Edge()},)",
            1 => $"({random.Edge()}, {random.Edge()})",
            2 => "()",
            3 => string.Create(CultureInfo.InvariantCulture, $"({rows}, {columns}, 1)"),
            _ => random.Chance(2) ? string.Create(CultureInfo.InvariantCulture, $"({rows},)")
                : string.Create(CultureInfo.InvariantCulture, $"({rows}, {columns})"),
        };
        List<string> members = [$"'descr': {type}", $"'fortran_order': {order}", $"'shape': {shape}"];
        if (random.Chance(10)) members.RemoveAt(random.Next(3));
        if (random.Chance(10)) members.Add("'more': False");
        random.Shuffle<string>(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members));
        string padding = new(' ', random.Next(40));
        byte[] header = Encoding.Latin1.GetBytes($"{{{string.Join(", ", members)}{random.Pick(", }", "}")}{padding}\n");
        int version = random.Chance(8) ? random.Next(256) : random.Next(1, 4);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length);
        int size = shape.Contains(", ", StringComparison.Ordinal) ? rows * columns : rows;
        byte[] data = random.Bytes(random.Chance(4) ? random.Next(200) : size * (type.Contains('8', StringComparison.Ordinal) ? 8 : 4));
        byte[] file = [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. header, .. data];
        return random.Chance(3) ? random.Damage(file, 3) : file;
    }

    private static void Write(SeededRandom random, StringBuilder text, JsonNode? node)
    {
        if (random.Chance(40))
        {
            if (random.Chance(20)) text.Append('[', 200).Append(']', 200);
            else text.Append(random.Chance(20) ? $"\"{new string('x', 5000)}\"" : random.Pick(Values));
            return;
        }
        switch (node)
        {
            case JsonObject members:
                var parts = new List<string>();
                foreach ((string name, JsonNode? value) in members)
                {
                    if (random.Chance(40)) continue;
                    var part = new StringBuilder().Append(random.Chance(60) ? random.Pick("\"\\ud800\"", "\"\"", "\"x\"") : $"\"{name}\"")
                        .Append(':');
                    Write(random, part, value);
                    for (int i = random.Chance(60) ? 2 : 1; i > 0; i--) parts.Add(part.ToString());
                }
                text.Append('{').AppendJoin(',', parts).Append('}');
                break;
            case JsonArray items:
                text.Append('[').AppendJoin(',', items.Select(item =>
                {
                    var part = new StringBuilder();
                    Write(random, part, item);
                    return part.ToString();
                })).Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
