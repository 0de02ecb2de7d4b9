using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Old.Transforms;

/// <summary>Turns audio into the mean over time of each of its cepstral coefficients, as in the paper.</summary>
public sealed class PaperMfccEstimator : ClipVectorEstimator<PaperMfccTransformer>
{
    internal PaperMfccEstimator(PaperMfccTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into the mean over time of each of its cepstral coefficients; the slots are named <c>mfcc_00</c> and so on.</summary>
public sealed class PaperMfccTransformer : ClipVectorTransformer
{
    internal const string Name = "PaperMfcc";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly PaperMfcc _extractor;

    internal PaperMfccTransformer(SerContext context, StageSettings<PaperMfccOptions> settings) : base(context, settings.Input, settings.Output)
    {
        Settings = settings;
        _extractor = new PaperMfcc(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    internal StageSettings<PaperMfccOptions> Settings { get; }

    private protected override int SampleRateHz => Settings.Options.SampleRateHz;

    private protected override IReadOnlyList<string> SlotNames => _extractor.Names;

    private protected override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Settings.Options}");

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static PaperMfccTransformer Load(StageContent stage, SerContext context) => new(context, stage.GetOptions<StageSettings<PaperMfccOptions>>());

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        onnx.Set(Output, new OnnxColumn(MfccMeansExport.Add(onnx.Get(Name, Input), Settings.Options)));
    }

    private protected override float[] Extract(AudioClip clip) => _extractor.Extract(clip.Samples);
}
