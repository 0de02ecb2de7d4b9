using SerPipeline.Audio;

namespace SerPipeline.Tests.Audio;

public sealed class StreamingResamplerTests
{
    public static TheoryData<int, int, bool> Pairs => new()
    {
        { 48000, 16000, false }, { 44100, 16000, false }, { 8000, 16000, false }, { 24414, 16000, false }, { 47999, 16001, false },
        { 16000, 16000, false }, { 44100, 22050, true }, { 48000, 22050, true },
    };

    [Theory, MemberData(nameof(Pairs))]
    public void Pieces_of_any_size_give_the_same_bits_as_the_whole(int from, int to, bool table)
    {
        ResamplerOptions options = table ? ResamplerOptions.KaiserFast : new ResamplerOptions();
        var random = new SeededRandom(from);
        foreach (int length in new[] { 0, 1, 2, 63, 500, 12_345 })
        {
            float[] signal = [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal())];
            var resampler = new Resampler(from, to, options);
            float[] expected = resampler.Resample(signal);
            for (int round = 0; round < 6; round++)
            {
                var streaming = new StreamingResampler(resampler);
                var found = new List<float>();
                for (int start = 0; start < length;)
                {
                    int size = Math.Min(length - start, round == 0 ? length : round == 1 ? 1 : random.Next(1 + (300 * round)));
                    found.AddRange(streaming.Push(signal.AsSpan(start, size)));
                    start += size;
                }
                found.AddRange(streaming.Complete());
                Assert.Equal(expected, found);
                Assert.Empty(streaming.Complete());
                Assert.Throws<InvalidOperationException>(() => streaming.Push([]));
            }
        }
    }
}
