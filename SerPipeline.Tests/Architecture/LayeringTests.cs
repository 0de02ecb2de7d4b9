using System.Reflection;
using System.Text.RegularExpressions;

namespace SerPipeline.Tests.Architecture;

/// <summary>Arrows between the library's folders go one way: down these layers, and never in a circle within one.</summary>
public sealed partial class LayeringTests
{
    // The layers of docs/guide.md, lowest first.
    private static readonly Dictionary<string, int> Layers = new()
    {
        ["Common"] = 0,
        ["Audio"] = 1,
        ["Corpora"] = 2,
        ["Onnx"] = 3,
        ["Features"] = 3,
        ["Splits"] = 3,
        ["Transforms"] = 4,
        ["Networks"] = 4,
        ["Evaluation"] = 5,
        ["Trainers"] = 5,
        ["Prediction"] = 5,
        ["Reports"] = 6,
        ["Experiments"] = 6,
    };

    private static readonly Assembly Library = typeof(SerPipelineException).Assembly;

    [Fact]
    public void Every_folder_of_the_library_has_its_layer() =>
        Assert.Equal(Layers.Keys.Order(StringComparer.Ordinal), SourceTree.FolderOfType.Values.Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_type_written_by_hand_is_found_in_a_folder()
    {
        string[] lost = [.. Library.GetTypes().Where(t => t.DeclaringType is null && FolderOf(t) is null
            && t.Namespace?.StartsWith("SerPipeline", StringComparison.Ordinal) == true).Select(t => t.FullName!)];
        Assert.Empty(lost);
        Assert.Equal("Transforms", FolderOf(typeof(TransformsCatalogExtensions)));
        Assert.Equal("Trainers", FolderOf(typeof(TrainersCatalog)));
    }

    [Fact]
    public void Compiled_code_uses_only_its_own_and_lower_layers()
    {
        var arrows = new HashSet<(string From, string To)>();
        foreach (Type type in Library.GetTypes())
            foreach (Type used in MethodBodies.UsedBy(type))
                if (FolderOf(type) is { } from && FolderOf(used) is { } to && from != to)
                {
                    Assert.True(Allowed(from, to), $"{type.FullName} ({from}) uses {used.FullName} ({to})");
                    arrows.Add((from, to));
                }
        // The scan sees method bodies and not only signatures, or it would miss most arrows.
        Assert.Contains(("Trainers", "Networks"), arrows);
        Assert.Contains(("Experiments", "Trainers"), arrows);
        Assert.DoesNotContain(arrows, a => a.To == "Experiments");
        Assert.Empty(Circle(arrows));
    }

    [Fact]
    public void Using_lines_name_only_their_own_and_lower_layers()
    {
        int seen = 0;
        foreach ((string path, string[] lines) in SourceTree.Files("SerPipeline"))
            foreach (Match match in lines.SelectMany(l => UsedNamespace().Matches(l)))
            {
                string from = path.Split('/')[0], to = match.Groups[1].Value;
                // The extension methods of higher folders stand in the grammar's namespace.
                if (from == to || !Layers.ContainsKey(to)) continue;
                Assert.True(Allowed(from, to), $"{path}: {match.Value}");
                seen++;
            }
        Assert.True(seen > 20);
    }

    [Theory]
    [InlineData("System.Console")]
    [InlineData("Microsoft.Extensions.Hosting")]
    [InlineData("Microsoft.AspNetCore")]
    public void The_library_knows_neither_console_nor_host(string assembly) =>
        Assert.DoesNotContain(Library.GetReferencedAssemblies(), a => a.Name!.StartsWith(assembly, StringComparison.Ordinal));

    [Fact]
    public void Namespaces_are_folders()
    {
        foreach ((string path, string[] lines) in SourceTree.Files("SerPipeline"))
        {
            string space = lines.Single(l => l.StartsWith("namespace ", StringComparison.Ordinal))["namespace ".Length..^1];
            string folder = path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')].Replace('/', '.') : "";
            // Extension methods stand where their users look for them.
            bool isCatalog = (path.EndsWith("Catalog.cs", StringComparison.Ordinal) && space == "SerPipeline")
                || space == "Microsoft.Extensions.DependencyInjection";
            Assert.True(isCatalog || space == (folder == "Common" ? "SerPipeline" : $"SerPipeline.{folder}"),
                $"{path} is in namespace {space}");
        }
    }

    [Theory]
    [InlineData("SerPipeline")]
    [InlineData("SerPipeline.Console")]
    [InlineData("SerPipeline.Tests")]
    [InlineData("samples")]
    public void No_source_file_has_more_than_350_lines(string project) =>
        Assert.Empty(SourceTree.Files(project).Where(f => f.Lines.Length > 350).Select(f => $"{project}/{f.Path}: {f.Lines.Length} lines"));

    [Theory]
    [InlineData("SerPipeline")]
    [InlineData("SerPipeline.Console")]
    [InlineData("SerPipeline.Tests")]
    [InlineData("samples")]
    public void No_line_is_longer_than_140_columns(string project) => Assert.Empty(
        SourceTree.Files(project).SelectMany(f => f.Lines.Index().Where(l => l.Item.Length > 140)
            .Select(l => $"{project}/{f.Path}:{l.Index + 1}: {l.Item.Length}")));

    private static bool Allowed(string from, string to) => Layers[to] <= Layers[from];

    private static string? FolderOf(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type.FullName is { } name && SourceTree.FolderOfType.TryGetValue(name.Split('`')[0], out string? folder) ? folder : null;
    }

    /// <summary>The folders left when those without an arrow to another one left are taken away again and again: none, unless there is a
    /// circle.</summary>
    private static string[] Circle(IReadOnlyCollection<(string From, string To)> arrows)
    {
        var left = Layers.Keys.ToHashSet();
        while (left.RemoveWhere(f => !arrows.Any(a => a.From == f && left.Contains(a.To))) > 0) { }
        return [.. left.Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"(?:^using (?:static )?|[^\w.])SerPipeline\.(\w+)")]
    private static partial Regex UsedNamespace();
}
