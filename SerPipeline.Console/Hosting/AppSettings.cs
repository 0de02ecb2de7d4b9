using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace SerPipeline.Console.Hosting;

/// <summary>The settings file beside the program, which people edit by hand.</summary>
internal static class AppSettings
{
    /// <summary>Its name.</summary>
    public const string FileName = "appsettings.json";

    /// <summary>Reads the file; empty where there is none.</summary>
    /// <param name="path">Its full path.</param>
    /// <exception cref="UsageException">It is no JSON, names a setting twice, or cannot be read.</exception>
    public static IConfiguration Read(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: true).Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The settings file '{path}' cannot be read: {(e.InnerException ?? e).Message} Correct it, or remove "
                + "it to use the defaults.");
        }
    }

    /// <summary>Requires that every level under <c>Logging</c> is one.</summary>
    /// <exception cref="UsageException">One is not.</exception>
    public static void RequireLogLevels(IConfiguration configuration)
    {
        foreach (IConfigurationSection part in configuration.GetSection("Logging").GetChildren())
        {
            IConfigurationSection levels = part.Key.Equals("LogLevel", StringComparison.OrdinalIgnoreCase) ? part
                : part.GetSection("LogLevel");
            foreach ((string key, string? level) in levels.AsEnumerable())
                if (!string.IsNullOrEmpty(level) && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
                    throw new UsageException($"The setting {key} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}, got "
                        + $"'{level}'.");
        }
    }
}
