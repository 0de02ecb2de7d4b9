using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>A saved model to evaluate. Dispose it to free what it scores with.</summary>
/// <param name="Path">The file.</param>
/// <param name="Model">What predicts.</param>
/// <param name="History">How its training went; null for a file that does not tell.</param>
/// <param name="Record">What the file says of its training, or null.</param>
public sealed record ModelFile(string Path, SerModel Model, TrainingHistory? History, TrainingRecord? Record) : IDisposable
{
    /// <summary>What the clips of its training sound like; null where the file does not tell.</summary>
    internal HeardRecordings? Heard { get; init; }

    /// <summary>The classes, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => Model.Labels;

    /// <summary>How many clips it was trained on; of a file that does not tell, the clips of its training and validation parts together, or
    /// 0.</summary>
    public int TrainClips => History?.TrainExamples ?? Record?.TrainingClips.Count ?? 0;

    /// <summary>How many clips chose its weights; 0 where the file does not tell.</summary>
    public int ValidationClips => History?.ValidationExamples ?? 0;

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip that <c>ml.Model.SavePortable</c> or <c>ser train</c> wrote, or the folder of a run with one model of all
    /// clips.</param>
    /// <exception cref="ModelFormatException">It is no such model.</exception>
    public static ModelFile Load(string path)
    {
        path = ModelPath.Resolve(path);
        // What is to be evaluated is evaluated: doubtful clips are the corpus' to leave out.
        var model = SerModel.Load(path, new SerModelOptions { AnswerAnyway = true });
        try
        {
            return new ModelFile(path, model, HistoryFile.Find(model.Attachments, path),
                TrainingRecord.From(model.Notes, model.Attachments, path))
            {
                Heard = HeardRecordings.Find(model.Attachments, path),
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Scores every clip of a corpus.</summary>
    /// <param name="corpus">The clips.</param>
    /// <param name="scored">Called after each clip with the number done.</param>
    /// <param name="bad">Called with path and reason for each clip that cannot be read, which is left out; null to stop there with an
    /// <see cref="AudioFormatException"/>.</param>
    /// <param name="condition">How the clips sound.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<PredictionSet> ScoreAsync(Corpus corpus, Action<int>? scored = null, Action<string, string>? bad = null,
        RecordingCondition condition = RecordingCondition.AsRecorded, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        var rows = new List<ClipPrediction>();
        int done = 0;
        IEnumerable<string> paths = corpus.Clips.Select(clip => clip.Path);
        await foreach (FilePrediction file in Model.PredictFilesAsync(paths, condition, cancellation).ConfigureAwait(false))
        {
            CorpusClip clip = corpus.Clips[done++];
            if (file.Prediction is { } prediction)
                rows.Add(new ClipPrediction
                {
                    Path = clip.RelativePath,
                    Speaker = clip.Speaker,
                    Sex = clip.Sex,
                    Label = clip.Label,
                    Predicted = prediction.MostProbable!,
                    Probabilities = [.. prediction.Scores],
                });
            else if (bad is null) throw new AudioFormatException($"{clip.Path}: {file.Error}");
            else bad(clip.Path, file.Error!);
            scored?.Invoke(done);
        }
        return new PredictionSet(Labels, rows);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
