using SerPipeline.Audio;

namespace SerPipeline.Corpora.Synthesis;

/// <summary>What <see cref="DemoCorpus"/> writes: speakers x eight emotions x clips.</summary>
public sealed record DemoCorpusOptions
{
    /// <summary>How many voices, from 1 to 24; odd ones are male, even ones female, as in RAVDESS.</summary>
    public int Speakers { get; init; } = 12;

    /// <summary>How many clips each voice speaks in each emotion, from 1 to 100.</summary>
    public int ClipsPerEmotion { get; init; } = 5;

    /// <summary>The sample rate, from 8000 to 48000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16_000;

    /// <summary>The same seed gives the same files, bit for bit, whatever the number of threads.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One line for each option that cannot be used.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(DemoCorpusOptions));
        check.Require(Speakers is >= 1 and <= RavdessName.Actors, Speakers, $"be between 1 and {RavdessName.Actors}");
        check.Require(ClipsPerEmotion is >= 1 and <= 100, ClipsPerEmotion, "be between 1 and 100");
        check.Require(SampleRateHz is >= 8000 and <= 48_000, SampleRateHz, "be between 8000 and 48000");
        check.ThrowIfAny();
    }
}

/// <summary>
/// A small synthetic corpus for trying things without a download: RAVDESS file names in <c>Actor_NN</c> folders, and a <c>demo.json</c> by
/// which the loader recognises it as synthetic.
/// </summary>
public static class DemoCorpus
{
    /// <summary>What the corpus is called where corpora are named.</summary>
    public const string Name = "demo";

    /// <summary>The licence of the clips.</summary>
    public const string Licence = SyntheticMarker.Licence;

    internal const string Generator = "SerPipeline demo corpus";

    /// <summary>Changes whenever the same options would give other samples.</summary>
    internal const int Version = 1;

    private const string Expected = "a demo.json and .wav files in Actor_NN folders, as DemoCorpus.Write leaves them";

    /// <summary>Writes the corpus, replacing an earlier demo corpus in the same folder.</summary>
    /// <param name="folder">A new, empty or demo corpus folder; any other content is left alone and refused.</param>
    /// <param name="options">How many voices and clips, and the seed.</param>
    /// <param name="progress">Receives the number of clips written so far.</param>
    /// <param name="maxDegreeOfParallelism">The number of threads; -1 takes one per core. The files do not depend on it.</param>
    /// <param name="cancellation">Stops between clips; the folder is then incomplete, and a later call writes it again.</param>
    /// <exception cref="CorpusException">The folder holds other files than a demo corpus.</exception>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public static void Write(
        string folder, DemoCorpusOptions? options = null, IProgress<int>? progress = null, int maxDegreeOfParallelism = -1,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new DemoCorpusOptions();
        options.Validate();
        string root = Path.GetFullPath(folder);
        RavdessName[] names = [.. Names(options)];
        Clear(root);
        // The marker comes first, so that even a partly written corpus is recognised as synthetic.
        SyntheticMarker.Write(root, new SyntheticMarker.Content(Generator, Version, options, names.Length));
        Dictionary<int, Voice> voices = Enumerable.Range(1, options.Speakers)
            .ToDictionary(number => number, number => Voice.Draw(number, options.Seed));
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism, CancellationToken = cancellation };
        Parallel.ForEach(names, parallel, name =>
        {
            WavWriter.Write(PathOf(root, name), SpeechSynthesizer.Speak(voices[name.Actor], name, options.SampleRateHz, options.Seed));
            progress?.Report(Interlocked.Increment(ref done));
        });
    }

    /// <summary>
    /// Writes the corpus unless the folder already holds it, finished and made with the same options by the same version; then loads it.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How many voices and clips, and the seed.</param>
    /// <param name="progress">Receives the number of clips written so far.</param>
    /// <param name="cancellation">Stops between clips.</param>
    /// <exception cref="CorpusException">The folder holds other files than a demo corpus.</exception>
    public static Corpus Ensure(string folder, DemoCorpusOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new DemoCorpusOptions();
        string root = Path.GetFullPath(folder);
        bool present = SyntheticMarker.Read(root) is { } content && content.Options == options && content.Version == Version
            && Names(options).All(name => File.Exists(PathOf(root, name)));
        if (!present) Write(root, options, progress, cancellation: cancellation);
        return Load(root, new CorpusLoadOptions());
    }

    /// <summary>Reads a folder written by <see cref="Write"/>.</summary>
    internal static Corpus Load(string folder, CorpusLoadOptions options)
    {
        string root = CorpusFiles.RequireFolder(Name, folder, Expected);
        SyntheticMarker.Content content = SyntheticMarker.Read(root) ?? throw new CorpusException(
            $"The corpus 'demo' looked for {Expected} in {root}, but found no readable {SyntheticMarker.FileName}. Generate the corpus "
            + "first, or load the folder in its own format.");
        string name = options.Name ?? Name;
        (IReadOnlyList<CorpusClip> clips, List<CorpusProblem> problems) = NamedCorpus.ReadClips(CorpusParsers.Find("ravdess")!, root, name);
        if (clips.Count != content.Clips)
            throw new CorpusException($"The demo corpus in {root} should hold {content.Clips} clips but holds {clips.Count}: it was not "
                + "written to the end, or changed since. Generate it again.");
        return SyntheticMarker.CreateCorpus(name, root, clips, NamedCorpus.LabelsOf(clips), problems);
    }

    /// <summary>The clips' names: statements alternate, then intensities (neutral has one), then takes.</summary>
    internal static IEnumerable<RavdessName> Names(DemoCorpusOptions options) =>
        from actor in Enumerable.Range(1, options.Speakers)
        from emotion in RavdessName.Emotions
        from clip in Enumerable.Range(0, options.ClipsPerEmotion)
        let takes = emotion == "neutral" ? 2 : 4
        select new RavdessName
        {
            Modality = "audio",
            Channel = "speech",
            Emotion = emotion,
            Intensity = clip % takes >= 2 ? "strong" : "normal",
            Statement = 1 + (clip % 2),
            Repetition = 1 + (clip / takes),
            Actor = actor,
        };

    private static string PathOf(string root, RavdessName name) => Path.Combine(root, $"Actor_{name.Speaker}", $"{name}.wav");

    /// <summary>Removes an earlier demo corpus's clips, and refuses a folder with anything else in it.</summary>
    private static void Clear(string root)
    {
        if (!Directory.Exists(root)) return;
        if (SyntheticMarker.Read(root) is null)
        {
            if (!Directory.EnumerateFileSystemEntries(root).Any()) return;
            throw new CorpusException($"The demo corpus needs a new or empty folder, but {root} holds other files. Choose another folder.");
        }
        foreach (string folder in Directory.EnumerateDirectories(root, "Actor_*"))
            foreach (string file in Directory.EnumerateFiles(folder, "*.wav").Where(file => RavdessName.TryParse(file, out _, out _)))
                File.Delete(file);
    }
}

