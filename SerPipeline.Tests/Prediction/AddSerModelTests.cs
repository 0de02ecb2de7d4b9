using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>A program that predicts as a service: a generic host that knows the public API alone.</summary>
public sealed class AddSerModelTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hosted_service_predicts_with_the_model_it_is_given()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddSerModel(tones.Path);
        builder.Services.AddSingleton(new Inbox(tones.Clips));
        builder.Services.AddHostedService<Consumer>();
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        IReadOnlyList<FilePrediction> found = await host.Services.GetRequiredService<Inbox>().Outbox.Task.WaitAsync(Cancel);
        await host.StopAsync(Cancel);

        using SerModel model = SerModel.Load(tones.Path);
        Assert.Equal(tones.Clips.Select(c => model.Predict(c).Scores), found.Select(f => f.Prediction!.Scores));
    }

    [Fact]
    public void Options_come_from_configuration_and_several_models_from_keys()
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Emotion:Path"] = tones.Path,
                ["Emotion:Threshold"] = "1",
                ["Emotion:ReloadInterval"] = "00:00:10",
            });
        builder.Services.Configure<SerModelServiceOptions>(builder.Configuration.GetSection("Emotion"));
        builder.Services.AddSerModel(configure: null);
        builder.Services.AddKeyedSerModel("other", options => options.Path = tones.OtherPath);
        using IHost host = builder.Build();
        IEmotionPredictor one = host.Services.GetRequiredService<IEmotionPredictor>(),
            other = host.Services.GetRequiredKeyedService<IEmotionPredictor>("other");
        Assert.Null(one.Predict(tones.Clips[0]).Label);
        Assert.NotNull(other.Predict(tones.Clips[0]).Label);
        Assert.NotEqual(one.Predict(tones.Clips[0]).Scores, other.Predict(tones.Clips[0]).Scores);
        Assert.Same(one, host.Services.GetRequiredService<IEmotionPredictor>());
    }

    [Fact]
    public void A_wrong_path_or_option_is_told_when_the_model_is_asked_for()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddSerModel("nowhere.zip");
        builder.Services.AddKeyedSerModel("empty", options => options.ReloadInterval = TimeSpan.Zero);
        using IHost host = builder.Build();
        Assert.Contains("nowhere.zip", Assert.Throws<ModelFormatException>(() => host.Services.GetRequiredService<IEmotionPredictor>())
            .Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Throws<OptionsException>(() => host.Services.GetRequiredKeyedService<IEmotionPredictor>("empty"))
            .Problems.Count);
    }

    [Fact]
    public async Task The_folder_of_a_run_is_reloaded_like_the_model_in_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.Copy(tones.Path, path);
        var log = new Log();
        using var model = new ReloadingSerModel(new() { Path = folder.Path, ReloadOnChange = false }, log, TimeProvider.System);
        Assert.Equal(Scores(tones.Path), model.Predict(tones.Clips[0]).Scores);
        File.Copy(tones.OtherPath, path, overwrite: true);
        model.LoadIfChanged();
        await log.Wait(LogLevel.Information, "Loaded the changed model");
        Assert.Equal(Scores(tones.OtherPath), model.Predict(tones.Clips[0]).Scores);
    }

    [Fact]
    public async Task A_changed_file_is_loaded_a_damaged_one_is_logged_and_calls_under_way_keep_their_model()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.Copy(tones.Path, path);
        var log = new Log();
        HostApplicationBuilder builder = Builder();
        builder.Logging.AddProvider(log);
        builder.Services.AddSerModel(options => (options.Path, options.ReloadInterval) = (path, TimeSpan.FromMilliseconds(20)));
        using IHost host = builder.Build();
        IEmotionPredictor predictor = host.Services.GetRequiredService<IEmotionPredictor>();
        float[] old = Scores(tones.Path), changed = Scores(tones.OtherPath);
        Assert.Equal(old, predictor.Predict(tones.Clips[0]).Scores);

        // 1. Damaged: logged once, and the old model answers.
        // Swapped in whole: written in place it would be empty for a moment, which is a damaged version of its own.
        await File.WriteAllTextAsync(folder.File("half.zip"), "half a model", Cancel);
        File.Move(folder.File("half.zip"), path, overwrite: true);
        await log.Wait(LogLevel.Error, "the one before it stays");
        await Task.Delay(100, Cancel);
        Assert.Single(log.Lines, line => line.Level == LogLevel.Error);
        Assert.Equal(old, predictor.Predict(tones.Clips[0]).Scores);

        // 2. Changed: the timeline that was open ends with the model it began with.
        using EmotionTimeline timeline = predictor.OpenTimeline(16000);
        File.Copy(tones.OtherPath, folder.File("new.zip"));
        File.Move(folder.File("new.zip"), path, overwrite: true);
        await log.Wait(LogLevel.Information, "Loaded the changed model");
        Assert.Equal(changed, predictor.Predict(tones.Clips[0]).Scores);
        using SerModel first = SerModel.Load(tones.Path);
        Assert.Equal(first.Predict(ToneModel.Tone(0, 0, 0, 3)).Scores,
            Assert.Single(timeline.Push(ToneModel.Tone(0, 0, 0, 3))).Prediction!.Scores);

        // 3. Deleted: the model stays.
        File.Delete(path);
        await Task.Delay(100, Cancel);
        Assert.Equal(changed, (await predictor.PredictAsync(tones.Clips[0], Cancel)).Scores);
        host.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(tones.Clips[0]));
    }

    [Fact]
    public async Task No_call_fails_while_models_change_under_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.Copy(tones.Path, path);
        using var predictor = new ReloadingSerModel(new() { Path = path, ReloadOnChange = false }, new Log().CreateLogger(""),
            TimeProvider.System);
        float[] old = Scores(tones.Path), changed = Scores(tones.OtherPath);
        using var done = new CancellationTokenSource();
        // Twelve loads may be over before a busy machine has given every caller a thread.
        using var answered = new CountdownEvent(4);
        Task<int>[] callers = [.. Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            int calls = 0;
            for (; !done.IsCancellationRequested; calls++)
            {
                IReadOnlyList<float> scores = (calls % 3) switch
                {
                    0 => predictor.Predict(tones.Clips[0]).Scores,
                    1 => (await predictor.PredictAsync(tones.Clips[0], Cancel)).Scores,
                    _ => (await predictor.PredictFilesAsync(tones.Clips, Cancel).ToListAsync(Cancel))[0].Prediction!.Scores,
                };
                Assert.True(scores.SequenceEqual(old) || scores.SequenceEqual(changed), "an answer of neither model");
                if (calls == 0)
                {
                    answered.Signal();
                }
            }
            return calls;
        }, Cancel))];
        for (int i = 0; i < 12 || !(answered.IsSet || callers.Any(caller => caller.IsCompleted)); i++)
        {
            File.Copy(i % 2 == 0 ? tones.OtherPath : tones.Path, path, overwrite: true);
            File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(i));
            predictor.LoadIfChanged();
            Assert.Equal(i % 2 == 0 ? changed : old, predictor.Predict(tones.Clips[0]).Scores);
        }
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 0));
    }

    // As a copy that keeps times, or two saves within one tick of the clock.
    [Fact]
    public void A_file_of_the_same_time_and_length_is_known_by_its_entries()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        long Write(string note)
        {
            var notes = new Dictionary<string, string> { ["note"] = note };
            File.WriteAllBytes(path, ToneModel.Zip(ModelRecord.Read(tones.Path) with { Notes = notes }).ToArray());
            File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            return new FileInfo(path).Length;
        }
        long length = Write("aab");
        var log = new Log();
        using var predictor = new ReloadingSerModel(new() { Path = path, ReloadOnChange = false }, log.CreateLogger(""),
            TimeProvider.System);
        predictor.LoadIfChanged();
        Assert.Single(log.Lines);
        // Another text may take a bit more or less in a compressed entry.
        Assert.Contains("cdefghijklmnopqrstuvwxyz", letter => Write($"aa{letter}") == length);
        predictor.LoadIfChanged();
        predictor.LoadIfChanged();
        Assert.Single(log.Lines, line => line.Text.StartsWith("Loaded the changed model", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_registered_twice_is_one_of_the_path_given_last()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddSerModel("nowhere.zip");
        builder.Services.AddSerModel(tones.OtherPath);
        using IHost host = builder.Build();
        IEmotionPredictor predictor = Assert.Single(host.Services.GetServices<IEmotionPredictor>());
        Assert.Equal(Scores(tones.OtherPath), predictor.Predict(tones.Clips[0]).Scores);
    }

    // The caller is a thread of a timer, where an exception ends the program.
    [Fact]
    public void A_reload_throws_nothing_whatever_goes_wrong()
    {
        var log = new Log();
        using var folder = new TemporaryFolder();
        var options = new SerModelServiceOptions { Path = folder.File("model.zip"), ReloadOnChange = false };
        File.Copy(tones.Path, options.Path);
        using var predictor = new ReloadingSerModel(options, log.CreateLogger(""), TimeProvider.System);
        // No path of any file: neither an IOException nor one of this library's.
        File.Copy(tones.OtherPath, options.Path, overwrite: true);
        options.Path = "a\0b";
        predictor.LoadIfChanged();
        Assert.Contains("the one before it stays", Assert.Single(log.Lines, line => line.Level == LogLevel.Error).Text,
            StringComparison.Ordinal);
        Assert.Equal(Scores(tones.Path), predictor.Predict(tones.Clips[0]).Scores);
    }

    private float[] Scores(string model)
    {
        using SerModel loaded = SerModel.Load(model);
        return [.. loaded.Predict(tones.Clips[0]).Scores];
    }

    private static HostApplicationBuilder Builder() =>
        Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });

    private sealed record Inbox(IReadOnlyList<string> Paths)
    {
        public TaskCompletionSource<IReadOnlyList<FilePrediction>> Outbox { get; } = new();
    }

    private sealed class Consumer(IEmotionPredictor predictor, Inbox inbox) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
            inbox.Outbox.SetResult(await predictor.PredictFilesAsync(inbox.Paths, stoppingToken).ToListAsync(stoppingToken));
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter) =>
            Lines.Enqueue((logLevel, formatter(state, exception)));

        public async Task Wait(LogLevel level, string text)
        {
            for (int i = 0; i < 600 && !Lines.Any(l => l.Level == level && l.Text.Contains(text, StringComparison.Ordinal)); i++)
                await Task.Delay(50, Cancel);
            Assert.Contains(Lines, l => l.Level == level && l.Text.Contains(text, StringComparison.Ordinal));
        }

        public void Dispose() { }
    }
}
