using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>The samples of one file each; every one is built and run, which takes a while.</summary>
public sealed class ProgramSampleTests
{
    [Theory(Explicit = true)]
    [InlineData("first-chain.cs", "UAR")]
    [InlineData("light-gbm.cs", "recall")]
    [InlineData("own-network.cs", "a residual block")]
    [InlineData("cross-validation.cs", "speaker-5fold")]
    [InlineData("feature-importance.cs", "by group")]
    public void A_sample_runs_and_warns_of_nothing(string name, string says)
    {
        string samples = Path.Combine(Companions.Repository(), "samples");
        (int code, string output, string error) = Programs.RunApart("dotnet", "run", "-c", "Release", Path.Combine(samples, name));
        Assert.True(code == 0, output + error);
        Assert.Contains(says, output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(error);
    }

    [Fact]
    public void Each_is_short_and_is_run_by_the_test_above()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Companions.Repository(), "samples"),
            "*.cs").Order(StringComparer.Ordinal)];
        Assert.Equal(["cross-validation.cs", "feature-importance.cs", "first-chain.cs", "light-gbm.cs", "own-network.cs"],
            files.Select(file => Path.GetFileName(file)));
        Assert.All(files, file => Assert.InRange(File.ReadLines(file).Count(), 10, 60));
    }
}
