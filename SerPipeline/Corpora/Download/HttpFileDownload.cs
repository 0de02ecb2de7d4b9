using System.Net;
using System.Net.Http.Headers;

namespace SerPipeline.Corpora.Download;

/// <summary>
/// Downloads one file over HTTP: resumes a partial download (RFC 9110, Range with If-Range), retries after transient failures, and stops
/// when the file exceeds its limit.
/// </summary>
internal sealed class HttpFileDownload(HttpClient client, CorpusFetchOptions options)
{
    private const int BufferBytes = 1 << 17;

    /// <summary>
    /// Downloads a file. After a failure or cancellation the partial download is kept beside it, unless it is known to be wrong.
    /// </summary>
    /// <param name="address">The address of the file.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="size">The published size in bytes, or null.</param>
    /// <param name="maxBytes">The limit where no size is published.</param>
    /// <param name="progress">Receives the bytes so far and all bytes.</param>
    /// <param name="cancellation">Stops the download.</param>
    public async Task RunAsync(Uri address, string path, long? size, long maxBytes, Action<long, long?> progress,
        CancellationToken cancellation)
    {
        var part = new PartFile(path, address);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync(address, part, size, maxBytes, progress, cancellation).ConfigureAwait(false);
                part.Finish(path);
                return;
            }
            catch (TransientFailure failure)
            {
                if (attempt >= options.Attempts)
                    throw new DownloadException($"{address} could not be downloaded in {attempt} attempts; the last: {failure.Message}. "
                        + $"The partial download is kept ({part.Path}): try again later, or with a mirror.", failure.InnerException);
                await Task.Delay(Delay(attempt, failure.RetryAfter), cancellation).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan Delay(int attempt, TimeSpan? retryAfter)
    {
        TimeSpan delay = retryAfter ?? options.InitialDelay * Math.Pow(2, Math.Min(attempt - 1, 20));
        return delay < options.MaxDelay ? delay : options.MaxDelay;
    }

    private async Task AttemptAsync(Uri address, PartFile part, long? size, long maxBytes, Action<long, long?> progress,
        CancellationToken cancellation)
    {
        long limit = size ?? maxBytes;
        if (part.Length > limit) part.Delete();
        long have = part.Length;
        // The part is complete; only the renaming is missing.
        if (have > 0 && have == size) return;
        using HttpRequestMessage request = Request(address, part, have);
        using HttpResponseMessage response = await AnswerAsync(request, cancellation).ConfigureAwait(false);
        RequireSuccess(address, part, response);
        RequirePlain(address, response);
        have = StartOf(part, response, have);
        long? total = have > 0 ? response.Content.Headers.ContentRange!.Length ?? part.Total : response.Content.Headers.ContentLength;
        if (total is { } announced && (announced > limit || (size is not null && announced != size)))
            throw WrongSize(part, $"{address} is announced with {announced} bytes", size, maxBytes);
        long end = await CopyAsync(address, part, response, have, total ?? size, limit, progress, cancellation).ConfigureAwait(false);
        if (end > limit) throw WrongSize(part, $"{address} has more than {limit} bytes", size, maxBytes);
        if (end < (total ?? size))
            throw new TransientFailure($"the answer ended after {end} of {total ?? size} bytes");
    }

    private static HttpRequestMessage Request(Uri address, PartFile part, long have)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("SerPipeline", "1.0"));
        // Sizes, checksums and ranges are those of the uncompressed file.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (have == 0) return request;
        request.Headers.Range = new RangeHeaderValue(have, null);
        // Without If-Range a server whose file has changed would send the end of another file.
        request.Headers.TryAddWithoutValidation("If-Range", part.Validator);
        return request;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.ResponseTimeout);
        // The handler replaces the request's address when it follows a redirect.
        Uri address = request.RequestUri!;
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new TransientFailure(e.Message, e);
        }
        // What the handler throws for an unusable address; a disposed client is the caller's mistake.
        catch (Exception e) when (
            e is UriFormatException or NotSupportedException or (InvalidOperationException and not ObjectDisposedException))
        {
            throw new DownloadException($"{address} was expected to be, or to lead to, an address that starts with http:// or https://, "
                + $"but it leads to an unusable address ({e.Message}). The corpus may have moved: look at its page, and give a mirror's "
                + "address.", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientFailure($"no answer within {options.ResponseTimeout.TotalSeconds:0.#} s", e);
        }
    }

    private static void RequireSuccess(Uri address, PartFile part, HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent) return;
        var status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            part.Delete();
            throw new TransientFailure("the server has no bytes beyond those that had come, so the download starts over");
        }
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500)
            throw new TransientFailure($"the server answered {status} "
                + $"{response.ReasonPhrase}")
            { RetryAfter = response.Headers.RetryAfter?.Delta };
        throw new DownloadException($"{address} was expected to be a file, but the server answered {status} {response.ReasonPhrase}. The "
            + "corpus may have moved: look at its page, and give a mirror's address.");
    }

    private static void RequirePlain(Uri address, HttpResponseMessage response)
    {
        string[] encodings = [.. response.Content.Headers.ContentEncoding.Where(name => !name.Equals("identity",
            StringComparison.OrdinalIgnoreCase))];
        if (encodings.Length > 0)
            throw new DownloadException($"{address} was requested uncompressed, but the server answered with the content encoding "
                + $"{string.Join(", ", encodings)}, in which neither size nor checksum can be checked. Give a mirror's address, or "
                + "download the archive by hand.");
    }

    // The first byte of the response: a server that ignores the range, or whose file has changed, starts over with 200.
    private static long StartOf(PartFile part, HttpResponseMessage response, long have)
    {
        if (response.StatusCode != HttpStatusCode.PartialContent) return 0;
        bool follows = have > 0 && response.Content.Headers.ContentRange?.From == have;
        if (follows && !IsOfAnotherVersion(part, response)) return have;
        part.Delete();
        throw new TransientFailure(follows ? "the server went on with another version of the file, so the download starts over"
            : "the server sent another part than was asked for, so the download starts over");
    }

    // A server may ignore If-Range. The version it then states must be the one it stated at the start.
    private static bool IsOfAnotherVersion(PartFile part, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentRange?.Length is { } total && part.Total is { } before && total != before) return true;
        if (ValidatorOf(response) is { } named) return named != part.Validator;
        // A weak tag in place of a strong one does not promise the same bytes.
        return response.Headers.ETag is not null && part.Validator is ['"', ..];
    }

    private async Task<long> CopyAsync(
        Uri address, PartFile part, HttpResponseMessage response, long have, long? total, long limit, Action<long, long?> progress,
        CancellationToken cancellation)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using FileStream file = part.Open(have > 0, ValidatorOf(response), total);
        byte[] buffer = new byte[BufferBytes];
        long end = have;
        progress(end, total);
        while (end <= limit)
        {
            int read = await ReadAsync(address, body, buffer, cancellation).ConfigureAwait(false);
            if (read == 0) break;
            end += read;
            if (end > limit) break;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress(end, total);
        }
        return end;
    }

    private async Task<int> ReadAsync(Uri address, Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, timeout.Token).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new TransientFailure($"the connection to {address.Host} was lost: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientFailure($"no data for {options.StallTimeout.TotalSeconds:0.#} s", e);
        }
    }

    // A weak tag means equivalent content, not the same bytes.
    private static string? ValidatorOf(HttpResponseMessage response) => response.Headers.ETag is { IsWeak: false } tag ? tag.Tag
            : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);

    private static DownloadException WrongSize(PartFile part, string what, long? size, long maxBytes)
    {
        part.Delete();
        string expected = size is not null ? $"{size} bytes, as published" : $"at most {maxBytes} bytes";
        return new DownloadException($"{what}; expected {expected}. It is not the corpus, or a new version of it, and nothing was kept.");
    }

    private sealed class TransientFailure(string message, Exception? cause = null) : Exception(message, cause)
    {
        public TimeSpan? RetryAfter { get; init; }
    }
}

