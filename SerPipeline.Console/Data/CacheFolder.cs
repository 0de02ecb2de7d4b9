using SerPipeline.Console.Hosting;

namespace SerPipeline.Console.Data;

/// <summary>Where computed features and the demo corpus are kept between runs.</summary>
internal static class CacheFolder
{
    public static readonly OptionDefinition Option = new(
        "--cache", "DIR", "The folder for computed features and the demo corpus. Default: serpipeline/cache in the user's local data folder. SER_CACHE sets it too.")
    { IsGlobal = true };

    public static readonly OptionDefinition Off = OptionDefinition.Flag("--no-cache", "Compute all features anew and keep none.");

    /// <summary>The folder asked for, or the user's own.</summary>
    public static string Of(CommandInput input)
    {
        if (input.Text(Option) is { } given) return Path.GetFullPath(given);
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "serpipeline", "cache");
    }

    /// <summary>The folder of the feature cache, or null when it is switched off.</summary>
    public static string? FeaturesOf(CommandInput input) => input.Flag(Off) ? null : Path.Combine(Of(input), "features");
}
