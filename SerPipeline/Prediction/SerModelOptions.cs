using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>How a <see cref="SerModel"/> predicts.</summary>
public sealed record SerModelOptions
{
    /// <summary>
    /// The least time that the network hears, in seconds: a clip that is shorter once its silence is trimmed gets silence around it, and
    /// says so. Models pad by themselves what is shorter than their
    /// <see cref="SerPipeline.Transforms.LoadAudioOptions.MinimumSeconds"/>, in training and in ONNX too; this is for models saved before
    /// they did, or for more. Default: 0.5; 0 leaves it to the model.
    /// </summary>
    public double MinimumSeconds { get; init; } = 0.5;

    /// <summary>The probability below which the model abstains: <see cref="EmotionPrediction.Label"/> is null then. Default: null, it never
    /// does.</summary>
    public double? Threshold { get; init; }

    /// <summary>Whether recordings without speech, too short or out of range are given a label all the same. Default: false,
    /// <see cref="EmotionPrediction.Label"/> is null then and <see cref="EmotionPrediction.Quality"/> says why.</summary>
    public bool AnswerAnyway { get; init; }

    /// <summary>Which channels are heard. Default: <see cref="ChannelSelection.Mix"/>. With <see cref="ChannelSelection.Each"/> the forms
    /// that give several answers give one a channel, and those that give one throw <see cref="InvalidOperationException"/>.</summary>
    public ChannelSelection Channel { get; init; }

    /// <summary>How many clips are worked on at once by the forms that take several and those that do not wait. Default: one a
    /// core.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How files are decoded; null, the default, takes the defaults of <see cref="AudioReadOptions"/>.</summary>
    public AudioReadOptions? Reading { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate()
    {
        new OptionsCheck(nameof(SerModelOptions))
            .Require(MinimumSeconds is >= 0 and <= 60, MinimumSeconds, "be between 0 and 60 seconds")
            .Require(Threshold is null or (>= 0 and <= 1), Threshold, "be a probability from 0 to 1, or null")
            .Require(Enum.IsDefined(Channel), Channel, "be Mix, Left, Right or Each")
            .Require(DegreeOfParallelism is >= 1 and <= 1024, DegreeOfParallelism, "be between 1 and 1024")
            .ThrowIfAny();
        Reading?.Validate();
    }
}