/// <summary>A partial download, and the server's validator of the version it is part of.</summary>
internal sealed class PartFile(string path, Uri address)
{
    private string TagPath => Path + ".tag";

    public string Path { get; } = path + ".part";

    /// <summary>The bytes that can be resumed: 0 when the version is unknown.</summary>
    public long Length => Validator is null || !File.Exists(Path) ? 0 : new FileInfo(Path).Length;

    /// <summary>A strong entity tag or a date, for If-Range; null when there is none for this address.</summary>
    public string? Validator => Tag is [_, { Length: > 0 } validator, ..] ? validator : null;

    /// <summary>The size of the whole file as the server announced it at the start; null when it did not.</summary>
    public long? Total => Tag is [_, _, var total, ..]
        && long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;

    // Address, validator and total, a line each; null when the part is of another address.
    private string[]? Tag => File.Exists(TagPath) && File.ReadAllLines(TagPath) is [var from, ..] lines
        && from == address.AbsoluteUri ? lines : null;

    /// <summary>Opens the file for more bytes.</summary>
    /// <param name="append">Whether to resume; otherwise the file starts over.</param>
    /// <param name="validator">The server's entity tag or date, or null.</param>
    /// <param name="total">The size of the whole file, or null.</param>
    public FileStream Open(bool append, string? validator, long? total)
    {
        if (!append) Start(validator, total);
        return new FileStream(Path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
    }

    public void Finish(string path)
    {
        File.Move(Path, path, overwrite: true);
        File.Delete(TagPath);
    }

    public void Delete()
    {
        File.Delete(TagPath);
        File.Delete(Path);
    }

    // The old bytes go first: a tag must never stand beside bytes of another version.
    private void Start(string? validator, long? total)
    {
        Delete();
        if (validator is not null)
            AtomicFile.WriteAllText(TagPath, string.Create(CultureInfo.InvariantCulture, $"{address.AbsoluteUri}\n{validator}\n{total}\n"));
    }
}
