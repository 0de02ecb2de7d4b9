using SerPipeline.Audio;

namespace SerPipeline.Corpora.Synthesis;

/// <summary>
/// A small synthetic corpus, so that everything can be tried without a download: RAVDESS file names in <c>Actor_NN</c> folders, and a <c>demo.json</c> by which
/// the loader knows it again and names it as synthetic.
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
    /// <param name="progress">Told the number of clips written so far.</param>
    /// <param name="maxDegreeOfParallelism">Threads; -1 takes one for each core. The files do not depend on it.</param>
    /// <param name="cancellation">Stops between clips; the folder then counts as unfinished, and a later call writes it anew.</param>
    /// <exception cref="CorpusException">The folder holds files that are no demo corpus.</exception>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public static void Write(
        string folder, DemoCorpusOptions? options = null, IProgress<int>? progress = null, int maxDegreeOfParallelism = -1, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new DemoCorpusOptions();
        options.Validate();
        string root = Path.GetFullPath(folder);
        RavdessName[] names = [.. Names(options)];
        Clear(root);
        // The marker comes first: even a corpus whose writing was interrupted never passes for recorded speech.
        SyntheticMarker.Write(root, new SyntheticMarker.Content(Generator, Version, options, names.Length));
        Dictionary<int, Voice> voices = Enumerable.Range(1, options.Speakers).ToDictionary(number => number, number => Voice.Draw(number, options.Seed));
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism, CancellationToken = cancellation };
        Parallel.ForEach(names, parallel, name =>
        {
            WavWriter.Write(PathOf(root, name), SpeechSynthesizer.Speak(voices[name.Actor], name, options.SampleRateHz, options.Seed));
            progress?.Report(Interlocked.Increment(ref done));
        });
    }

    /// <summary>Writes the corpus unless the folder already holds it, finished and made with the same options by the same version; then loads it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How many voices and clips, and the seed.</param>
    /// <param name="progress">Told the number of clips written so far, if any are.</param>
    /// <param name="cancellation">Stops between clips.</param>
    /// <exception cref="CorpusException">The folder holds files that are no demo corpus.</exception>
    public static Corpus Ensure(string folder, DemoCorpusOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
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
            $"The corpus 'demo' looked for {Expected} in {root}, but found no readable {SyntheticMarker.FileName}. Generate the corpus first, or load the folder in its own format.");
        string name = options.Name ?? Name;
        (IReadOnlyList<CorpusClip> clips, IReadOnlyList<CorpusProblem> problems) = NamedCorpus.ReadClips(NamingScheme.Find("ravdess")!, root, name);
        if (clips.Count != content.Clips)
            throw new CorpusException($"The demo corpus in {root} should hold {content.Clips} clips but holds {clips.Count}: it was not written to the end, or changed since. Generate it again.");
        return new Corpus(name, root, clips, NamedCorpus.LabelsOf(clips), problems)
        {
            IsSynthetic = true,
            Licence = Licence,
            Note = SyntheticMarker.Note,
        };
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

    /// <summary>Makes room: removes an earlier demo corpus's clips, and refuses a folder with anything else in it.</summary>
    private static void Clear(string root)
    {
        if (!Directory.Exists(root)) return;
        if (SyntheticMarker.Read(root) is null)
        {
            if (!Directory.EnumerateFileSystemEntries(root).Any()) return;
            throw new CorpusException($"The demo corpus needs a new or empty folder, but {root} holds files that are no demo corpus. Choose another folder.");
        }
        foreach (string folder in Directory.EnumerateDirectories(root, "Actor_*"))
            foreach (string file in Directory.EnumerateFiles(folder, "*.wav").Where(file => RavdessName.TryParse(file, out _, out _)))
                File.Delete(file);
    }
}
