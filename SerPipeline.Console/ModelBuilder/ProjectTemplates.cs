using System.Reflection;
using System.Security;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>The text files of a generated project: resources with names in double braces.</summary>
internal static partial class ProjectTemplates
{
    // The versions that generated projects were built and run with.
    private const string MlNetVersion = "5.0.1", OnnxRuntimeVersion = "1.31.1";

    // Each file of a project, and the template, or sources of the library, that it is made from.
    private static readonly (string Path, string Resource)[] Files =
    [
        ("{{Name}}.consumption.cs", "consumption.cs.txt"),
        ("{{Name}}.audio.cs", "audio.cs.txt"),
        ("{{Name}}.quality.cs", "RecordingQuality.cs"),
        ("{{Name}}.speech.cs", "QualityMeter.cs SpeechFrames.cs"),
        ("{{Name}}.training.cs", "training.cs.txt"),
        ("{{Name}}.evaluate.cs", "evaluate.cs.txt"),
        ("{{Name}}_ConsoleApp1/{{Name}}_ConsoleApp1.csproj", "ConsoleApp.csproj.txt"),
        ("{{Name}}_ConsoleApp1/Program.cs", "ConsoleApp.cs.txt"),
        ("{{Name}}_WebApi1/{{Name}}_WebApi1.csproj", "WebApi.csproj.txt"),
        ("{{Name}}_WebApi1/Program.cs", "WebApi.cs.txt"),
        ("README.md", "README.md.txt"),
    ];

    /// <summary>The templates of the class that predicts.</summary>
    public static IEnumerable<string> ClassSources => Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)
        && !IsProgram(file.Path)).Select(file => Read(file.Resource));

    /// <summary>The templates of the programs that use it.</summary>
    public static IEnumerable<string> ProgramSources => Files.Where(file => IsProgram(file.Path)).Select(file => Read(file.Resource));

    /// <summary>The files of a project, by their paths within it.</summary>
    /// <param name="name">The class.</param>
    /// <param name="space">Its namespace.</param>
    /// <param name="model">The model.</param>
    /// <param name="training">How it was trained, as Markdown.</param>
    public static IReadOnlyList<(string Path, string Text)> Render(string name, string space, GeneratedModel model, string training)
    {
        var values = new Dictionary<string, string>
        {
            ["Name"] = name,
            ["Namespace"] = space,
            ["Version"] = Plain(model.Document.LibraryVersion),
            ["Labels"] = Plain(string.Join(", ", model.Document.Labels)),
            ["SampleRateHz"] = Text(model.Document.SampleRateHz!.Value),
            ["ZeroCrossings"] = Text(model.Resampler.ZeroCrossings),
            ["KaiserBeta"] = Text(model.Resampler.KaiserBeta),
            ["RollOff"] = Text(model.Resampler.RollOff),
            ["Input"] = model.Document.WaveformColumn!,
            ["Score"] = model.Document.ScoreColumn,
            ["Packages"] = string.Join('\n',
                model.Packages.Select(name => $"    <PackageReference Include=\"{SecurityElement.Escape(name)}\" "
                    + $"Version=\"{VersionOf(name)}\" />")),
            ["PackageNames"] = string.Join(", ", model.Packages.Select(name => $"`{Plain(name)}`")),
            ["Training"] = Markdown(training),
        };
        return [.. Files.Select(file => (Fill(file.Path, values), Fill(Read(file.Resource), values)))];
    }

    private static bool IsProgram(string path) => path.EndsWith("/Program.cs", StringComparison.Ordinal);

    private static string VersionOf(string package) => package == "Microsoft.ML.OnnxRuntime" ? OnnxRuntimeVersion : MlNetVersion;

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Fill(string template, Dictionary<string, string> values) => Token().Replace(template,
        match => values[match.Groups[1].Value]);

    // A model's labels and version stand in comments of C# that are XML, and in Markdown. Whatever a model says, it ends no comment: C#
    // takes the separators of lines and paragraphs
    // for line ends too.
    private static string Plain(string text) => string.Concat(text.Select(c => EndsLine(c) || c is '<' or '>' or '&' or '`' or '|' ? ' '
        : c));

    // Text of several lines, which stands in Markdown alone and brings its own marks.
    private static string Markdown(string text) => string.Concat(text.Select(c => EndsLine(c) && c != '\n' ? ' ' : c));

    private static bool EndsLine(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    private static string Read(string resource) =>
        resource.EndsWith(".txt", StringComparison.Ordinal) ? Source(resource) : Nested(resource.Split(' ').Select(Source));

    private static string Source(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"ModelBuilder.{resource}")
            ?? throw new InvalidOperationException($"There is no resource {resource}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    // Sources of the library, within the class that predicts, so that several models go into one project.
    private static string Nested(IEnumerable<string> sources)
    {
        // Without their namespace.
        string body = string.Join("\n\n",
            sources.Select(source => source[(source.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim('\n')));
        IEnumerable<string> lines = body.Split('\n').Select(line => line.Length == 0 ? line : "    " + line);
        return $$$"""
            // This file was generated by SerPipeline {{Version}} (ser generate). It needs nothing of SerPipeline.
            using System;
            using System.Collections.Generic;
            using System.Linq;
            using System.Runtime.InteropServices;
            using System.Runtime.Intrinsics;

            namespace {{Namespace}};

            // How SerPipeline judges recordings before a model is asked: the same source.
            public partial class {{Name}}
            {
            {{{string.Join('\n', lines)}}}
            }

            """;
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Token();
}
