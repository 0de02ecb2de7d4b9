using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

public sealed class FeatureCacheTests : IDisposable
{
    private static readonly MLContext Ml = new(seed: 1);
    private readonly Recordings _files = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _files.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void A_hit_computes_nothing_and_gives_the_same_bits_for_every_kind_of_feature()
    {
        string[] paths = Paths(3), columns = ["Spectrogram", "Image", "Features"];
        string[] fresh = ReadingTests.Chain(Ml.Data.LoadFiles(paths), new()).Prints(columns);
        Assert.Equal(fresh, ReadingTests.Chain(Ml.Data.LoadFiles(paths), new() { CacheDirectory = _cache.Path }).Prints(columns));
        Assert.Equal(9, Entries().Length);
        Assert.Equal(fresh, ReadingTests.Chain(Ml.Data.LoadFiles(paths), new() { CacheDirectory = _cache.Path }).Prints(columns));
        Assert.Equal(9, Entries().Length);
        var stage = new CountingStage("Waveform");
        string[] first = Features(paths, stage).Prints("Out");
        Assert.Equal(3, stage.Computed);
        Assert.Equal(first, Features(paths, stage).Prints("Out"));
        Assert.Equal(3, stage.Computed);
    }

    [Fact]
    public void The_chain_of_another_fold_decodes_nothing_again_though_ML_NET_caches_its_columns()
    {
        string[] paths = Paths(3);
        int decoded = 0;
        var reading = new AudioReading
        {
            CacheDirectory = _cache.Path,
            BadClips = BadClipRule.Skip,
            Decoded = (_, _) => Interlocked.Increment(ref decoded),
        };
        int[] after = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            IDataView view = Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading)
                .Append(Ml.Transforms.UtteranceFeatures("Features", "Waveform"))
                .Append(Ml.Transforms.LoadAudio("Faster", "Path", reading: reading with { Speed = 1.1 }))
                .Append(Ml.Transforms.UtteranceFeatures("Faster features", "Faster"))
                .AppendCacheCheckpoint(Ml).Fit(Ml.Data.LoadFiles(paths)).Transform(Ml.Data.LoadFiles(paths));
            // One column after the other, as trainers read them.
            foreach (string column in new[] { "Path", "Features", "Faster features" }) view.Prints(column);
            return decoded;
        })];
        Assert.InRange(after[0], 6, 9);
        Assert.Equal(after[0], after[1]);
    }

    [Fact]
    public void Of_several_loaders_any_may_leave_a_row_out_and_what_one_says_of_cache_and_report_holds_for_all()
    {
        string[] paths = Paths(2);
        string noise = _files.File("noise.wav");
        File.WriteAllText(noise, "no audio");
        IDataView files = Ml.Data.LoadFiles([.. paths, noise]);
        var found = new List<BadClip>();
        var telling = new AudioReading { BadClips = BadClipRule.Skip, BadClipFound = found.Add, CacheDirectory = _cache.Path };
        foreach ((AudioReading first, AudioReading second) in ((AudioReading, AudioReading)[])
            [(telling, new() { Speed = 1.1 }), (new(), telling with { Speed = 1.1 })])
        {
            found.Clear();
            foreach (string entry in Entries()) File.Delete(entry);
            IDataView view = Ml.Transforms.LoadAudio("Waveform", "Path", reading: first)
                .Append(Ml.Transforms.LoadAudio("Faster", "Path", reading: second))
                .Append(Ml.Transforms.UtteranceFeatures("Features", "Faster")).Fit(files).Transform(files);
            Assert.Null(view.GetRowCount());
            Assert.Equal(paths, view.Texts("Path"));
            Assert.Equal(2, view.Vectors("Features").Length);
            Assert.Equal([noise, noise], found.Select(bad => bad.Path));
            Assert.Equal(2, Entries().Length);
        }
    }

    [Fact]
    public void The_file_that_cannot_be_read_is_named_and_every_column_has_the_same_rows()
    {
        string[] paths = Paths(3);
        string noise = _files.File("noise.wav");
        File.WriteAllText(noise, "no audio");
        var found = new List<BadClip>();
        IDataView rows = Ml.Data.LoadFromEnumerable(
            new[] { paths[1], noise, paths[0] }.Zip(paths, (other, one) => new TwoFiles { A = one, B = other }));
        var skip = new AudioReading { BadClips = BadClipRule.Skip, BadClipFound = found.Add, Speed = 1.1 };
        foreach (AudioReading first in new[] { skip, skip with { Speed = 1 } })
        {
            found.Clear();
            IDataView view = Ml.Transforms.LoadAudio("One", "A", reading: first)
                .Append(Ml.Transforms.LoadAudio("Other", "B", reading: skip)).Fit(rows).Transform(rows);
            foreach (string column in new[] { "A", "B" }) Assert.Equal(2, view.Texts(column).Length);
            Assert.Equal(2, view.Vectors("Other").Length);
            Assert.Equal(2, view.Vectors("One").Length);
            Assert.All(found, bad => Assert.Equal(noise, bad.Path));
            Assert.Equal(4, found.Count);
        }
    }

    [Fact]
    public void A_clip_left_out_unasked_is_in_the_log()
    {
        string noise = _files.File("noise.wav");
        File.WriteAllText(noise, "no audio");
        var ml = new MLContext();
        var said = new List<string>();
        ml.Log += (_, e) => said.Add(e.Message);
        IDataView files = ml.Data.LoadFiles([.. Paths(1), noise]);
        IDataView view = ml.Transforms.LoadAudio("Waveform", "Path")
            .Append(ml.Transforms.LoadAudio("Faster", "Path", reading: new() { BadClips = BadClipRule.Skip, Speed = 1.1 }))
            .Fit(files).Transform(files);
        Assert.Single(view.Texts("Path"));
        Assert.Contains(said, message => message.Contains($"left out '{noise}'", StringComparison.Ordinal));
    }

    [Fact]
    public void Changed_options_of_any_stage_or_changed_content_read_nothing_stale()
    {
        string[] paths = Paths(3);
        CountingStage one = new("Waveform"), two = new("Waveform", gain: 2);
        string[] before = Features(paths, one).Prints("Out");
        Features(paths, two).Prints("Out");
        Features(paths, one, new() { Trim = null }).Prints("Out");
        Assert.Equal((6, 3), (one.Computed, two.Computed));
        WavWriter.Write(paths[1], Recordings.Tone(2, speaker: 5, take: 5));
        string[] after = Features(paths, one).Prints("Out");
        Assert.Equal(7, one.Computed);
        Assert.Equal((before[0], before[2]), (after[0], after[2]));
        Assert.NotEqual(before[1], after[1]);
        // The same content under another name is known.
        File.Copy(paths[0], _files.File("copy.wav"));
        Assert.Equal(before[0], Assert.Single(Features([_files.File("copy.wav")], one).Prints("Out")));
        Assert.Equal(7, one.Computed);
    }

    [Fact]
    public void A_damaged_or_truncated_entry_is_computed_anew_and_replaced()
    {
        string[] paths = Paths(1);
        var stage = new CountingStage("Waveform");
        string[] expected = Features(paths, stage).Prints("Out");
        string entry = Assert.Single(Entries());
        byte[] whole = File.ReadAllBytes(entry);
        int computed = 1;
        foreach (int length in new[] { 0, 1, 27, 28, 30, whole.Length - 1 })
        {
            File.WriteAllBytes(entry, whole[..length]);
            Assert.Equal(expected, Features(paths, stage).Prints("Out"));
            Assert.Equal(++computed, stage.Computed);
            Assert.Equal(whole, File.ReadAllBytes(entry));
        }
        var random = new SeededRandom(11);
        for (int i = 0; i < 40; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i < 28 ? i : random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(entry, damaged);
            Assert.Equal(expected, Features(paths, stage).Prints("Out"));
        }
    }

    [Fact]
    public void A_cache_that_cannot_be_written_stops_the_reading_and_is_not_taken_for_bad_clips()
    {
        string file = _cache.File("file");
        File.WriteAllText(file, "in the way of the folder");
        int bad = 0;
        IDataView output = ReadingTests.Chain(
            Ml.Data.LoadFiles(Paths(1)), new() { CacheDirectory = file, BadClips = BadClipRule.Skip, BadClipFound = _ => bad++ });
        Assert.Contains(file, Assert.Throws<SerPipelineException>(() => output.Prints("Spectrogram")).Message, StringComparison.Ordinal);
        Assert.Equal(0, bad);
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_leaves_nothing_in_the_cache()
    {
        string path = Paths(1)[0];
        var stage = new CountingStage("Waveform");
        IDataView Read(Action<string, AudioClip>? decoded)
        {
            IDataView files = Ml.Data.LoadFiles([path]);
            var reading = new AudioReading { CacheDirectory = _cache.Path, Decoded = decoded };
            return stage.Transform(Ml.Transforms.LoadAudio("Waveform", "Path", reading: reading).Fit(files).Transform(files));
        }
        Read((_, _) => File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc))).Prints("Out");
        Assert.Empty(Entries());
        Read(null).Prints("Waveform", "Out");
        Assert.Single(Entries());
    }

    [Fact]
    public void Two_readings_at_once_may_fill_one_cache_and_audio_has_no_place_there()
    {
        string[] paths = Paths(3), expected = Features(paths, new("Waveform"), cache: false).Prints("Out"), columns = ["Out"];
        string[][] prints = new string[4][];
        Parallel.For(0, prints.Length, i => prints[i] = Features(paths, new("Waveform")).Prints(columns));
        Assert.All(prints, p => Assert.Equal(expected, p));
        Assert.Equal(paths.Length, Entries().Length);
        Features(paths, new("Waveform")).Prints("Waveform");
        Assert.Equal(paths.Length, Entries().Length);
    }

    // Found by reflection, so that a new option cannot be forgotten.
    [Fact]
    public void Every_option_of_every_stage_is_part_of_the_key()
    {
        // Audio has no place in the cache, but is in the key of what is made of it.
        MustChangeKey(new LoadAudioOptions { Trim = new(), Normalization = new() }, o => new LoadAudioTransformer("X", "Y", o));
        Type[] held =
        [
            MustChangeKey(new LogMelOptions(), o => new LogMelSpectrogramTransformer("X", "Y", o)),
            MustChangeKey(new SpectrogramRendererOptions(), o => new SpectrogramImageTransformer("X", "Y", o)),
            MustChangeKey(new UtteranceFeatureOptions(), o => new UtteranceFeaturesTransformer("X", "Y", o)),
            MustChangeKey(new GemapsFeatureOptions(), o => new GemapsFeaturesTransformer("X", "Y", o)),
            MustChangeKey(new PaperMfccOptions(), o => new PaperMfccTransformer("X", "Y", o)),
        ];
        // Whether a stage is held depends on its type alone.
        Assert.Equal(typeof(RowTransformer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(RowTransformer)) && !type.IsAbstract
                && FeatureCache.Holds((RowTransformer)RuntimeHelpers.GetUninitializedObject(type)))
            .Select(type => type.Name).Order(StringComparer.Ordinal), held.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    private static Type MustChangeKey<TOptions>(TOptions options, Func<TOptions, RowTransformer> stage) where TOptions : class
    {
        var signatures = new Dictionary<string, string> { [stage(options).Stage.Signature] = "the defaults" };
        foreach ((string name, object changed) in Changes(options))
        {
            string key = stage((TOptions)changed).Stage.Signature;
            Assert.True(signatures.TryAdd(key, name),
                $"{typeof(TOptions).Name}.{name} gives the same cache key as {signatures.GetValueOrDefault(key)}");
        }
        Assert.True(signatures.Count > 3);
        return stage(options).GetType();
    }

    /// <summary>Every way to change one option of a record, one at a time, nested records too.</summary>
    private static IEnumerable<(string Name, object Changed)> Changes(object options)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite))
        {
            object? value = property.GetValue(options);
            if (value is not null && value.GetType().Namespace!.StartsWith("SerPipeline", StringComparison.Ordinal) && !value.GetType()
                .IsEnum)
            {
                foreach ((string name, object changed) in Changes(value)) yield return ($"{property.Name}.{name}", Copy(property, changed));
                yield return (property.Name, Copy(property, null));
            }
            else
            {
                yield return (property.Name, Copy(property, Other(value, property)));
            }
        }

        object Copy(PropertyInfo property, object? value)
        {
            object copy = options.GetType().GetMethod("<Clone>$")!.Invoke(options, null)!;
            property.SetValue(copy, value);
            return copy;
        }
    }

    private static object? Other(object? value, PropertyInfo property) => value switch
    {
        bool flag => !flag,
        // Small steps keep within every range and every rule between two options; the bit pattern of a double changes all the same.
        int number => number is 2 ? 1 : number + 2,
        double number => number == 0 ? 1e-9 : number * (1 - 1e-9),
        null when property.PropertyType == typeof(ResamplerOptions) => ResamplerOptions.KaiserFast,
        Enum choice => Enum.GetValues(choice.GetType()).Cast<object>().First(v => !v.Equals(choice)),
        _ => throw new InvalidOperationException($"No other value for {property.DeclaringType!.Name}.{property.Name}: add one."),
    };

    private string[] Paths(int count) => [.. _files.Corpus(1, 1).Clips.Take(count).Select(c => c.Path)];

    private string[] Entries() => Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories);

    private IDataView Features(string[] paths, CountingStage stage, LoadAudioOptions? options = null, bool cache = true)
    {
        IDataView files = Ml.Data.LoadFiles(paths);
        var reading = new AudioReading { CacheDirectory = cache ? _cache.Path : null };
        return stage.Transform(Ml.Transforms.LoadAudio("Waveform", "Path", options, reading).Fit(files).Transform(files));
    }

    private sealed class TwoFiles
    {
        public required string A { get; init; }

        public required string B { get; init; }
    }
}
