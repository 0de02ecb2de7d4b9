using System.Diagnostics;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>A generated web API in a process of its own, on the loopback device.</summary>
internal sealed class WebApi : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly Process _process;

    private WebApi(Process process, HttpClient client) => (_process, Client) = (process, client);

    public HttpClient Client { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="assembly">Its assembly.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="temporary">Where it keeps temporary files on systems that go by TMPDIR; the user's folder when null.</param>
    public static async Task<WebApi> StartAsync(string assembly, CancellationToken cancellation, string? temporary = null)
    {
        // It would read settings that lie in the working folder.
        var start = new ProcessStartInfo("dotnet", ["exec", assembly, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(assembly)
        };
        if (temporary is not null) start.Environment["TMPDIR"] = temporary;
        var api = new WebApi(Process.Start(start)!, new HttpClient());
        try
        {
            await api.ListenAsync(cancellation);
            return api;
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop, as an operator does, and waits until it has.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        Assert.Equal(0, Programs.Run("kill", "-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)).ExitCode);
        await _process.WaitForExitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        _process.BeginErrorReadLine();
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at < 0) continue;
            Client.BaseAddress = new Uri(line[(at + Listening.Length)..].Trim());
            // Read on: a full pipe would stop the server.
            _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return;
        }
        throw new InvalidOperationException("The web API ended before it listened.");
    }
}