/// <summary>
/// The file that marks clips as made by <see cref="DemoCorpus"/>, so that scores on them are never taken for scores on people.
/// </summary>
internal static class SyntheticMarker
{
    public const string FileName = "demo.json";
    public const string Licence = "MIT (generated)";
    public const string Note = "Synthetic speech-like signals made by a formant synthesiser. Scores on them show that a pipeline works; "
        + "they say nothing about people.";
    private const int FoldersUp = 3;

    public sealed record Content(string Generator, int Version, DemoCorpusOptions Options, int Clips);

    /// <summary>Whether any clip lies in or below a synthetic corpus, however it is loaded.</summary>
    public static bool CoversAny(IEnumerable<CorpusClip> clips) =>
        clips.Select(clip => Path.GetDirectoryName(clip.Path)!).Distinct().Any(Covers);

    /// <summary>A corpus that says it is synthetic where any of its clips is.</summary>
    public static Corpus CreateCorpus(
        string name, string root, IReadOnlyList<CorpusClip> clips, IReadOnlyList<string> labels, IReadOnlyList<CorpusProblem> problems,
        IReadOnlyList<string>? remarks = null)
    {
        bool synthetic = CoversAny(clips);
        return new Corpus(name, root, clips, labels, problems)
        { IsSynthetic = synthetic, Licence = synthetic ? Licence : null, Note = synthetic ? Note : null, Remarks = remarks ?? [] };
    }

    /// <summary>The marker of a corpus, or null when the folder has none that can be read.</summary>
    public static Content? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            Content? content = JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json);
            return content?.Generator == DemoCorpus.Generator ? content : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Marks a folder as synthetic.</summary>
    public static void Write(string folder, Content content) =>
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(content, Json) + "\n");

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private static bool Covers(string folder)
    {
        DirectoryInfo? at = new(folder);
        for (int up = 0; up <= FoldersUp && at is not null; up++, at = at.Parent)
            if (Read(at.FullName) is not null) return true;
        return false;
    }
}
