using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SerPipeline.Audio;
using SerPipeline.Prediction;

namespace InboxService;

/// <summary>Predicts on every recording that arrives in a folder, and writes a line of JSON for each to standard output.</summary>
/// <param name="predictor">The model.</param>
/// <param name="options">The folder.</param>
/// <param name="lifetime">Ends the program.</param>
/// <param name="logger">Where files go that cannot be read.</param>
public sealed partial class InboxWorker(IEmotionPredictor predictor, IOptions<InboxOptions> options, IHostApplicationLifetime lifetime,
    ILogger<InboxWorker> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Directory.CreateDirectory(options.Value.Folder);
        // A file that is still being copied differs from what it was a moment ago; one that is written anew is another one.
        HashSet<(string, long, DateTime)> before = [], done = [];
        using var timer = new PeriodicTimer(options.Value.Interval);
        do
        {
            HashSet<(string Path, long, DateTime)> there = [.. Directory.EnumerateFiles(options.Value.Folder)
                .Select(path => new FileInfo(path)).Where(file => file.Exists)
                .Select(file => (file.ToString(), file.Length, file.LastWriteTimeUtc))];
            done.IntersectWith(there);
            string[] arrived = [.. there.Where(file => before.Contains(file) && done.Add(file)).Select(file => file.Path)
                .Order(StringComparer.Ordinal)];
            before = there;
            await foreach (FilePrediction file in predictor.PredictFilesAsync(arrived, stoppingToken))
            {
                if (file.Prediction is { } said)
                    Console.WriteLine(JsonSerializer.Serialize(new
                    {
                        file.Path,
                        said.Label,
                        Probability = said.IsAnswered ? said.Probability : (float?)null,
                        Quality = said.Quality.Notes.ToWords(),
                        Seconds = said.Duration.TotalSeconds
                    }));
                else LogUnreadable(file.Path, file.Error!);
            }
        }
        while (!(options.Value.Once && done.SetEquals(before)) && await timer.WaitForNextTickAsync(stoppingToken));
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is left out: {Reason}")]
    private partial void LogUnreadable(string path, string reason);
}
