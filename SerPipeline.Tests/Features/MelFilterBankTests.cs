using NWaves.Filters.Fda;
using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class MelFilterBankTests
{
    [Theory]
    [InlineData(16000, 512, 64, 40, 7600, MelScale.Slaney, MelNormalization.Slaney)]
    [InlineData(16000, 400, 40, 0, 8000, MelScale.Htk, MelNormalization.None)]
    [InlineData(24414, 1024, 80, 20, 12000, MelScale.Htk, MelNormalization.Slaney)]
    public void Rows_equal_the_formula(int rate, int fft, int mels, double low, double high, MelScale scale, MelNormalization normalization)
    {
        // The formula again, written from its definition: hz -> mel by the inverse of a search, no shared code.
        double ToMel(double hz) => scale == MelScale.Htk ? 1127.010480 * Math.Log(1 + (hz / 700))
            : hz < 1000 ? 3 * hz / 200
            : 15 + (27 * Math.Log(hz / 1000) / Math.Log(6.4));
        double ToHz(double mel)
        {
            double a = 0, b = rate;
            for (int i = 0; i < 100; i++) (a, b) = ToMel((a + b) / 2) < mel ? ((a + b) / 2, b) : (a, (a + b) / 2);
            return a;
        }
        var bank = new MelFilterBank(rate, fft, mels, low, high, scale, normalization);
        float[] dense = bank.ToDense();
        Assert.Equal(mels * ((fft / 2) + 1), dense.Length);
        for (int m = 0; m < mels; m++)
        {
            double Edge(int i) => ToHz(ToMel(low) + ((ToMel(high) - ToMel(low)) * (m + i) / (mels + 1)));
            double left = Edge(0), middle = Edge(1), right = Edge(2);
            double height = normalization == MelNormalization.Slaney ? 2 / (right - left) : 1;
            for (int k = 0; k < bank.Bins; k++)
            {
                double hz = (double)k * rate / fft;
                double rising = (hz - left) / (middle - left), falling = (right - hz) / (right - middle);
                double expected = hz <= left || hz >= right ? 0 : hz <= middle ? rising : falling;
                // 1127.010480 has ten digits; edges agree to about 1e-6 Hz of a triangle some 30 Hz wide.
                Assert.Equal(expected * height, dense[(m * bank.Bins) + k], 1e-6 * height);
            }
        }
    }

    [Theory]
    [InlineData(16000, 512, 64, 40, 7600)]
    [InlineData(22050, 2048, 128, 0, 11025)]
    public void Weights_are_those_of_another_implementation(int rate, int fft, int mels, double low, double high)
    {
        // NWaves works in float32 at its end: the tolerance is its rounding, relative to the highest weight.
        float[][] slaney = FilterBanks.MelBankSlaney(mels, fft, rate, low, high);
        float[][] htk = FilterBanks.Triangular(fft, rate, FilterBanks.MelBands(mels, rate, low, high));
        Compare(slaney, new MelFilterBank(rate, fft, mels, low, high));
        Compare(htk, new MelFilterBank(rate, fft, mels, low, high, MelScale.Htk, MelNormalization.None));

        static void Compare(float[][] expected, MelFilterBank bank)
        {
            float[] found = bank.ToDense();
            Assert.Equal(bank.Mels, expected.Length);
            double tolerance = 1e-6 * expected.Max(row => row.Max());
            for (int m = 0; m < bank.Mels; m++)
                for (int k = 0; k < bank.Bins; k++)
                    Assert.Equal(expected[m][k], found[(m * bank.Bins) + k], tolerance);
        }
    }

    [Fact]
    public void Neighbouring_triangles_of_height_1_add_up_to_1()
    {
        var bank = new MelFilterBank(16000, 2048, 40, 0, 8000, MelScale.Htk, MelNormalization.None);
        float[] dense = bank.ToDense();
        double first = Mel.FrequenciesHz(42, 0, 8000, MelScale.Htk)[1], last = Mel.FrequenciesHz(42, 0, 8000, MelScale.Htk)[40];
        for (int k = 0; k < bank.Bins; k++)
        {
            double hz = k * 16000.0 / 2048;
            if (hz < first || hz > last) continue;
            Assert.Equal(1, Enumerable.Range(0, 40).Sum(m => (double)dense[(m * bank.Bins) + k]), 1e-6);
        }
    }

    [Fact]
    public void Applying_it_is_the_matrix_product()
    {
        var bank = new MelFilterBank(16000, 512, 64, 40, 7600);
        float[] dense = bank.ToDense(), spectrum = [.. Signals.Noise(bank.Bins).Select(Math.Abs)], mel = new float[64];
        bank.Apply(spectrum, mel);
        for (int m = 0; m < 64; m++)
        {
            double expected = Enumerable.Range(0, bank.Bins).Sum(k => (double)dense[(m * bank.Bins) + k] * spectrum[k]);
            Assert.Equal(expected, mel[m], 1e-6 * expected);
        }
        Assert.Throws<ArgumentException>(() => bank.Apply(new float[10], mel));
        Assert.Throws<ArgumentException>(() => bank.Apply(spectrum, new float[10]));
    }

    [Fact]
    public void Scales_match_their_reference_points_and_invert()
    {
        Assert.Equal(15, Mel.FromHz(1000, MelScale.Slaney), 1e-12);
        Assert.Equal(42, Mel.FromHz(6400, MelScale.Slaney), 1e-12);
        Assert.Equal(1000, Mel.FromHz(1000, MelScale.Htk), 0.02); // HTK's constants put 1000 Hz at 999.99 mel
        foreach (MelScale scale in Enum.GetValues<MelScale>())
            for (double hz = 0; hz < 8000; hz += 37) Assert.Equal(hz, Mel.ToHz(Mel.FromHz(hz, scale), scale), 1e-8);
    }

    [Fact]
    public void Filters_without_a_bin_are_counted_and_bad_ranges_refused()
    {
        Assert.Equal(0, new MelFilterBank(16000, 512, 64, 40, 7600).EmptyFilters);
        Assert.True(new MelFilterBank(16000, 512, 256, 40, 7600).EmptyFilters > 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MelFilterBank(16000, 512, 64, 40, 8001));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MelFilterBank(16000, 512, 64, 500, 500));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MelFilterBank(16000, 512, 64, double.NaN, 500));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MelFilterBank(16000, 512, 0, 40, 500));
    }
}
