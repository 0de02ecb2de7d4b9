using System.Reflection;
using System.Text.RegularExpressions;
using SerPipeline.Features;
using SerPipeline.Tests.Architecture;

namespace SerPipeline.Tests.Features;

/// <summary>Every feature class has its ONNX form beside it: <c>LogMelFeature</c> and <c>LogMelExtractor</c> have
/// <c>LogMelOnnx</c>.</summary>
public sealed partial class OnnxFormTests
{
    // Features without an ONNX form, and why. A chain cannot be exported with them.
    private static readonly Dictionary<string, string> WithoutForm = new()
    {
        [nameof(MfccExtractor)] = "No stage of a chain: PaperMfcc and UtteranceFeatures use its parts, LogMelOnnx and DctOnnx.",
        [nameof(ContourFunctionals)] = "Takes statistics of contours: see StatisticsOnnx.",
    };

    // ONNX forms without a class of the same name, and what they are the form of.
    private static readonly Dictionary<string, string> OfOthers = new()
    {
        ["PaddingOnnx"] = "LoadAudioOptions.MinimumSeconds",
        ["SyllablesOnnx"] = "The syllable count of RhythmFunctionals.",
    };

    private static readonly Type[] Types =
        [.. typeof(LogMelExtractor).Assembly.GetTypes()
            .Where(t => t.Namespace is "SerPipeline.Features" or "SerPipeline.Audio" && !t.IsNested)];

    private static readonly string[] Features = [.. Types.Where(IsFeature).Select(t => t.Name)];

    private static readonly string[] Forms = [.. Types.Select(t => t.Name).Where(n => n.EndsWith("Onnx", StringComparison.Ordinal))];

    [Fact]
    public void Features_are_found() =>
        Assert.Superset(
            new HashSet<string>
            {
                nameof(LogMelExtractor), nameof(LogMelFeature), nameof(PaperMfcc), nameof(UtteranceFeatures), nameof(SpectrogramRenderer),
                nameof(Chroma), nameof(Spectral), nameof(Yin), nameof(Rms), nameof(Deltas), nameof(VoiceFunctionals),
            },
            Features.ToHashSet());

    [Fact]
    public void Every_feature_has_an_ONNX_form_or_a_reason() =>
        Assert.Equal(WithoutForm.Keys.Order(StringComparer.Ordinal),
            Features.Where(f => !Forms.Contains(FormOf(f))).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_ONNX_form_belongs_to_a_class() =>
        Assert.Equal(OfOthers.Keys.Order(StringComparer.Ordinal),
            Forms.Except(Types.Select(t => FormOf(t.Name))).Order(StringComparer.Ordinal));

    [Fact]
    public void A_form_stands_in_the_file_of_its_feature_or_the_file_beside_it()
    {
        foreach (string feature in Features.Except(WithoutForm.Keys))
        {
            string file = FileOf(feature), form = FileOf(FormOf(feature));
            Assert.True(form == file || form == file[..^".cs".Length] + "Onnx.cs", $"{feature} is in {file}, its ONNX form in {form}");
        }
    }

    // A class with a method from samples, a matrix or contours to features, its own or its base's. Samples to levels (Audio) are no
    // features.
    private static bool IsFeature(Type type) => type is { Namespace: "SerPipeline.Features", IsClass: true }
        && (!type.IsAbstract || type.IsSealed)
        && (typeof(IFrameFeature).IsAssignableFrom(type) || typeof(IFunctional).IsAssignableFrom(type)
            || type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                .Any(IsExtraction));

    private static bool IsExtraction(MethodInfo method) => method.DeclaringType!.IsPublic && !method.IsSpecialName
        && method.GetParameters() is [{ ParameterType: var input }, ..]
        && (input == typeof(ReadOnlySpan<float>) || input == typeof(FrameMatrix))
        && (method.ReturnType == typeof(FrameMatrix) || method.ReturnType == typeof(float[]) || method.ReturnType == typeof(PitchTrack)
            || method.ReturnType == typeof(SpectrogramPixels));

    private static string FormOf(string feature) => Suffix().Replace(feature, "") + "Onnx";

    private static string FileOf(string type) => SourceTree.Files("SerPipeline")
        .First(f => f.Path.StartsWith("Features/", StringComparison.Ordinal)
            && f.Lines.Any(l => Regex.IsMatch(l, $@"^(public|internal) .*\b(class|record) {type}\b"))).Path;

    [GeneratedRegex("(Extractor|Feature|Functionals)$")]
    private static partial Regex Suffix();
}
