using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Transforms;

/// <summary>
/// Short tones as WAV files of a test: the label is the pitch, the speaker a slight shift of it, and noise makes every clip different.
/// </summary>
public sealed class Recordings : IDisposable
{
    public const int SampleRateHz = 16000;

    private static readonly double[] PitchesHz = [220, 700, 1800];
    private readonly TemporaryFolder _folder = new();

    public static IReadOnlyList<string> Labels { get; } = ["low", "middle", "high"];

    public string Folder => _folder.Path;

    /// <summary>A tone in noise, 0.3 s unless told.</summary>
    public static AudioClip Tone(int label, int speaker, int take, double seconds = 0.3)
    {
        SeededRandom random = new SeededRandom(label).Fork("speaker", speaker).Fork("take", take);
        double pitch = PitchesHz[label] * (1 + (0.02 * speaker) + random.NextDouble(-0.02, 0.02)), phase = random.NextDouble(0, 6);
        var samples = new float[(int)(seconds * SampleRateHz)];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (float)((0.3 * Math.Sin((2 * Math.PI * pitch * i / SampleRateHz) + phase)) + (0.01 * random.NextNormal()));
        return new AudioClip(samples, SampleRateHz);
    }

    /// <summary>Writes one clip a label, speaker and take, and gives them as a corpus.</summary>
    public Corpus Corpus(int speakers, int takes, int labels = 3)
    {
        var clips = new List<CorpusClip>();
        for (int speaker = 0; speaker < speakers; speaker++)
            for (int label = 0; label < labels; label++)
                for (int take = 0; take < takes; take++)
                {
                    string relative = $"s{speaker}/{Labels[label]}-{take}.wav",
                        path = _folder.File($"s{speaker}", $"{Labels[label]}-{take}.wav");
                    if (!System.IO.File.Exists(path)) WavWriter.Write(path, Tone(label, speaker, take));
                    clips.Add(new CorpusClip
                    {
                        Path = path,
                        RelativePath = relative,
                        Label = Labels[label],
                        Speaker = $"s{speaker}",
                        Corpus = "tones"
                    });
                }
        return new Corpus("tones", _folder.Path, clips, [.. Labels.Take(labels)]);
    }

    public string File(params string[] parts) => _folder.File(parts);

    public void Dispose() => _folder.Dispose();
}
