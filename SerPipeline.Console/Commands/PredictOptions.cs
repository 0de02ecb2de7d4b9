using SerPipeline.Audio;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary>How predictions are written.</summary>
internal enum PredictionFormat
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>JSON lines.</summary>
    Json,

    /// <summary>CSV.</summary>
    Csv,
}

/// <summary>Samples without a header.</summary>
/// <param name="RateHz">Frames a second.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Encoding">How samples are stored.</param>
internal sealed record RawAudio(int RateHz, int Channels, PcmEncoding Encoding);

/// <summary>The options of <c>ser predict</c>, read and checked.</summary>
internal sealed record PredictOptions
{
    private const string Off = "off";

    private static readonly Dictionary<string, PcmEncoding> Encodings = new()
    {
        ["s16le"] = PcmEncoding.Signed16,
        ["s24le"] = PcmEncoding.Signed24,
        ["s32le"] = PcmEncoding.Signed32,
        ["f32le"] = PcmEncoding.IeeeFloat,
        ["u8"] = PcmEncoding.Unsigned8,
    };

    private static readonly OptionDefinition ModelOption = new("--model", "MODEL", ModelCommand.ModelHelp)
    { Alias = "-m" };
    private static readonly OptionDefinition ListOption = new("--list", "FILE",
        "A file with one path per line; - reads standard input, as does - among the paths.");
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json",
        "Write JSON lines: one object per file, or per window with --stream.");
    private static readonly OptionDefinition Csv = OptionDefinition.Flag("--csv",
        "Write CSV: path, predicted, one probability per label, seconds, notes, quality.");
    private static readonly OptionDefinition Out = new("--output", "FILE",
        "Write to this file, line by line; .csv or .jsonl sets the format. Default: standard output.")
    { Alias = "-o" };
    private static readonly OptionDefinition ResumeOption = OptionDefinition.Flag("--resume",
        "Append to the file of --output: what it holds is kept, and only the rest is predicted.");
    private static readonly OptionDefinition ThresholdOption = new("--threshold", "P",
        "Abstain when no label reaches this probability. Default: never.");
    private static readonly OptionDefinition EnrollOption = new("--enroll", "DIR", FormattableString.Invariant(
        $"Adapt to one voice: a folder with at least {SpeakerAdaptation.MinimumClips} recordings of it, of several moods, their emotions ")
            + "unknown. For models of the recipes or of --adapt.");
    private static readonly OptionDefinition SameSpeakerOption = OptionDefinition.Flag("--same-speaker", FormattableString.Invariant(
        $"The files given together are recordings of one voice, at least {SpeakerAdaptation.MinimumClips}: adapt to it. With --stream: ")
            + "adapt each window to those before it.");
    private static readonly OptionDefinition AnywayOption = OptionDefinition.Flag("--answer-anyway",
        "Give a label to recordings without speech, too short or out of range, too.");
    private static readonly OptionDefinition ChannelOption = new("--channel", "WHICH",
        "left, right, each by itself (one row a channel), or mix. Default: mix.")
    { Choices = [.. Enum.GetNames<ChannelSelection>().Select(name => name.ToLowerInvariant())] };
    private static readonly OptionDefinition StreamOption = OptionDefinition.Flag("--stream",
        "Slide a window over each recording and write a timeline; silence is left out.");
    private static readonly OptionDefinition Window = new("--window", "SECONDS", "Length of the window. Default: 3.");
    private static readonly OptionDefinition Hop = new("--hop", "SECONDS", "Time from one window to the next. Default: 1.");
    private static readonly OptionDefinition Silence = new("--silence", "DB",
        "Skip windows below this level, in dB of full scale, as silence; off scores all. Default: -70.");
    private static readonly OptionDefinition FigureOption = new("--figure", "FILE",
        "Draw one recording as .png or .svg: waveform, spectrogram, and the emotions over time.");
    private static readonly OptionDefinition StandardInput = OptionDefinition.Flag("--stdin",
        "Predict raw samples (without a header) from standard input.");
    private static readonly OptionDefinition Rate = new("--rate", "HZ", "Sample rate of --stdin; required.");
    private static readonly OptionDefinition Channels = new("--channels", "N", "Channels of --stdin. Default: 1.");
    private static readonly OptionDefinition Encoding = new("--encoding", "NAME",
        "Encoding of --stdin: s16le, s24le, s32le, f32le or u8. Default: s16le.")
    { Choices = [.. Encodings.Keys] };

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> Definitions { get; } =
        [ModelOption, ListOption, Json, Csv, Out, ResumeOption, ThresholdOption, AnywayOption, ChannelOption, EnrollOption,
            SameSpeakerOption, StreamOption, Window, Hop, Silence, FigureOption, StandardInput, Rate, Channels, Encoding];

    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>Files, folders and patterns, those of lists on files included.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The list to read, - for standard input, or null.</summary>
    public string? List { get; init; }

    /// <summary>How predictions are written.</summary>
    public required PredictionFormat Format { get; init; }

    /// <summary>The file to write, or null for standard output.</summary>
    public string? Output { get; init; }

    /// <summary>Append to existing output.</summary>
    public bool Resume { get; init; }

    /// <summary>The probability below which the model abstains, or null.</summary>
    public double? Threshold { get; init; }

    /// <summary>A folder with recordings of the voice, or null.</summary>
    public string? Enroll { get; init; }

    /// <summary>Whether the files are recordings of one voice.</summary>
    public bool SameSpeaker { get; init; }

    /// <summary>The recordings of the voice to adapt to, once they are found; null for an unknown one, and where it is heard as it
    /// goes.</summary>
    public AudioFiles? Voice { get; init; }

    /// <summary>Whether each window is adapted to those before it.</summary>
    public bool HearsAsItGoes => SameSpeaker && Stream;

    /// <summary>Whether recordings without speech get a label too.</summary>
    public bool AnswerAnyway { get; init; }

    /// <summary>Which channels are heard.</summary>
    public ChannelSelection Channel { get; init; }

    /// <summary>Whether timelines are written.</summary>
    public bool Stream { get; init; }

    /// <summary>The windows of timelines.</summary>
    public required EmotionTimelineOptions Windows { get; init; }

    /// <summary>The figure to draw, or null.</summary>
    public string? Figure { get; init; }

    /// <summary>What comes on standard input, or null.</summary>
    public RawAudio? Raw { get; init; }

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="UsageException">They cannot be used.</exception>
    public static PredictOptions From(CommandInput input)
    {
        string model = input.Required(ModelOption);
        bool raw = input.Flag(StandardInput), stream = input.Flag(StreamOption);
        string? output = input.Text(Out), figure = input.Text(FigureOption), list = input.Operands.Contains("-") ? "-"
            : input.Text(ListOption);
        string[] paths = [.. input.Operands.Where(path => path != "-")];
        input.Require(!(input.Operands.Contains("-") && input.Text(ListOption) is not (null or "-")), "Give either - or --list FILE.");
        input.Require(raw || list is not null || paths.Length > 0, "PATH, --list or --stdin is needed: nothing to predict is named.");
        input.Require(!raw || (list is null && paths.Length == 0),
            "--stdin takes its audio from standard input: leave out paths and lists.");
        input.Require(figure is null || paths.Length <= 1, "--figure draws one recording: name one file.");
        input.Require(figure is null || IsPicture(figure), $"--figure must end in .png or .svg, got '{figure}'.");
        var options = new PredictOptions
        {
            Model = ModelPath.Resolve(model),
            Paths = paths,
            List = list,
            Format = FormatOf(input, output),
            Output = output,
            Resume = input.Flag(ResumeOption),
            Threshold = input.Number(ThresholdOption, p => p is >= 0 and <= 1, "a probability from 0 to 1"),
            Enroll = input.Text(EnrollOption),
            SameSpeaker = input.Flag(SameSpeakerOption),
            AnswerAnyway = input.Flag(AnywayOption),
            Channel = Enum.Parse<ChannelSelection>(input.Text(ChannelOption) ?? nameof(ChannelSelection.Mix), ignoreCase: true),
            Stream = stream,
            Windows = WindowsOf(input, stream || figure is not null),
            Figure = figure,
            Raw = RawOf(input, raw),
        };
        input.Require(options.Enroll is null || !options.SameSpeaker, "--enroll and --same-speaker both say who speaks: give one of them.");
        input.Require((options.Enroll is null && (!options.SameSpeaker || stream)) || options.Channel != ChannelSelection.Each,
            "--channel each hears several people, and --enroll and --same-speaker are of one: choose a channel, or mix; with --stream "
                + "--same-speaker adapts to each channel by itself.");
        input.Require(!options.SameSpeaker || !raw || stream,
            "--same-speaker works with files, or with --stream; else name a folder with --enroll for standard input.");
        input.Require(!options.HearsAsItGoes || !options.Resume,
            "--resume cannot go on with --stream --same-speaker: what was heard before would be missing. Leave out --resume.");
        input.Require(figure is null || options.Channel != ChannelSelection.Each, "--figure draws one timeline: choose a channel or mix.");
        input.Require(!(raw && stream) || options.Channel != ChannelSelection.Each,
            "--stdin is heard once: with --stream choose a channel or mix.");
        input.Require(!options.Resume || output is not null, "--resume needs --output: the file to append to.");
        input.Require(!options.Resume || !raw, "--resume works with files; standard input cannot be read again.");
        input.Check();
        return options;
    }

    /// <summary>Checks what can only be told once the files are known: that nothing is written over what is read, and that a figure has one
    /// recording.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="UsageException">They do not go with the options.</exception>
    public void CheckAgainst(IReadOnlyList<string> files)
    {
        if (Figure is not null && files.Count > 1)
            throw new UsageException($"--figure draws one recording: name one file, {files.Count} were found.");
        string[] read = [.. files, Model, .. List is null or "-" ? [] : (string[])[List], .. Voice?.Paths ?? []];
        foreach ((string option, string? path) in ((string, string?)[])[(Out.Name, Output), (FigureOption.Name, Figure)])
            OutFile.RequireUnread(option, path, read);
        if (Output is not null && Figure is not null && OutFile.AreSame(Output, Figure))
            throw new UsageException("--output and --figure name the same file.");
    }

    private static PredictionFormat FormatOf(CommandInput input, string? output)
    {
        bool json = input.Flag(Json), csv = input.Flag(Csv);
        input.Require(!(json && csv), "--json and --csv exclude each other.");
        if (json || csv || output is null) return json ? PredictionFormat.Json : csv ? PredictionFormat.Csv : PredictionFormat.Table;
        string extension = Path.GetExtension(output).ToLowerInvariant();
        input.Require(extension is ".csv" or ".jsonl" or ".json",
            $"--output '{output}' needs --json or --csv: its name ends in neither .csv nor .jsonl.");
        return extension == ".csv" ? PredictionFormat.Csv : PredictionFormat.Json;
    }

    private static EmotionTimelineOptions WindowsOf(CommandInput input, bool used)
    {
        var defaults = new EmotionTimelineOptions();
        double window = input.Number(Window, s => s is >= 0.1 and <= 600, "between 0.1 and 600 seconds") ?? defaults.WindowSeconds;
        double hop = input.Number(Hop, s => s is >= 0.01 and <= 600, "between 0.01 and 600 seconds")
            ?? Math.Min(window, defaults.HopSeconds);
        input.Require(hop <= window,
            FormattableString.Invariant($"--hop must be at most the window of {window} s, or audio between windows is lost."));
        bool off = Off.Equals(input.Text(Silence), StringComparison.OrdinalIgnoreCase);
        double? silence = off ? null : input.Number(Silence, db => db is >= -200 and <= 0, "a level from -200 to 0 dB, or off")
            ?? defaults.SilenceDb;
        foreach (OptionDefinition option in (OptionDefinition[])[Window, Hop, Silence])
            input.Require(used || input.Text(option) is null, $"{option.Name} is for --stream and --figure.");
        return new EmotionTimelineOptions { WindowSeconds = window, HopSeconds = hop, SilenceDb = silence };
    }

    private static RawAudio? RawOf(CommandInput input, bool raw)
    {
        foreach (OptionDefinition option in (OptionDefinition[])[Rate, Channels, Encoding])
            input.Require(raw || input.Text(option) is null, $"{option.Name} is for --stdin: files say for themselves what they hold.");
        if (!raw) return null;
        input.Required(Rate);
        int channels = input.Whole(Channels, 1) ?? 1;
        input.Require(channels <= AudioBlocks.MaxChannels,
            FormattableString.Invariant($"--channels must be at most {AudioBlocks.MaxChannels}, got {channels}."));
        return new RawAudio(input.Whole(Rate, 1) ?? 1, channels, Encodings[input.Text(Encoding) ?? "s16le"]);
    }

    private static bool IsPicture(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".svg";
}
