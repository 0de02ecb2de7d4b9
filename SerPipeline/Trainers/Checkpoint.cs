using System.Diagnostics;
using System.IO.Hashing;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// The state of a training in a file: network, optimizer, best epoch, generators and the figures of all epochs. The schedule's position,
/// shuffles and augmentation follow from the seed and the number of epochs; early stopping is judged anew from the figures.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="options">The training's, its seed among them: the file of another training is refused.</param>
/// <param name="data">The examples, which must be the same.</param>
/// <param name="network">Being trained.</param>
/// <param name="optimizer">What trains it.</param>
/// <param name="draws">The generators that its layers draw from.</param>
internal sealed class Checkpoint(string path, NeuralTrainerOptions options, TrainingData data, nn.Module network,
    NetworkOptimizer optimizer, IReadOnlyList<SeededRandom> draws)
{
    // The time between two writings over the time that one takes, and what the first is taken to take.
    private const double LeastRatio = 50, FirstSeconds = 0.01;

    private const string Training = "training", Epochs = "epochs", Steps = "steps", Draws = "draws", Version = "version",
        CurrentVersion = "1", OfNetwork = "network.", OfBest = "best.", OfMoments = "adam.", OfProcess = "torch.generator";

    private readonly string _training = Describe(options, data);
    private readonly Stopwatch _sinceWrite = Stopwatch.StartNew();
    private double _writeSeconds = FirstSeconds;

    /// <summary>Brings the training to where the file left it; nothing is changed where there is no file.</summary>
    /// <param name="best">The copy of the best epoch that was kept, or null; the caller's to dispose.</param>
    /// <returns>The epochs done so far.</returns>
    /// <exception cref="ResumeException">The file is damaged, or of another training.</exception>
    public IReadOnlyList<TrainingMetrics> Load(out NetworkState? best)
    {
        best = null;
        if (!File.Exists(path)) return [];
        var file = TensorFile.Open(path);
        RequireSame(file.Metadata);
        using DisposeScope scope = NewDisposeScope();
        NetworkState? copy = file.Names.Any(name => name.StartsWith(OfBest, StringComparison.Ordinal)) ? NetworkState.Of(network) : null;
        try
        {
            lock (TorchEngine.GeneratorLock)
            {
                Tensor generator = Generator.Default.get_state();
                file.CopyTo(Tensors(copy, generator));
                Generator.Default.set_state(generator);
            }
            optimizer.Steps = int.Parse(file.Metadata[Steps], CultureInfo.InvariantCulture);
            ulong[][] states = JsonSerializer.Deserialize<ulong[][]>(file.Metadata[Draws])!;
            foreach ((SeededRandom random, ulong[] state) in draws.Zip(states)) random.State = state;
            best = copy;
            return JsonSerializer.Deserialize<TrainingMetrics[]>(file.Metadata[Epochs], RunJson.Options)!;
        }
        catch
        {
            copy?.Dispose();
            throw;
        }
    }

    /// <summary>Writes the file, unless the last writing was so short a time ago that its cost would show.</summary>
    /// <param name="epochs">The epochs done so far.</param>
    /// <param name="best">The best epoch's copy, or null.</param>
    /// <param name="last">Whether the training ends here: then it is written in any case.</param>
    public void Save(IReadOnlyList<TrainingMetrics> epochs, NetworkState? best, bool last)
    {
        if (!last && !options.CheckpointEveryEpoch && _sinceWrite.Elapsed.TotalSeconds < LeastRatio * _writeSeconds) return;
        var watch = Stopwatch.StartNew();
        using DisposeScope scope = NewDisposeScope();
        Tensor generator;
        lock (TorchEngine.GeneratorLock) generator = Generator.Default.get_state();
        TensorFile.Write(path, new Dictionary<string, string>
        {
            [Version] = CurrentVersion,
            [Training] = _training,
            [Epochs] = JsonSerializer.Serialize(epochs, RunJson.Options),
            [Steps] = optimizer.Steps.ToString(CultureInfo.InvariantCulture),
            [Draws] = JsonSerializer.Serialize(draws.Select(random => random.State)),
        }, Tensors(best, generator));
        _writeSeconds = watch.Elapsed.TotalSeconds;
        _sinceWrite.Restart();
    }

    /// <summary>Removes the files of a training, and of an ensemble's members.</summary>
    public static void Delete(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) return;
        File.Delete(path);
        foreach (string member in Directory.GetFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*")) File.Delete(member);
    }

    /// <summary>The file of an ensemble's member.</summary>
    /// <param name="path">The ensemble's.</param>
    /// <param name="member">From 1.</param>
    public static string OfMember(string path, int member) => string.Create(CultureInfo.InvariantCulture, $"{path}.{member}");

    // TorchSharp's own dropout layers draw from the generator of the process.
    private List<(string Name, Tensor Value)> Tensors(NetworkState? best, Tensor generator) =>
    [
        .. NetworkState.Values(network).Select(one => (OfNetwork + one.Name, one.Value)),
        .. (best?.Copies ?? []).Select(one => (OfBest + one.Name, one.Value)),
        .. optimizer.Moments.Select(one => (OfMoments + one.Name, one.Value)),
        (OfProcess, generator),
    ];

    private void RequireSame(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.GetValueOrDefault(Version) != CurrentVersion)
            throw new ResumeException($"The checkpoint '{path}' has version {metadata.GetValueOrDefault(Version) ?? "none"}, and this "
                + $"library reads version {CurrentVersion}. Go on with the library that wrote it, or delete it to train from the start.");
        string[] differences = [.. Differences(metadata[Training], _training).Select(one => one.Text)];
        if (differences.Length > 0)
            throw new ResumeException($"The checkpoint '{path}' belongs to another training: {string.Join("; ", differences)}. Train with "
                + "what it was begun with, or delete it to train from the start.");
    }

    /// <summary>What two JSON objects do not have in common, in words.</summary>
    internal static IEnumerable<(string Name, string Text)> Differences(string before, string now)
    {
        using JsonDocument one = JsonDocument.Parse(before), other = JsonDocument.Parse(now);
        Dictionary<string, JsonElement> old = one.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value),
            current = other.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        return [.. old.Keys.Union(current.Keys).Order(StringComparer.Ordinal)
            .Where(name => !(old.TryGetValue(name, out JsonElement a) && current.TryGetValue(name, out JsonElement b)
                && JsonElement.DeepEquals(a, b)))
            .Select(name => (name, $"{name} was {Text(old, name)} and is {Text(current, name)}"))];

        static string Text(Dictionary<string, JsonElement> all, string name) =>
            all.TryGetValue(name, out JsonElement value) ? value.GetRawText() : "absent";
    }

    private static string Describe(NeuralTrainerOptions options, TrainingData data)
    {
        SortedDictionary<string, object?> all = options.Plain();
        // Where examples lie changes no weight.
        all.Remove(JsonNamingPolicy.CamelCase.ConvertName(nameof(NeuralTrainerOptions.MemoryBudgetBytes)));
        all["validationSeed"] = options.ValidationSeed;
        all["trainingRows"] = data.Train.Length;
        all["validationRows"] = data.Validation.Length;
        var hash = new XxHash128();
        data.Store.AddTo(hash);
        if (data.ValidationStore != data.Store) data.ValidationStore.AddTo(hash);
        foreach (int row in data.Validation) hash.Append(BitConverter.GetBytes(row));
        all["rows"] = Convert.ToHexStringLower(hash.GetCurrentHash());
        return JsonSerializer.Serialize(all, RunJson.Options);
    }
}
