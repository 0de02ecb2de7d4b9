using SerPipeline.Features;

namespace SerPipeline.Trainers;

/// <summary>
/// Speed perturbation in the image: what a clip's log-mel image would be, had the clip been played faster or slower (Ko et al. 2015),
/// without computing it anew.
/// Played at s times the speed, a clip takes 1/s of its time and every frequency becomes s times as high; the image is read bilinearly at
/// the places these came
/// from. The frequency part alone is vocal tract length perturbation (Jaitly and Hinton 2013). The axis is <see cref="LogMelOptions"/>'s
/// own: Slaney mels.
/// </summary>
/// <param name="height">Bands; the lowest is the bottom row.</param>
/// <param name="width">Frames.</param>
/// <param name="lowHz">The lower end of the lowest band.</param>
/// <param name="highHz">The upper end of the highest band.</param>
internal sealed class SpectrogramWarp(int height, int width, double lowHz, double highHz)
{
    private readonly double _lowMel = Mel.FromHz(lowHz, MelScale.Slaney);
    // The centres of the bands: height + 2 points evenly spaced in mels, without the two ends.
    private readonly double _melPerRow = (Mel.FromHz(highHz, MelScale.Slaney) - Mel.FromHz(lowHz, MelScale.Slaney)) / (height + 1);
    private readonly double[] _rows = new double[height], _columns = new double[width];
    private readonly float[] _line = new float[width], _source = new float[height * width];

    /// <summary>Warps an image in place.</summary>
    /// <param name="image">[height, width].</param>
    /// <param name="time">By how much faster; above 1 the clip gets shorter, about the image's middle.</param>
    /// <param name="frequency">By how much higher; above 1 bands move up.</param>
    /// <param name="outside">What lies before the first and after the last frame.</param>
    public void Apply(Span<float> image, double time, double frequency, float outside)
    {
        double middle = (width - 1) / 2.0;
        for (int x = 0; x < width; x++) _columns[x] = middle + ((x - middle) * time);
        for (int y = 0; y < height; y++) _rows[y] = SourceRow(y, frequency);
        image.CopyTo(_source);
        for (int y = 0; y < height; y++)
        {
            // 1. One line between two bands; above the highest and below the lowest band there is nothing better than they.
            int above = (int)_rows[y], below = Math.Min(above + 1, height - 1);
            var share = (float)(_rows[y] - above);
            ReadOnlySpan<float> a = _source.AsSpan(above * width, width), b = _source.AsSpan(below * width, width);
            for (int x = 0; x < width; x++) _line[x] = a[x] + (share * (b[x] - a[x]));
            // 2. Read along time.
            Span<float> target = image.Slice(y * width, width);
            for (int x = 0; x < width; x++) target[x] = At(_columns[x], outside);
        }
    }

    /// <summary>Where in the image the band lay that a warp brings to a row.</summary>
    private double SourceRow(int row, double frequency)
    {
        double hz = Mel.ToHz(_lowMel + (_melPerRow * (height - row)), MelScale.Slaney) / frequency;
        return Math.Clamp(height - ((Mel.FromHz(hz, MelScale.Slaney) - _lowMel) / _melPerRow), 0, height - 1);
    }

    private float At(double position, float outside)
    {
        double floor = Math.Floor(position);
        var left = (int)floor;
        var share = (float)(position - floor);
        float a = left >= 0 && left < width ? _line[left] : outside, b = left + 1 >= 0 && left + 1 < width ? _line[left + 1] : outside;
        return a + (share * (b - a));
    }
}
