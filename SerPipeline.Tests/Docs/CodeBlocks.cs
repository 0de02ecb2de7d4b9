using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SerPipeline.Tests.Docs;

/// <summary>
/// Compiles the C# blocks of a Markdown page one after another, as the cells of a notebook: each sees the usings, variables and types of
/// those before it. The first block stands alone, so that it can be pasted into an empty program.
/// </summary>
internal sealed class CodeBlocks
{
    private const string Fence = "```", Opening = "```csharp";

    // Those of the SDK's ImplicitUsings.
    private static readonly string[] ImplicitUsings =
    [
        "System", "System.IO", "System.Linq", "System.Collections.Generic", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
    ];

    // All that this program is made of: the library, its packages and .NET.
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    // By their own text, as they are compiled.
    private readonly Dictionary<string, string> _usings = ImplicitUsings.Select(space => $"using {space};").ToDictionary(text => text);
    private readonly Dictionary<string, string> _variables = [], _types = [];

    /// <summary>The blocks of a page, each with the number of its first line.</summary>
    public static IReadOnlyList<(int Line, string Code)> Of(string markdown)
    {
        string[] lines = markdown.Split('\n');
        var blocks = new List<(int, string)>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimEnd() != Opening) continue;
            int end = Array.FindIndex(lines, i + 1, line => line.TrimEnd() == Fence);
            if (end < 0)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The block of line {i + 1} has no end."));
            blocks.Add((i + 2, string.Join('\n', lines[(i + 1)..end])));
            i = end;
        }
        return blocks;
    }

    /// <summary>What the compiler has against a page's blocks, each with its line.</summary>
    public static IReadOnlyList<string> Errors(string markdown)
    {
        var page = new CodeBlocks();
        return [.. Of(markdown).SelectMany(block => page.Compile(block.Line, block.Code))];
    }

    private IEnumerable<string> Compile(int line, string code)
    {
        // The blank lines make errors name the page's line.
        CompilationUnitSyntax parsed = SyntaxFactory.ParseCompilationUnit(new string('\n', line - 1) + code);
        if (parsed.GetDiagnostics().Any()) return parsed.GetDiagnostics().Select(Text);
        foreach (UsingDirectiveSyntax directive in parsed.Usings) _usings.TryAdd(directive.ToString(), Mapped(directive));
        foreach (MemberDeclarationSyntax type in parsed.Members.Where(m => m is not GlobalStatementSyntax))
            _types[type is BaseTypeDeclarationSyntax named ? named.Identifier.Text : type.ToString()] = Mapped(type);
        // A method for the statements, so that using declarations and await are as in a program; variables of earlier blocks are fields.
        string source = $$"""
            {{string.Join('\n', _usings.Values)}}
            internal static class Cells
            {
            {{string.Join('\n', _variables.Select(v => $"    private static {v.Value} {v.Key} = default!;"))}}
                public static async Task Cell()
                {
                    await Task.Yield();
            {{string.Join('\n', parsed.Members.OfType<GlobalStatementSyntax>().Select(Mapped))}}
                }
            }
            {{string.Join('\n', _types.Values)}}
            """;
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source);
        var compilation = CSharpCompilation.Create("Page", [tree], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        SemanticModel model = compilation.GetSemanticModel(tree);
        BlockSyntax body = tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
            .First(method => method.Identifier.Text == "Cell").Body!;
        IEnumerable<LocalDeclarationStatementSyntax> declarations = body.Statements.OfType<LocalDeclarationStatementSyntax>();
        foreach (VariableDeclaratorSyntax variable in declarations.SelectMany(s => s.Declaration.Variables))
            if (model.GetDeclaredSymbol(variable) is ILocalSymbol { Type: { IsAnonymousType: false, TypeKind: not TypeKind.Error } } local)
                _variables[local.Name] = local.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(Text);
    }

    private static string Text(Diagnostic error)
    {
        int line = error.Location.GetMappedLineSpan().StartLinePosition.Line + 1;
        return string.Create(CultureInfo.InvariantCulture, $"line {line}: {error.Id} {error.GetMessage(CultureInfo.InvariantCulture)}");
    }

    private static string Mapped(SyntaxNode node) => string.Create(CultureInfo.InvariantCulture,
        $"#line {node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}\n{node}\n#line default");
}
