using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>
/// A configuration of ML.NET Model Builder, version 5 of its fields, as JSON. What is not understood is kept: a file goes back with all
/// that was in it, but for comments.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Root">Its content.</param>
internal sealed record MbConfigFile(string Path, JsonObject Root)
{
    /// <summary>The file's extension.</summary>
    public const string Extension = ".mbconfig";

    /// <summary>The version of the fields.</summary>
    public const int Version = 5;

    /// <summary>The member with what only this program knows, at the top and in each trial.</summary>
    public const string OwnSection = "SerPipeline";

    // Read and edited by people, and never a part of HTML.
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Reads a file; of a link, what it links to, which is read, written and locked under its own name from then on.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="MbConfigException">It is absent, no JSON object, or of another version.</exception>
    public static MbConfigFile Read(string path)
    {
        if (!File.Exists(path)) throw new MbConfigException($"There is no file '{path}'.");
        path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        MbConfigFile file;
        try
        {
            JsonNode? node = JsonNode.Parse(File.ReadAllText(path), documentOptions: new()
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false
            });
            // Texts are decoded when they are asked for: all of them now, so that one that is no Unicode is an error here.
            _ = node?.DeepClone().ToJsonString(Json);
            file = new MbConfigFile(path, node as JsonObject
                ?? throw new MbConfigException($"'{path}' holds no JSON object, so it is no configuration of Model Builder."));
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new MbConfigException($"'{path}' is no JSON: {e.Message}");
        }
        if (file.Text(file.Root, "Type") != "TrainingConfig")
            throw new MbConfigException($"'{path}' is no configuration of Model Builder from 2022 on: its \"Type\" must be "
                + "\"TrainingConfig\". An older one is renewed when Model Builder opens it.");
        if (file.Whole(file.Root, "Version") is not Version)
            throw new MbConfigException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' must have \"Version\": {Version} beside its \"Type\": other versions are not known here."));
        return file;
    }

    /// <summary>The file as text.</summary>
    public string ToText() => Root.ToJsonString(Json) + "\n";

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write() => AtomicFile.WriteAllText(Path, ToText());

    /// <summary>The full path of what the file names, relative to its own folder.</summary>
    /// <param name="named">A path.</param>
    /// <exception cref="MbConfigException">It holds a NUL, which no path may.</exception>
    public string Resolve(string named) => named.Contains('\0', StringComparison.Ordinal)
        ? throw new MbConfigException($"'{Path}' names a path with a NUL character: '{named.Replace('\0', '?')}'.")
        : System.IO.Path.GetFullPath(named.Replace('\\', System.IO.Path.DirectorySeparatorChar), Folder);

    /// <summary>A path as the file names it: relative to its own folder, with slashes.</summary>
    /// <param name="path">A path.</param>
    public string Relative(string path) => System.IO.Path.GetRelativePath(Folder, System.IO.Path.GetFullPath(path)).Replace('\\', '/');

    /// <summary>An object within another one, or null.</summary>
    /// <exception cref="MbConfigException">It is no object.</exception>
    public JsonObject? Section(JsonObject parent, string name) => parent[name] switch
    {
        null => null,
        JsonObject section => section,
        _ => throw Wrong(parent, name, "an object"),
    };

    /// <summary>A list of objects within an object; empty when absent.</summary>
    /// <exception cref="MbConfigException">It is no such list.</exception>
    public IReadOnlyList<JsonObject> Objects(JsonObject parent, string name) => parent[name] switch
    {
        null => [],
        JsonArray items when items.All(item => item is JsonObject) => [.. items.Cast<JsonObject>()],
        _ => throw Wrong(parent, name, "a list of objects"),
    };

    /// <summary>A text, or null when absent.</summary>
    /// <exception cref="MbConfigException">It is no text.</exception>
    public string? Text(JsonObject parent, string name) => Value<string>(parent, name, "a text");

    /// <summary>A number, or null when absent.</summary>
    /// <exception cref="MbConfigException">It is no number.</exception>
    public double? Number(JsonObject parent, string name) => parent[name] is null ? null : Value<double>(parent, name, "a number");

    /// <summary>A whole number, or null when absent.</summary>
    /// <exception cref="MbConfigException">It is no whole number.</exception>
    public int? Whole(JsonObject parent, string name) => parent[name] is null ? null : Value<int>(parent, name, "a whole number");

    /// <summary>Whether a truth value is there and set.</summary>
    /// <exception cref="MbConfigException">It is no truth value.</exception>
    public bool Flag(JsonObject parent, string name) => parent[name] is not null && Value<bool>(parent, name, "true or false");

    /// <summary>The error of a member that is something else.</summary>
    public MbConfigException Wrong(JsonObject parent, string name, string expected) =>
        new($"'{Path}' must have {expected} at {parent.GetPath()}.{name}, got {parent[name]?.ToJsonString() ?? "nothing"}.");

    private string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    private T? Value<T>(JsonObject parent, string name, string expected) => parent[name] switch
    {
        null => default,
        JsonValue value when value.TryGetValue(out T? found) => found,
        _ => throw Wrong(parent, name, expected),
    };
}

/// <summary>A configuration of Model Builder that cannot be read, or asks for what cannot be done here.</summary>
/// <param name="message">Which file, what was expected, what was found, and what to do.</param>
internal sealed class MbConfigException(string message) : SerPipelineException(message);
