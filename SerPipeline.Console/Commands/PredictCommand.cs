using SerPipeline.Audio;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser predict</c>: the emotion of files, of raw audio and, over time, of long recordings.</summary>
internal sealed class PredictCommand(Terminal terminal, ProgressDisplay progress, ConsoleEnvironment environment) : ICommandHandler
{
    // What standard input is called where a file would have a path.
    private const string StandardInput = "-";

    // Below this the answer comes before a bar could be read.
    private const int FilesWorthABar = 20;

    public static CommandDefinition Definition { get; } = new(
        "predict",
        "Predict the emotion of audio files, with the probability of every label; of long recordings over time (--stream). Folders are "
            + "searched at any depth. Files that cannot be read are reported on standard error, the others are predicted, and the exit "
            + "code is 1.",
        typeof(PredictCommand))
    {
        Operand = new OperandDefinition(
            "PATH", "Audio files, folders of audio files, and patterns such as 'calls/**/*.wav'.", IsSeveral: true)
        { IsOptional = true },
        Options = PredictOptions.Definitions,
        Examples =
        [
            ("ser predict --model runs/mine/model.zip clip.wav", "a table with the label and all probabilities"),
            ("ser predict --model model.zip recordings --csv > emotions.csv", "every audio file below a folder, for a spreadsheet"),
            ("ser predict --model model.zip a.flac b.mp3 --json", "one object per line, for other programs"),
            ("ser predict --model model.zip recordings -o emotions.jsonl --resume",
                "a long batch; run the same command again to resume it"),
            ("ser predict --model model.zip --enroll anna/ calls/anna*.wav", "adapted to one voice, of which a folder has recordings"),
            ("ser predict --model model.zip call.wav --stream --figure call.png", "a timeline of a long recording, and a picture of it"),
            ("ser predict --model model.zip call.wav --stream --same-speaker --channel left",
                "the same of one voice, adapted to what was heard of it so far"),
            ("arecord -f S16_LE -r 16000 | ser predict --model model.zip --stdin --rate 16000 --stream", "a live microphone"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        PredictOptions options = PredictOptions.From(input);
        using SerModel model = SerModel.Load(options.Model, new SerModelOptions
        {
            Threshold = options.Threshold,
            AnswerAnyway = options.AnswerAnyway,
            Channel = options.Channel,
        });
        TrainingRecord? record = TrainingRecord.From(model.Notes, model.Attachments, options.Model);
        AudioFiles files = AudioFiles.Find([.. options.Paths, .. ReadList(options.List)]);
        foreach (string problem in files.Problems) terminal.Message($"error: {problem}");

        AudioFiles? voice = options.SameSpeaker && !options.HearsAsItGoes ? files : null;
        options = options with { Voice = options.Enroll is { } folder ? AudioFiles.Find([folder]) : voice };
        options.CheckAgainst(files.Paths);
        // Nothing is written, and no earlier file emptied, where there is nothing to predict on.
        if (options.Raw is null && files.Paths.Count == 0) return ExitCode.Failed;
        using SerModel? adapted = Adapted(model, options);
        try
        {
            return Predict(adapted ?? model, options, files, record, cancellation);
        }
        catch (OperationCanceledException) when (options.Stream)
        {
            terminal.Message("Stopped. The current recording is written up to this point.");
            return ExitCode.Failed;
        }
    }

    private int Predict(SerModel model, PredictOptions options, AudioFiles files, TrainingRecord? record, CancellationToken cancellation)
    {
        using var writer = new PredictionWriter(terminal, options, model.Labels, files.Paths);
        using var run = new PredictionRun(model, options, writer, terminal, environment.Time);
        string[] left = [.. files.Paths.Where(path => !writer.Finished.Contains(Path.GetFullPath(path)))];
        if (left.Length < files.Paths.Count)
            terminal.Message($"{Format.Count(files.Paths.Count - left.Length, "file")} of {Format.Whole(files.Paths.Count)} are in "
                + $"{options.Output} already.");
        string first = options.Raw is null ? files.Paths[0] : StandardInput;
        RecordingFigure? figure = options.Figure is { } picture
            ? new RecordingFigure(picture, options.Raw is null ? Path.GetFileName(first) : "Standard input", model.Labels) : null;
        // What the figure does not see while the timeline is written.
        IEnumerable<AudioClip>? unseen = options.Stream && left.Length > 0 ? null : AudioBlocks.Read(first);
        try
        {
            if (options.Raw is { } raw) unseen = Raw(run, model, options, raw, figure, cancellation);
            else if (options.Stream) Array.ForEach(left, path => run.Timelines(path, () => AudioBlocks.Read(path), figure, cancellation));
            else Files(run, options, left, cancellation);
        }
        finally
        {
            // Of a batch that is stopped, too: what was done stays.
            writer.Complete();
        }
        run.Summarize();
        if (run.Any) Explain(record, inFull: options.Format == PredictionFormat.Table);
        if (run.NarrowBand > 0 && model.SampleRateHz > 2 * QualityRules.NarrowBandHz) WarnOfNarrowBand(run.NarrowBand, record);
        // Last, for the predictions do not depend on it; of a recording that could not be read there is none.
        bool drawn = figure is null || run.Bad > 0
            || run.Draw(figure, first, unseen, options.Raw is null ? cancellation : CancellationToken.None);
        return drawn && run.Bad + files.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private SerModel? Adapted(SerModel model, PredictOptions options)
    {
        if (options.Enroll is null && !options.SameSpeaker) return null;
        if (!model.CanAdapt)
            throw new UsageException($"{options.Model} was not trained to adapt to a voice: train with a recipe, such as --trainer recipe, "
                + "or with --adapt.");
        // As it goes the run does it.
        if (options.Voice is not { } voice) return null;
        (int leftOut, List<string> heard) = (0, []);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string problem in options.Enroll is null ? [] : voice.Problems) terminal.Message($"error: {problem}");
        try
        {
            SerModel adapted = model.AdaptedTo(voice.Paths.Select(Read).OfType<AudioClip>(), (i, why) => LeftOut(heard[i], why));
            terminal.Message($"Adapted to the voice in {Format.Count(adapted.SpeakerClips, "recording")}. It should be heard in several "
                + "moods: one mood alone is taken for the voice.");
            PredictionRun.WarnOfFewSpeakers(terminal, adapted);
            return adapted;
        }
        catch (ArgumentException) when (voice.Paths.Count - leftOut < SpeakerAdaptation.MinimumClips)
        {
            throw new UsageException($"Adapting to a voice needs at least {SpeakerAdaptation.MinimumClips} recordings of it, and "
                + $"{Format.Whole(voice.Paths.Count - leftOut)} can be used: fewer were not shown to help. Give more, or leave it out.");
        }

        // One at a time. Null for what is left out.
        AudioClip? Read(string path)
        {
            try
            {
                AudioClip clip = AudioFile.Read(path);
                // That it has the channel that will be heard.
                if (Channels.IndexOf(options.Channel) is { } channel) _ = Channels.Pick(clip, channel, path);
                string content = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(clip.Samples)));
                if (!known.TryAdd(content, path)) return LeftOut(path, $"the same recording as {known[content]}");
                heard.Add(path);
                return clip;
            }
            catch (Exception e) when (e is AudioFormatException or IOException or UnauthorizedAccessException)
            {
                return LeftOut(path, e.Message);
            }
        }

        AudioClip? LeftOut(string path, string why)
        {
            leftOut++;
            terminal.Message($"warning: {path} is left out of the voice: {why}");
            return null;
        }
    }

