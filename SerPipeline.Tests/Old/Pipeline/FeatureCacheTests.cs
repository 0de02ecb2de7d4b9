using System.Reflection;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Old.Pipeline;

public sealed class FeatureCacheTests : IDisposable
{
    private readonly Recordings _files = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _files.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void A_hit_neither_opens_the_decoder_nor_computes_again_and_gives_the_same_bits()
    {
        var counter = new Counter(_files.Corpus(1, 1).Clips.Select(c => c.Path));
        string[] first = RowPrints.Of(counter.Features(_cache.Path), "Path", "Out");
        Assert.Equal((3, 3), (counter.Decoded, counter.Computed));
        Assert.Equal(first, RowPrints.Of(counter.Features(_cache.Path), "Path", "Out"));
        Assert.Equal((3, 3), (counter.Decoded, counter.Computed));
        // Without a cache everything is computed, to the same values.
        Assert.Equal(first, RowPrints.Of(counter.Features(null), "Path", "Out"));
        Assert.Equal((6, 6), (counter.Decoded, counter.Computed));
    }

    [Fact]
    public void A_changed_parameter_of_any_stage_on_the_way_reads_nothing_stale()
    {
        var counter = new Counter(_files.Corpus(1, 1).Clips.Select(c => c.Path));
        RowPrints.Of(counter.Features(_cache.Path), "Out");
        RowPrints.Of(counter.Features(_cache.Path, gain: 2), "Out");
        Assert.Equal((6, 6), (counter.Decoded, counter.Computed));
        RowPrints.Of(counter.Features(_cache.Path, decoder: "b"), "Out");
        Assert.Equal((9, 9), (counter.Decoded, counter.Computed));
        Assert.Equal(RowPrints.Of(counter.Features(null, gain: 2), "Out"), RowPrints.Of(counter.Features(_cache.Path, gain: 2), "Out"));
    }

    [Fact]
    public void Changed_content_is_computed_anew_and_the_same_content_under_another_name_is_not()
    {
        string[] paths = [.. _files.Corpus(1, 1).Clips.Select(c => c.Path)];
        var counter = new Counter(paths);
        string[] before = RowPrints.Of(counter.Features(_cache.Path), "Out");
        WavWriter.Write(paths[1], Recordings.Tone(2, speaker: 5, take: 5));
        string[] after = RowPrints.Of(counter.Features(_cache.Path), "Out");
        Assert.Equal(4, counter.Decoded);
        Assert.Equal((before[0], before[2]), (after[0], after[2]));
        Assert.NotEqual(before[1], after[1]);
        File.Copy(paths[0], _files.File("copy.wav"));
        Assert.Equal(before[0], Assert.Single(RowPrints.Of(new Counter([_files.File("copy.wav")], counter).Features(_cache.Path), "Out")));
        Assert.Equal(4, counter.Decoded);
    }

