using SerPipeline.Console.ModelBuilder;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>Generated projects, which need nothing of this library, judge recordings by its very source.</summary>
public sealed class GeneratedQualityTests
{
    [Theory]
    [InlineData("RecordingQuality.cs")]
    [InlineData("QualityMeter.cs")]
    [InlineData("SpeechFrames.cs")]
    public void The_rules_are_the_library_s_line_by_line(string file)
    {
        string[] source = File.ReadAllLines(Path.Combine(Companions.Repository(), "SerPipeline", "Audio", file));
        string[] rules = [.. source.SkipWhile(line => !line.StartsWith("namespace ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.True(rules.Length > 80);
        string generated = Assert.Single(ProjectTemplates.ClassSources, text => text.Contains(rules[^5], StringComparison.Ordinal)
            && text.Contains(rules[5], StringComparison.Ordinal));
        string[] lines = [.. generated.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.Equal(rules, lines[Array.IndexOf(lines, rules[0])..][..rules.Length]);
        Assert.DoesNotContain("SerPipeline.", generated.Replace("SerPipeline {{Version}}", "", StringComparison.Ordinal)
            .Replace("of SerPipeline.", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