    private void Files(PredictionRun run, PredictOptions options, string[] paths, CancellationToken cancellation)
    {
        // Lines on a terminal would run into a bar.
        bool lines = options.Format != PredictionFormat.Table && options.Output is null && terminal.OutputIsTerminal;
        if (paths.Length < FilesWorthABar || lines)
        {
            run.Files(paths, _ => { }, cancellation);
            return;
        }
        progress.Stage("predicting", paths.Length, ProgressUnits.Clips,
            stage => run.Files(paths, done => stage.Report(done), cancellation));
    }

    /// <returns>The audio, where it was predicted on as a whole.</returns>
    private AudioClip[]? Raw(PredictionRun run, SerModel model, PredictOptions options, RawAudio raw, RecordingFigure? figure,
        CancellationToken cancellation)
    {
        using Stream stream = environment.Input();
        // Ctrl-C ends a live recording as its own end would: what was heard is written.
        using var ending = new EndingStream(stream, cancellation);
        IEnumerable<AudioClip> blocks = Warned(ending,
            AudioBlocks.ReadPcm(ending, raw.RateHz, raw.Channels, raw.Encoding, "standard input"));
        if (options.Stream)
        {
            run.Timeline(StandardInput, blocks, figure, keep: true, CancellationToken.None);
            return null;
        }
        AudioClip[] all = [.. blocks];
        var samples = new float[all.Sum(block => (long)block.Samples.Length)];
        int place = 0;
        foreach (AudioClip block in all)
        {
            block.Samples.CopyTo(samples.AsSpan(place));
            place += block.Samples.Length;
        }
        if (samples.Length == 0) throw new AudioFormatException("No samples came on standard input: there is nothing to predict.");
        var clip = new AudioClip(samples, raw.RateHz, raw.Channels);
        IReadOnlyList<EmotionPrediction> said = options.Channel == ChannelSelection.Each ? model.PredictChannels(clip)
            : [model.Predict(clip)];
        foreach (EmotionPrediction prediction in said) run.Clip(StandardInput, prediction);
        return all;
    }

