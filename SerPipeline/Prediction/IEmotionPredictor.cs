using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>
/// Tells emotions from audio: a loaded model, or a service that keeps one. Any number of threads may call at once; a clip's probabilities
/// do not depend on the clips beside it,
/// to the last bit, whichever form is called.
/// </summary>
/// <remarks>Every form throws <see cref="ObjectDisposedException"/> once the model is disposed. Calls under way by then end as if it were
/// not.</remarks>
public interface IEmotionPredictor
{
    /// <summary>The labels, in the order of <see cref="EmotionPrediction.Scores"/>.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>The rate that the model hears, in Hz; clips of other rates are resampled.</summary>
    int SampleRateHz { get; }

    /// <summary>Predicts on a file.</summary>
    /// <param name="path">WAV, FLAC, AIFF, MP3, Ogg Vorbis or Ogg Opus; other formats through ffmpeg where there is one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">It holds no audio that can be read.</exception>
    EmotionPrediction Predict(string path);

    /// <summary>Predicts on an audio file that a stream holds, from where it stands to its end. The stream stays open.</summary>
    /// <param name="stream">The whole file; it need not seek.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="AudioFormatException">It holds no audio that can be read.</exception>
    EmotionPrediction Predict(Stream stream, string name = "stream");

    /// <summary>Predicts on samples of one channel.</summary>
    /// <param name="samples">Finite numbers, nominally in [-1, 1]; at least one.</param>
    /// <param name="sampleRateHz">Samples a second.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is below 1.</exception>
    /// <exception cref="AudioFormatException">There is no sample, one is no finite number, or the rate is too far from the model's to be
    /// resampled.</exception>
    EmotionPrediction Predict(ReadOnlySpan<float> samples, int sampleRateHz);

    /// <summary>Predicts on decoded audio of any rate and number of channels.</summary>
    /// <param name="clip">Finite samples; at least one.</param>
    /// <exception cref="AudioFormatException">There is no sample, one is no finite number, or the rate is too far from the model's to be
    /// resampled.</exception>
    EmotionPrediction Predict(AudioClip clip);

    /// <summary>Predicts on decoded clips, several at once; gives them in order.</summary>
    /// <param name="clips">The clips.</param>
    /// <exception cref="ArgumentNullException">The list or a clip in it is null.</exception>
    /// <exception cref="AudioFormatException">A clip cannot be used; the message says which.</exception>
    IReadOnlyList<EmotionPrediction> Predict(IReadOnlyList<AudioClip> clips);

    /// <summary>Predicts on a file, on another thread.</summary>
    /// <param name="path">See <see cref="Predict(string)"/>.</param>
    /// <param name="cancellation">Ends it between decoding and scoring.</param>
    Task<EmotionPrediction> PredictAsync(string path, CancellationToken cancellation = default);

    /// <summary>Predicts on an audio file that a stream holds, read without blocking and scored on another thread.</summary>
    /// <param name="stream">See <see cref="Predict(Stream, string)"/>.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellation">Ends the reading, or ends it between decoding and scoring.</param>
    Task<EmotionPrediction> PredictAsync(Stream stream, string name = "stream", CancellationToken cancellation = default);

    /// <summary>Predicts on decoded audio, on another thread.</summary>
    /// <param name="clip">See <see cref="Predict(AudioClip)"/>.</param>
    /// <param name="cancellation">Ends it before it begins.</param>
    Task<EmotionPrediction> PredictAsync(AudioClip clip, CancellationToken cancellation = default);

    /// <summary>Predicts on files, several at once; gives them in order as they are done. A file that cannot be read is given with its
    /// error, and the rest is done.</summary>
    /// <param name="paths">The files; read lazily, a few ahead.</param>
    /// <param name="cancellation">Ends it after the files under way.</param>
    IAsyncEnumerable<FilePrediction> PredictFilesAsync(IEnumerable<string> paths, CancellationToken cancellation = default);

    /// <summary>Begins a timeline of audio that arrives in pieces, such as a microphone's. Dispose it: until then it holds on to the
    /// model.</summary>
    /// <param name="sampleRateHz">Frames a second of the pieces.</param>
    /// <param name="channels">Channels in each frame.</param>
    /// <param name="options">Window, hop, silence; the defaults when null.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    EmotionTimeline OpenTimeline(int sampleRateHz, int channels = 1, EmotionTimelineOptions? options = null);
}
