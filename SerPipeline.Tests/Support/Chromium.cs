using PuppeteerSharp;

namespace SerPipeline.Tests.Support;

/// <summary>A headless Chromium of the test's own, where one is installed.</summary>
internal static class Chromium
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    /// <summary>Starts a browser; skips the running test where there is none. Disposing it ends the browser's process.</summary>
    /// <param name="profile">A new empty folder for its profile.</param>
    public static async Task<IBrowser> StartAsync(string profile)
    {
        string? program = Find();
        Assert.SkipUnless(program is not null,
            $"needs Chromium: {string.Join(", ", Names)} on the PATH, or its program in the variable SER_CHROMIUM");
        return await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            UserDataDir = profile,
            // Without a sandbox, because builds often run as root, where Chromium refuses it; without any call home.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--mute-audio"],
        });
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("SER_CHROMIUM");
        if (!string.IsNullOrEmpty(named)) return File.Exists(named) ? named : null;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