    private IEnumerable<AudioClip> Warned(EndingStream stream, IEnumerable<AudioClip> blocks)
    {
        bool warned = false;
        foreach (AudioClip block in blocks)
        {
            if (!warned && stream.BeganAsWav)
                terminal.Message("warning: Standard input begins as a WAV file, and its header is taken for samples: --stdin is for "
                    + "samples without one. Write it to a file and name that.");
            warned = true;
            yield return block;
        }
    }

    // A path a line; empty lines are skipped.
    private string[] ReadList(string? list)
    {
        if (list is null) return [];
        if (list != StandardInput && !File.Exists(list)) throw new UsageException($"--list: there is no file '{list}'.");
        using var reader = new StreamReader(list == StandardInput ? environment.Input() : File.OpenRead(list));
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n').Where(line => !string.IsNullOrWhiteSpace(line))];
    }

    // A model of studio recordings keeps little of its score on these, and nothing else would show it.
    private void WarnOfNarrowBand(int clips, TrainingRecord? record)
    {
        string copies = record?.Settings?.GetValueOrDefault(TrainOptions.Copies.Key) ?? "";
        if (copies.Split(',', StringSplitOptions.TrimEntries).Contains("telephone", StringComparer.OrdinalIgnoreCase)) return;
        terminal.Message($"warning: {Format.Count(clips, "recording")} {(clips == 1 ? "has" : "have")} nothing above "
            + $"{QualityRules.NarrowBandHz / 1000:0.0} kHz, as over a telephone. Unless the model learned from such, its answers are far "
            + "worse than its scores: ser evaluate --condition telephone shows how much, ser train --copies telephone helps.");
    }

    private void Explain(TrainingRecord? record, bool inFull)
    {
        if (record is null) return;
        if (inFull) terminal.Message($"Model: {record.Trainer}, trained on {record.Dataset} ({record.Protocol}).");
        if (record.Synthetic) terminal.Message(
            "warning: The model learned from synthetic clips, so what it says about people means nothing.");
        if (Licences.ModelCaution(record.Licence) is { } caution) terminal.Message($"warning: {caution}");
    }
}

/// <summary>A stream that ends when the user stops the program, even while nothing comes: a microphone's recording is then complete, and
/// not lost.</summary>
/// <param name="inner">The stream.</param>
/// <param name="stop">Ends it.</param>
internal sealed class EndingStream(Stream inner, CancellationToken stop) : Stream
{
    private readonly List<byte> _head = [];

    /// <summary>Whether it began as a WAV file does, whose header is none of its samples.</summary>
    public bool BeganAsWav => _head.SequenceEqual("RIFF"u8.ToArray());

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (stop.IsCancellationRequested) return 0;
        // The read that nobody waits for any more ends with the process; its buffer is its own.
        var piece = new byte[count];
        Task<int> read = Task.Run(() => inner.Read(piece, 0, count), CancellationToken.None);
        try
        {
            int taken = read.WaitAsync(stop).GetAwaiter().GetResult();
            piece.AsSpan(0, taken).CopyTo(buffer.AsSpan(offset));
            _head.AddRange(piece.AsSpan(0, Math.Min(taken, 4 - _head.Count)));
            return taken;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
