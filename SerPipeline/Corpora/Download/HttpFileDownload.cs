using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace SerPipeline.Corpora.Download;

/// <summary>
/// Downloads one file over HTTP: goes on with a part left from before (RFC 9110, Range with If-Range), tries again after failures that may pass,
/// and cuts off what is larger than it may be.
/// </summary>
internal sealed class HttpFileDownload(HttpClient client, CorpusFetchOptions options)
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Downloads a file. When this fails or is cancelled, what has come is kept beside it for the next time, unless it is known to be wrong.</summary>
    /// <param name="address">Where it lies.</param>
    /// <param name="path">Where it goes.</param>
    /// <param name="size">Its published size, or null.</param>
    /// <param name="greatest">The most it may have where no size was published.</param>
    /// <param name="progress">Told the bytes so far and all bytes.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task RunAsync(Uri address, string path, long? size, long greatest, Action<long, long?> progress, CancellationToken cancellation)
    {
        var part = new PartFile(path, address);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync(address, part, size, greatest, progress, cancellation).ConfigureAwait(false);
                part.Finish(path);
                return;
            }
            catch (PassingFailure failure)
            {
                if (attempt >= options.Attempts)
                    throw new DownloadException($"{address} could not be downloaded in {attempt} attempts; the last: {failure.Message}. "
                        + $"What has come is kept ({part.Path}): try again later, or with a mirror.", failure.InnerException);
                await Task.Delay(Pause(attempt, failure.RetryAfter), cancellation).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        TimeSpan pause = asked ?? options.FirstPause * Math.Pow(2, Math.Min(attempt - 1, 20));
        return pause < options.LongestPause ? pause : options.LongestPause;
    }

    private async Task AttemptAsync(Uri address, PartFile part, long? size, long greatest, Action<long, long?> progress, CancellationToken cancellation)
    {
        long limit = size ?? greatest;
        if (part.Length > limit) part.Delete();
        long have = part.Length;
        // Everything came, and only the end was missed.
        if (have > 0 && have == size) return;
        using HttpRequestMessage request = Request(address, part, have);
        using HttpResponseMessage response = await AnswerAsync(request, cancellation).ConfigureAwait(false);
        RequireSuccess(address, part, response);
        RequirePlain(address, response);
        have = StartOf(part, response, have);
        long? total = have > 0 ? response.Content.Headers.ContentRange!.Length ?? part.Total : response.Content.Headers.ContentLength;
        if (total is { } announced && (announced > limit || (size is not null && announced != size)))
            throw WrongSize(part, $"{address} is announced with {announced} bytes", size, greatest);
        long end = await CopyAsync(address, part, response, have, total ?? size, limit, progress, cancellation).ConfigureAwait(false);
        if (end > limit) throw WrongSize(part, $"{address} went on beyond {limit} bytes and was cut off", size, greatest);
        if (end < (total ?? size)) throw new PassingFailure(string.Create(CultureInfo.InvariantCulture, $"the answer ended after {end} of {total ?? size} bytes"));
    }

    private static HttpRequestMessage Request(Uri address, PartFile part, long have)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("SerPipeline", "1.0"));
        // Sizes, checksums and ranges are those of the file itself, not of a form compressed for the way.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (have == 0) return request;
        request.Headers.Range = new RangeHeaderValue(have, null);
        // Without this a server whose file has changed would send the end of another file.
        request.Headers.TryAddWithoutValidation("If-Range", part.Validator);
        return request;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.AnswerTimeout);
        // The handler writes where a redirect leads into the request.
        Uri address = request.RequestUri!;
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new PassingFailure(e.Message, e);
        }
        // What the handler throws for an address that it cannot ask; a client that was disposed of is the caller's mistake.
        catch (Exception e) when (e is UriFormatException or NotSupportedException or (InvalidOperationException and not ObjectDisposedException))
        {
            throw new DownloadException($"{address} was expected to be, or to lead to, an address that starts with http:// or https://, but it leads to what cannot be asked ({e.Message}). "
                + "The corpus may have moved: look at its page, and give a mirror's address.", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingFailure($"no answer within {options.AnswerTimeout.TotalSeconds:0.#} s", e);
        }
    }

    private static void RequireSuccess(Uri address, PartFile part, HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent) return;
        var status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            part.Delete();
            throw new PassingFailure("the server has no bytes beyond those that had come, so the download starts over");
        }
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500)
            throw new PassingFailure($"the server answered {status} {response.ReasonPhrase}") { RetryAfter = response.Headers.RetryAfter?.Delta };
        throw new DownloadException($"{address} was expected to be a file, but the server answered {status} {response.ReasonPhrase}. "
            + "The corpus may have moved: look at its page, and give a mirror's address.");
    }

    private static void RequirePlain(Uri address, HttpResponseMessage response)
    {
        string[] encodings = [.. response.Content.Headers.ContentEncoding.Where(name => !name.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        if (encodings.Length > 0)
            throw new DownloadException($"{address} was asked for as it is, but the server answered with the content encoding {string.Join(", ", encodings)}, "
                + "in which neither size nor checksum can be checked. Give a mirror's address, or download the archive by hand.");
    }

    // From which byte the answer goes on: a server that ignores the range, or whose file has changed, begins anew with 200.
    private static long StartOf(PartFile part, HttpResponseMessage response, long have)
    {
        if (response.StatusCode != HttpStatusCode.PartialContent) return 0;
        bool follows = have > 0 && response.Content.Headers.ContentRange?.From == have;
        if (follows && !IsOfAnotherVersion(part, response)) return have;
        part.Delete();
        throw new PassingFailure(follows
            ? "the server went on with another version of the file, so the download starts over"
            : "the server sent another part than was asked for, so the download starts over");
    }

    // A server may go on in spite of If-Range. What it says of the version then has to be what it said at the start; what it leaves out cannot be compared.
    private static bool IsOfAnotherVersion(PartFile part, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentRange?.Length is { } total && part.Total is { } before && total != before) return true;
        if (ValidatorOf(response) is { } named) return named != part.Validator;
        // A weak tag in the place of a strong one no longer promises the same bytes.
        return response.Headers.ETag is not null && part.Validator is ['"', ..];
    }

    private async Task<long> CopyAsync(
        Uri address, PartFile part, HttpResponseMessage response, long have, long? total, long limit, Action<long, long?> progress, CancellationToken cancellation)
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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new PassingFailure($"the connection to {address.Host} broke off: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingFailure($"nothing came for {options.StallTimeout.TotalSeconds:0.#} s", e);
        }
    }

    // A weak tag says only that two versions mean the same, not that their bytes do.
    private static string? ValidatorOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);

    private static DownloadException WrongSize(PartFile part, string what, long? size, long greatest)
    {
        part.Delete();
        string expected = size is not null ? $"{size} bytes, as published" : $"at most {greatest} bytes";
        return new DownloadException($"{what}; expected {expected}. It is not the corpus, or a new version of it, and nothing was kept.");
    }

    private sealed class PassingFailure(string message, Exception? cause = null) : Exception(message, cause)
    {
        public TimeSpan? RetryAfter { get; init; }
    }
}
