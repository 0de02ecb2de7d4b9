using System.Text.RegularExpressions;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Docs;

/// <summary>The project's pages: their code compiles against the library as it is, and their links lead somewhere.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = Companions.Repository();

    public static TheoryData<string> Pages =>
    [
        "README.md", "benchmarks/README.md", "data/README.md", "samples/README.md",
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}")
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Code_compiles(string page) => Assert.Empty(CodeBlocks.Errors(Read(page)));

    [Theory]
    [InlineData("README.md", 2)]
    [InlineData("docs/guide.md", 15)]
    public void Pages_of_code_have_blocks_that_are_found(string page, int least) => Assert.True(CodeBlocks.Of(Read(page)).Count >= least);

    [Theory]
    [InlineData("string three = two;", "line 8: CS0029")]
    [InlineData("int three = two }", "line 8: CS")]
    public void A_block_that_does_not_compile_is_told_with_its_line(string wrong, string error)
    {
        string page = $"Text.\n```csharp\nint one = 1;\n```\nMore.\n```csharp\nint two = one + 1;\n{wrong}\n```\n";
        Assert.StartsWith(error, CodeBlocks.Errors(page)[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_to_files_and_headings(string page)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Root, page))!;
        foreach (Match link in Link().Matches(Read(page)))
        {
            string target = link.Groups[1].Value;
            if (target.Contains("://", StringComparison.Ordinal)) continue;
            string[] parts = target.Split('#');
            string path = parts[0].Length == 0 ? Path.Combine(Root, page) : Path.GetFullPath(Path.Combine(folder, parts[0]));
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{page} links to {target}, which is not there");
            if (parts.Length > 1)
                Assert.Contains(parts[1], Heading().Matches(File.ReadAllText(path)).Select(h => Anchor(h.Groups[1].Value)));
        }
    }

    private static string Read(string page) => File.ReadAllText(Path.Combine(Root, page)).ReplaceLineEndings("\n");

    // As Markdown renderers name headings: lower case, punctuation left out, hyphens for spaces.
    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Trim().Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
