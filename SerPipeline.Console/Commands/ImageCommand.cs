using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser image</c>: draws a clip for people, with axes.</summary>
internal sealed class ImageCommand(Terminal terminal) : ICommandHandler
{
    private const string LogMel = "logmel", Waveform = "waveform", Mfcc = "mfcc", ChromaKind = "chroma";
    private const int SampleRateHz = 16_000;
    private const int DefaultWidth = 720, DefaultHeight = 360;

    // People look at finer bands than the network does; the longer transform keeps the lowest of them from being empty.
    private static readonly LogMelOptions Mel = new() { SampleRateHz = SampleRateHz, FftLength = 2048, MelBands = 128 };
    private static readonly MfccOptions MfccSettings = new() { Coefficients = 20 };
    private static readonly ChromaOptions ChromaSettings = new() { FftLength = 2048, WindowSamples = 2048, HopSamples = 512 };


    private static readonly OptionDefinition Out = new("--output", "FILE",
        "The file to write: .png or .svg. Default: the clip's name with .png, in the current folder.")
    { Alias = "-o" };
    private static readonly OptionDefinition Kind = new("--kind", "logmel|waveform|mfcc|chroma",
        "What to draw. Default: logmel.")
    { Choices = [LogMel, Waveform, Mfcc, ChromaKind] };
    private static readonly OptionDefinition Width = new("--width", "PIXELS",
        "The width in CSS pixels; a PNG has twice as many. Default: 720.");
    private static readonly OptionDefinition Height = new("--height", "PIXELS",
        "The height in CSS pixels; a PNG has twice as many. Default: 360.");

    public static CommandDefinition Definition { get; } = new("image",
        "Draw a clip: its log-mel spectrogram, waveform, MFCCs or chroma, with axes, as PNG or SVG.", typeof(ImageCommand))
    {
        Operand = new OperandDefinition("CLIP", "The audio file.", IsSeveral: false),
        Options = [Out, Kind, Width, Height],
        Examples =
        [
            ("ser image clip.wav -o clip.png", "the log-mel spectrogram with time and frequency axes"),
            ("ser image clip.wav -o clip.svg --kind waveform", "the waveform as a vector graphic"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string clip = input.Operands[0], kind = input.Text(Kind) ?? LogMel;
        string output = input.Text(Out) ?? Path.GetFileNameWithoutExtension(clip) + ".png";
        bool svg = Path.GetExtension(output).Equals(".svg", StringComparison.OrdinalIgnoreCase);
        input.Require(svg || Path.GetExtension(output).Equals(".png", StringComparison.OrdinalIgnoreCase),
            $"--output must end in .png or .svg, got '{output}'.");
        int width = input.Whole(Width, 1) ?? DefaultWidth, height = input.Whole(Height, 1) ?? DefaultHeight;
        input.Check();
        OutFile.RequireUnread(Out.Name, output, [clip]);
        if (!File.Exists(clip)) throw new AudioFormatException($"There is no audio file '{Path.GetFullPath(clip)}'.");

        AudioClip audio = AudioFile.Read(clip);
        Plot plot = Draw(kind, audio, Path.GetFileName(clip), width, height);
        if (svg) plot.SaveSvg(output);
        else plot.SavePng(output);
        string format = FormattableString.Invariant($"{audio.Duration.TotalSeconds:0.00} s, {audio.SampleRateHz} Hz");
        terminal.Result($"Wrote {kind} of {clip} ({format}) to {Path.GetFullPath(output)}");
        return ExitCode.Done;
    }

    private static Plot Draw(string kind, AudioClip audio, string title, int width, int height)
    {
        AudioClip mono = audio.ToMono();
        if (kind == Waveform)
            return new WaveformPlot(mono.Samples, mono.SampleRateHz, new() { Width = width, Height = height, Title = title });
        ReadOnlySpan<float> samples = mono.Resample(SampleRateHz).Samples;
        HeatmapPlotOptions Options(SpectrumOptions frames) =>
            new() { Width = width, Height = height, Title = title, SecondsPerColumn = Hop(frames) };
        if (kind == ChromaKind)
        {
            FrameMatrix chroma = new Chroma(ChromaSettings).Extract(samples);
            return HeatmapPlot.Chroma(chroma.Values, chroma.Frames, Options(ChromaSettings));
        }
        if (kind != Mfcc) return Spectrogram(new LogMelExtractor(Mel).Extract(samples), title, width, height);
        FrameMatrix mfcc = new MfccExtractor(MfccSettings).Extract(samples);
        return HeatmapPlot.Mfcc(mfcc.Values, mfcc.Bands, mfcc.Frames, Options(MfccSettings.Mel));
    }

    private static SpectrogramPlot Spectrogram(FrameMatrix frames, string title, int width, int height) => new(frames.Values, frames.Bands,
        frames.Frames, new SpectrogramPlotOptions
        {
            Width = width,
            Height = height,
            Title = title,
            SecondsPerFrame = Hop(Mel),
            BandCentersHz = Features.Mel.FrequenciesHz(Mel.MelBands + 2, Mel.LowHz, Mel.HighHz, Mel.MelScale)[1..^1],
        });

    private static double Hop(SpectrumOptions options) => (double)options.HopSamples / options.SampleRateHz;
}
