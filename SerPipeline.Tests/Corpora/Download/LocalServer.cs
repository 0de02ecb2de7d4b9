using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>What a client asked for.</summary>
internal sealed record Asked(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("range");

    public string? IfRange => Headers.GetValueOrDefault("if-range");

    /// <summary>The first byte asked for.</summary>
    public int From => Range is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
}

/// <summary>What the server says.</summary>
internal sealed record Answer(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>How much of the body is sent before the connection is cut; null for all.</summary>
    public int? CutAfter { get; init; }

    /// <summary>The length announced; null for the body's, below 0 for none.</summary>
    public long? Announced { get; init; }

    /// <summary>Whether the body's last byte never comes, and neither does the end.</summary>
    public bool Stalls { get; init; }
}

/// <summary>A server on the loopback address that does exactly what a test says, mistakes included.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Asked, Answer> _answer;
    private readonly Task _loop;
    private readonly List<Asked> _asked = [];

    public LocalServer(Func<Asked, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Everything asked for so far.</summary>
    public IReadOnlyList<Asked> Requests
    {
        get { lock (_asked) return [.. _asked]; }
    }

    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}");

    /// <summary>Serves one file as it should be: with ranges, and with a tag.</summary>
    public static Answer Serve(Asked asked, byte[] file, string tag = "\"one\"")
    {
        bool part = asked.Range is not null && (asked.IfRange is null || asked.IfRange == tag);
        byte[] body = part ? file[asked.From..] : file;
        var headers = new Dictionary<string, string> { ["ETag"] = tag };
        if (part) headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture,
            $"bytes {asked.From}-{file.Length - 1}/{file.Length}");
        return new Answer(part ? 206 : 200, body) { Headers = headers };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await OneAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException) { }
    }

    private async Task OneAsync(TcpClient client)
    {
        try
        {
            NetworkStream stream = client.GetStream();
            if (await ReadAsync(stream) is not { } asked) return;
            lock (_asked) _asked.Add(asked);
            Answer answer = _answer(asked);
            var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
                $"HTTP/1.1 {answer.Status} Said\r\nConnection: close\r\n"));
            long announced = answer.Announced ?? answer.Body.Length;
            if (announced >= 0) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {announced}\r\n");
            foreach ((string name, string value) in answer.Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
            await stream.WriteAsync(answer.Body.AsMemory(0,
                answer.CutAfter ?? (answer.Stalls ? answer.Body.Length - 1 : answer.Body.Length)), _stop.Token);
            // Until the client hangs up.
            if (answer.Stalls) _ = await stream.ReadAsync(new byte[1], _stop.Token);
        }
        // A client that cuts off an oversized answer hangs up on the server.
        catch (IOException) { }
    }

    private async Task<Asked?> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            text.Append((char)one[0]);
        }
        string[] lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new Asked(lines[0].Split(' ')[1],
            lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]));
    }
}
