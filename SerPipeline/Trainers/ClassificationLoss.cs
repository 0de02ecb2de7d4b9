using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// The mean cross entropy of raw scores [n, classes], or the focal loss (Lin et al. 2017): cross entropy in which a class that already has
/// probability p counts by
/// (1 - p)^gamma. For targets q (a label is q = 1 for its class) the loss of an example is the sum over classes k of w_k q'_k (1 -
/// p_k)^gamma (-log p_k), with class
/// weights w and q' the smoothed target (1 - s) q + s / classes. The mean over a batch is PyTorch's: weighted by the weights of the labels,
/// or over the
/// examples where these are mixed.
/// </summary>
internal sealed class ClassificationLoss(float[] classWeights, double labelSmoothing, double focalGamma, Device device)
{
    // Keeps (1 - p)^gamma differentiable where p is 1 in float32; the step of float32 below 1 is 6e-8.
    private const double LeastRest = 1e-8;

    // Lives as long as the training: it belongs to the training's scope.
    private readonly Tensor? _classWeights = classWeights.Length == 0 ? null : tensor(classWeights, device: device);

    public Tensor Of(Tensor scores, Batch batch)
    {
        Tensor logits = scores.to_type(ScalarType.Float32);
        if (focalGamma == 0) return nn.functional.cross_entropy(logits, batch.Target, _classWeights, label_smoothing: labelSmoothing);
        Tensor logs = logits.log_softmax(1);
        Tensor rest = logs.exp().neg().With(1, (x, one) => x.add(one)).With(LeastRest, (x, least) => x.clamp_min(least));
        Tensor modulation = rest.With(focalGamma, (x, gamma) => x.pow(gamma));
        return -(modulation * logs * tensor(Shares(batch, (int)scores.shape[1]), scores.shape, device: device)).sum();
    }

    // How much each class of each example counts, class weights, smoothing and the mean's divisor included: [n, classes].
    private float[] Shares(Batch batch, int classes)
    {
        int examples = batch.Labels.Length;
        float[] shares = batch.Shares is { } mixed ? [.. mixed] : new float[examples * classes];
        double divisor = examples;
        if (batch.Shares is null)
        {
            divisor = batch.Labels.Sum(label => (double)Weight(label));
            for (int i = 0; i < examples; i++) shares[(i * classes) + batch.Labels[i]] = 1;
        }
        for (int i = 0; i < shares.Length; i++)
            shares[i] = (float)(Weight(i % classes) * (((1 - labelSmoothing) * shares[i]) + (labelSmoothing / classes)) / divisor);
        return shares;
    }

    private float Weight(int label) => classWeights.Length == 0 ? 1 : classWeights[label];

    /// <summary>n / (classes * count), scikit-learn's "balanced" where every class has an example. One without counts among the classes and
    /// weighs 0: what label smoothing gives it of the target adds no loss.</summary>
    public static float[] BalancedWeights(IReadOnlyCollection<int> labels, int classes)
    {
        var counts = new int[classes];
        foreach (int label in labels) counts[label]++;
        return [.. counts.Select(c => c == 0 ? 0f : (float)labels.Count / (classes * (float)c))];
    }
}