    [Fact]
    public void A_damaged_or_truncated_entry_is_computed_anew_and_replaced()
    {
        var counter = new Counter(_files.Corpus(1, 1).Clips.Take(1).Select(c => c.Path));
        string[] expected = RowPrints.Of(counter.Features(_cache.Path), "Out");
        string entry = Assert.Single(Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories));
        byte[] whole = File.ReadAllBytes(entry);
        int decoded = 1;
        foreach (int length in new[] { 0, 1, 27, 28, 30, whole.Length - 1 })
        {
            File.WriteAllBytes(entry, whole[..length]);
            Assert.Equal(expected, RowPrints.Of(counter.Features(_cache.Path), "Out"));
            Assert.Equal(++decoded, counter.Decoded);
            Assert.Equal(whole, File.ReadAllBytes(entry));
        }
        var random = new SeededRandom(11);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. whole];
            int at = i < 28 ? i : random.Next(whole.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(entry, damaged);
            Assert.Equal(expected, RowPrints.Of(counter.Features(_cache.Path), "Out"));
        }
    }

    // The last stages of a chain learn from data and so are not cached themselves, but what they read must be: else a cache would save nothing in training.
    [Fact]
    public void What_an_uncached_stage_reads_comes_from_the_cache()
    {
        var counter = new Counter(_files.Corpus(1, 1).Clips.Select(c => c.Path));
        IDataView Scaled(IDataView features) =>
            new FunctionStage<VBuffer<float>, VBuffer<float>>(new SerContext(0, new() { CacheDirectory = _cache.Path }), "Out", new("Scaled", new VectorDataViewType(2)), v => v).Transform(features);
        string[] first = RowPrints.Of(Scaled(counter.Features(_cache.Path)), "Scaled");
        Assert.Equal(first, RowPrints.Of(Scaled(counter.Features(_cache.Path)), "Scaled"));
        Assert.Equal((3, 3), (counter.Decoded, counter.Computed));
    }

    [Fact]
    public void A_column_that_has_no_place_on_disk_is_still_read()
    {
        var ser = new SerContext(0, new() { CacheDirectory = _cache.Path });
        IDataView clips = ser.Data.LoadCorpus(_files.Corpus(1, 1)), audio = ser.Transforms.LoadAudio().Fit(clips).Transform(clips);
        Assert.Equal(3, audio.GetColumn<AudioClip>("Audio").Count());
        Assert.Empty(Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_stops_the_reading_and_is_not_taken_for_bad_clips()
    {
        string file = _cache.File("file");
        File.WriteAllText(file, "in the way of the folder");
        var ser = new SerContext(0, new() { CacheDirectory = file });
        int bad = 0;
        ser.BadClipFound += (_, _) => bad++;
        IDataView clips = ser.Data.LoadCorpus(_files.Corpus(1, 1));
        var chain = ser.Transforms.LoadAudio().Append(ser.Transforms.LogMelSpectrogram());
        var error = Assert.Throws<SerPipelineException>(() => chain.Fit(clips).Transform(clips).GetColumn<VBuffer<float>>("LogMel").Count());
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, bad);
    }

    [Fact]
    public void Two_readings_at_once_may_fill_one_cache()
    {
        string[] paths = [.. _files.Corpus(2, 3).Clips.Select(c => c.Path)];
        string[] expected = RowPrints.Of(new Counter(paths).Features(null), "Out");
        string[][] prints = new string[4][];
        Parallel.For(0, prints.Length, i => prints[i] = RowPrints.Of(new Counter(paths).Features(_cache.Path), "Out"));
        Assert.All(prints, p => Assert.Equal(expected, p));
        Assert.Equal(paths.Length, Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories).Length);
    }

    // Every option of every cached stage must change the cache key: found by reflection, so that a new option cannot be forgotten.
    [Fact]
    public void Every_option_of_the_cached_stages_is_part_of_the_key()
    {
        var ser = new SerContext();
        MustChangeKey(new LoadAudioOptions { Trim = new(), Normalization = new() }, o => Signature(ser.Transforms.LoadAudio(o), new("Path", TextDataViewType.Instance)));
        MustChangeKey(new LogMelOptions(), o => Signature(ser.Transforms.LogMelSpectrogram(o), new("Audio", new AudioDataViewType(o.SampleRateHz))));
        MustChangeKey(new SpectrogramRendererOptions(), o => Signature(ser.Transforms.SpectrogramImage(o), new("LogMel", new VectorDataViewType(8, 0))));
        MustChangeKey(new UtteranceFeatureOptions(), o => Signature(ser.Transforms.UtteranceFeatures(o), new("Audio", new AudioDataViewType(o.SampleRateHz))));
    }

    private static string Signature(IEstimator<RowTransformer> stage, DataViewSchema.DetachedColumn input)
    {
        var schema = new DataViewSchema([input]);
        RowTransformer fitted = stage.Fit(Views.Of([input], []));
        return fitted.Bind(schema).CacheSignature!;
    }

    private static void MustChangeKey<TOptions>(TOptions options, Func<TOptions, string> signature) where TOptions : class
    {
        var signatures = new Dictionary<string, string> { [signature(options)] = "the defaults" };
        foreach ((string name, object changed) in OptionChanges.Of(options))
        {
            string changedSignature = signature((TOptions)changed);
            Assert.True(signatures.TryAdd(changedSignature, name), $"{typeof(TOptions).Name}.{name} gives the same cache key as {signatures.GetValueOrDefault(changedSignature)}");
        }
        Assert.True(signatures.Count > 3);
    }

    /// <summary>A stand-in for a decoder and a feature, both counted.</summary>
    private sealed class Counter(IEnumerable<string> paths, Counter? counts = null)
    {
        private int _decoded, _computed;

        public int Decoded => _decoded;

        public int Computed => _computed;

        public IDataView Features(string? cache, int gain = 1, string decoder = "a")
        {
            Counter to = counts ?? this;
            var ser = new SerContext(0, new() { CacheDirectory = cache });
            IDataView audio = new Decoder(ser, to, decoder).Transform(ser.Data.LoadFiles(paths));
            return new FunctionStage<AudioClip, VBuffer<float>>(ser, "Audio", new("Out", new VectorDataViewType(2)), clip =>
            {
                Interlocked.Increment(ref to._computed);
                return new VBuffer<float>([clip.Length, clip.Samples[10] * gain]);
            }, $"feature {gain}").Transform(audio);
        }

        private sealed class Decoder(SerContext context, Counter counter, string name) : RowTransformer(context)
        {
            public override string StageName => "Decoder";

            public override void Save(StageContent stage) => throw new NotSupportedException();

            protected internal override RowMapper Bind(DataViewSchema schema) => new Mapper(schema["Path"].Index, counter, name);
        }

        private sealed class Mapper(int input, Counter counter, string name) : RowMapper([input], [new("Audio", new AudioDataViewType(16000))]), IReadsFiles
        {
            public override string CacheSignature => $"decoder {name}";

            public override string ContentKey(ReadOnlySpan<object?> inputs) => Convert.ToHexString(File.ReadAllBytes((string)inputs[0]!));

            public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs)
            {
                Interlocked.Increment(ref counter._decoded);
                outputs[0] = AudioFile.Read((string)inputs[0]!);
            }
        }
    }
}

/// <summary>Every way to change one option of a record, one at a time, nested records too.</summary>
internal static class OptionChanges
{
    public static IEnumerable<(string Name, object Changed)> Of(object options)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            object? value = property.GetValue(options);
            if (value is not null && value.GetType().Namespace!.StartsWith("SerPipeline", StringComparison.Ordinal) && !value.GetType().IsEnum)
            {
                foreach ((string name, object changed) in Of(value)) yield return ($"{property.Name}.{name}", Copy(options, property, changed));
                yield return (property.Name, Copy(options, property, null));
            }
            else
            {
                yield return (property.Name, Copy(options, property, Other(value, property)));
            }
        }
    }

    private static object Copy(object options, PropertyInfo property, object? value)
    {
        object copy = options.GetType().GetMethod("<Clone>$")!.Invoke(options, null)!;
        property.SetValue(copy, value);
        return copy;
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
}
