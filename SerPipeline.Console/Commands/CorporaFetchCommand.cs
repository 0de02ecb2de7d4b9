using SerPipeline.Corpora.Download;
using Spectre.Console;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser corpora fetch</c>: downloads a corpus from its official address, licence first.</summary>
internal sealed class CorporaFetchCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private static readonly OptionDefinition Data = new("--data", "DIR",
        "The folder of corpora; each gets its own folder in it. Default: data.");
    private static readonly OptionDefinition From = new("--from", "URL",
        "Download the archive from this mirror; it is verified like the official one.");
    private static readonly OptionDefinition Accept = OptionDefinition.Flag("--accept-licence",
        "Confirm that you have read the licence and accept its terms. Without it, you are asked on a terminal.");
    private static readonly OptionDefinition Force = OptionDefinition.Flag("--force",
        "Download again even if the corpus is there; the old folder is replaced once the new one is complete.");

    public static CommandDefinition Definition { get; } = new(
        "fetch",
        "Download a corpus from its official address: show the licence, download (resuming a partial download), "
            + "verify the checksum, unpack.",
        typeof(CorporaFetchCommand))
    {
        Operand = new OperandDefinition("NAME", $"{string.Join(", ", CorpusDownloads.Names)}.", IsSeveral: false),
        Options = [Data, Accept, From, Force],
        Examples =
        [
            ("ser corpora fetch emodb", "shows the licence of EMO-DB, asks, and puts it into data/EMO-DB"),
            ("ser corpora fetch ravdess --data corpora --accept-licence", "the speech of RAVDESS into corpora/RAVDESS, without a question"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string name = input.Operands[0], data = input.Text(Data) ?? "data";
        bool accept = input.Flag(Accept), force = input.Flag(Force);
        Uri? from = Mirror(input);
        input.Require(CorpusDownloads.Names.Contains(name, StringComparer.OrdinalIgnoreCase),
            $"There is no corpus '{name}' to fetch: {Spelling.List(CorpusDownloads.Names)}.{Spelling.Hint(name, CorpusDownloads.Names)}");
        input.Check();
        CorpusDownload corpus = CorpusDownloads.Find(name);
        State(corpus);
        if (CorpusFetcher.IsPresent(corpus, data) && !force)
        {
            terminal.Result($"{CorpusFetcher.FolderOf(corpus, data)} is there already; nothing was done. --force fetches it again.");
            return ExitCode.Done;
        }
        if (corpus.Archive is not { } archive)
        {
            terminal.Message($"error: {corpus.Facts.Title} cannot be downloaded from here.");
            terminal.Message(corpus.Instructions!);
            return ExitCode.Failed;
        }
        if (!accept && !Agrees(cancellation)) return ExitCode.Failed;
        terminal.Result($"From {from ?? archive.Address}");
        Tell(corpus, archive, Fetch(corpus, archive, data, from, force, cancellation));
        return ExitCode.Done;
    }

    private static Uri? Mirror(CommandInput input)
    {
        if (input.Text(From) is not { } text) return null;
        bool known = Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https";
        input.Require(known, $"--from must be an address that starts with http:// or https://, got '{text}'.");
        return known ? address : null;
    }

    private void State(CorpusDownload corpus)
    {
        terminal.Result(corpus.Facts.Title);
        terminal.Result($"Licence: {corpus.Licence}. {corpus.Terms}");
        terminal.Result($"Cite: {corpus.Facts.Citation}");
        terminal.Result($"Page: {corpus.Page}");
        terminal.Result("The corpus belongs to its authors. Reading their licence and keeping its terms is up to you.");
    }

    private bool Agrees(CancellationToken cancellation)
    {
        if (!terminal.ErrorIsInteractive || System.Console.IsInputRedirected)
            throw new UsageException("--accept-licence is needed where nobody can be asked: it confirms that you have read the licence "
                + "above and accept its terms.");
        var question = new ConfirmationPrompt("Do you accept the licence?") { DefaultValue = false };
        if (question.ShowAsync(terminal.Error, cancellation).GetAwaiter().GetResult()) return true;
        terminal.Message("Nothing was downloaded.");
        return false;
    }

    private CorpusFetchResult Fetch(CorpusDownload corpus, CorpusArchive archive, string data, Uri? from, bool force,
        CancellationToken cancellation)
    {
        using HttpClient client = CorpusFetcher.CreateClient();
        try
        {
            return progress.Run(scope =>
            {
                var steps = new FetchProgress(scope, corpus.Name, archive.SizeBytes ?? archive.UnpackedBytes);
                CorpusFetchResult result = new CorpusFetcher(client)
                    .FetchAsync(corpus, data, from, force, steps, cancellation).GetAwaiter().GetResult();
                steps.Complete();
                return result;
            });
        }
        catch (OperationCanceledException)
        {
            terminal.Message("The part downloaded so far is kept; run the same command again to resume.");
            throw;
        }
    }

    private void Tell(CorpusDownload corpus, CorpusArchive archive, CorpusFetchResult result)
    {
        terminal.Result($"{Format.Count(result.Clips, "audio file")} in {result.Folder}");
        terminal.Result(archive switch
        {
            { Checksum: { } checksum } =>
                $"Verified: the archive has the {checksum.Algorithm} that {checksum.Publisher} publishes, {checksum.Value}.",
            { Listing: { } listing } => $"Verified: every clip has the checksum that {listing.Publisher} publishes for it.",
            _ => "No checksum is published for this archive: its own CRC-32s and the number of clips were checked.",
        });
        terminal.Result($"SHA-256 of the archive: {result.Sha256} (kept in {result.Folder}.sha256)");
        if (result.EarlierSha256 is { } earlier)
            terminal.Message($"warning: an earlier fetch had another archive, with the SHA-256 {earlier}. Archives that are built anew "
                + "for each download differ; a published file should not.");
        string format = corpus.Facts.Name;
        Corpus loaded = CorpusLoader.Load(format, result.Folder);
        terminal.Result($"Read as {format}: {Format.Count(loaded.Clips.Count, "clip")} of {Format.Count(loaded.Labels.Count, "label")}. "
            + $"ser corpora --corpus {format} --data {Spelling.Argument(result.Folder)} tells more.");
    }
}

/// <summary>Shows a fetch as a piece of work a step, in megabytes.</summary>
internal sealed class FetchProgress(IProgressScope scope, string name, long expectedBytes) : IProgress<CorpusFetchProgress>
{
    private CorpusFetchStep? _step;
    private IProgressStage? _stage;

    /// <inheritdoc/>
    public void Report(CorpusFetchProgress value)
    {
        if (value.Step != _step)
        {
            Complete();
            _step = value.Step;
            // A server that builds its archive while it sends it does not say how large it will be.
            _stage = scope.Start($"{Verb(value.Step)} {name}", MegaBytes(value.TotalBytes ?? expectedBytes), ProgressUnits.MegaBytes);
        }
        _stage!.Report(MegaBytes(value.Bytes));
    }

    /// <summary>Ends the step under way.</summary>
    public void Complete() => _stage?.Complete();

    private static string Verb(CorpusFetchStep step) => step switch
    {
        CorpusFetchStep.Downloading => "downloading",
        CorpusFetchStep.Checking => "checking",
        _ => "unpacking",
    };

    // Rounded up: a small file is 1 MB, not none.
    private static long MegaBytes(long bytes) => (bytes + 999_999) / 1_000_000;
}
