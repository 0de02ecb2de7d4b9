using System.Diagnostics.CodeAnalysis;

namespace SerPipeline.Audio;

/// <summary>
/// A stretch of an audio file, written behind the file's path as a media fragment (W3C, Media Fragments URI 1.0): <c>long.wav#t=1.5,3.2</c>
/// from 1.5 to 3.2 seconds, <c>long.wav#t=1.5</c> to the end.
/// </summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends; null for the file's end.</param>
internal sealed record AudioSegment(TimeSpan Start, TimeSpan? End)
{
    private const string Mark = "#t=";

    // Several readers take segments of several files at once, and each file is decoded once: the files used last are kept, together so many
    // samples or one file, until no segment has been read for a while. Others stay only while memory allows.
    private const long KeptSamples = 64 << 20;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
    private static readonly List<WholeFile> Files = [];
    private static readonly Timer Idle = new(_ => Release());

    /// <summary>What stands behind the file's path; empty for the whole file.</summary>
    public string Suffix => End is { } end ? $"{Mark}{Seconds(Start)},{Seconds(end)}" : Start > TimeSpan.Zero ? Mark + Seconds(Start) : "";

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#######", CultureInfo.InvariantCulture);

    /// <summary>Parts a path into file and segment; false for a path without segment, or where a file of the whole name exists.</summary>
    public static bool TryParse(string path, out string file, [NotNullWhen(true)] out AudioSegment? segment)
    {
        (file, segment) = (path, null);
        int mark = path.LastIndexOf(Mark, StringComparison.Ordinal);
        if (mark <= 0 || File.Exists(path)) return false;
        string[] times = path[(mark + Mark.Length)..].Split(',');
        double[] seconds = [.. times.Select(text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double value) && value < 1e9 ? value : -1)];
        if (times.Length > 2 || seconds.Any(value => value < 0)) return false;
        (file, segment) = (path[..mark], new AudioSegment(TimeSpan.FromSeconds(seconds[0]),
            seconds.Length == 2 ? TimeSpan.FromSeconds(seconds[1]) : null));
        return true;
    }

    /// <summary>The file of a path that may name a segment of it.</summary>
    public static string FileOf(string path) => TryParse(path, out string file, out _) ? file : path;

    /// <summary>Decodes the segment.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How to decode.</param>
    /// <exception cref="AudioFormatException">The file cannot be decoded, or the segment does not lie in it.</exception>
    public AudioClip Read(string file, AudioReadOptions? options)
    {
        AudioClip whole = Whole(file, options);
        long from = Samples(Start, whole.SampleRateHz), to = End is { } end ? Samples(end, whole.SampleRateHz) : whole.Length;
        // Tables round times: an end that is a little late means the file's.
        if (from >= whole.Length || to > whole.Length + (whole.SampleRateHz / 10) || from >= to)
            throw new AudioFormatException($"{file}: expected the segment from {Seconds(Start)} s to "
                + $"{(End is { } late ? Seconds(late) + " s" : "the end")} within the file, which lasts {Seconds(whole.Duration)} s. Check "
                + "the start and end of the row.");
        int channels = whole.Channels;
        float[] samples = whole.Samples[(int)(from * channels)..(int)(Math.Min(to, whole.Length) * channels)].ToArray();
        return new AudioClip(samples, whole.SampleRateHz, channels) { IsTruncated = whole.IsTruncated && to >= whole.Length };
    }

    private static long Samples(TimeSpan time, int rate) => (long)Math.Round(time.TotalSeconds * rate);

    /// <summary>The whole file, decoded once for all who read segments of it within a short time.</summary>
    internal static AudioClip Whole(string file, AudioReadOptions? options)
    {
        var info = new FileInfo(file);
        string key = string.Create(CultureInfo.InvariantCulture,
            $"{info.FullName}|{(info.Exists ? info.Length : -1)}|{info.LastWriteTimeUtc.Ticks}|{options}");
        WholeFile whole;
        lock (Files)
        {
            whole = Files.Find(known => known.Key == key) ?? new WholeFile(key);
            // The one used last stands last.
            Files.Remove(whole);
            Files.Add(whole);
            whole.Readers++;
        }
        try
        {
            return whole.Read(() => AudioFile.Read(file, options));
        }
        finally
        {
            lock (Files)
            {
                whole.Readers--;
                Keep(KeptSamples);
            }
            Idle.Change(KeptFor, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Keeps no file any longer that nobody reads.</summary>
    internal static void Release()
    {
        lock (Files) Keep(0);
    }

    private static void Keep(long samples)
    {
        bool isLast = samples > 0;
        for (int i = Files.Count - 1; i >= 0; i--, isLast = false)
        {
            samples -= Files[i].Samples;
            if (samples < 0 && !isLast) Files[i].Weaken();
            if (Files[i] is { IsGone: true, Readers: 0 }) Files.RemoveAt(i);
        }
    }

    private sealed class WholeFile(string key)
    {
        private readonly Lock _decoding = new();
        private readonly WeakReference<AudioClip?> _clip = new(null);
        private AudioClip? _kept;

        public string Key => key;

        public int Readers { get; set; }

        public int Samples => _kept?.Samples.Length ?? 0;

        public bool IsGone => !_clip.TryGetTarget(out _);

        public AudioClip Read(Func<AudioClip> decode)
        {
            // Readers of several segments at once wait for one decoding.
            lock (_decoding)
            {
                if (!_clip.TryGetTarget(out AudioClip? clip)) _clip.SetTarget(clip = decode());
                return _kept = clip;
            }
        }

        public void Weaken() => _kept = null;
    }
}
