namespace SerPipeline.Tests.Common;

public class SeededRandomTests
{
    [Fact]
    public void Same_seed_gives_the_same_draws_and_forks_do_not_depend_on_them()
    {
        var a = new SeededRandom(42);
        var b = new SeededRandom(42);
        for (int i = 0; i < 100; i++) Assert.Equal(a.NextUInt64(), b.NextUInt64());
        Assert.Equal(new SeededRandom(42).Fork("shuffle").NextUInt64(), a.Fork("shuffle").NextUInt64());
        Assert.NotEqual(a.Fork("shuffle").NextUInt64(), a.Fork("dropout").NextUInt64());
    }

    [Fact]
    public void Uniform_and_normal_draws_have_their_moments()
    {
        var random = new SeededRandom(1);
        const int n = 200_000;
        double uniform = 0, normal = 0, square = 0;
        for (int i = 0; i < n; i++)
        {
            uniform += random.NextDouble();
            double z = random.NextNormal();
            normal += z;
            square += z * z;
        }
        // Five standard errors of each mean: a right generator fails once in two million seeds.
        Assert.Equal(0.5, uniform / n, 5 * Math.Sqrt(1.0 / 12 / n));
        Assert.Equal(0.0, normal / n, 5 / Math.Sqrt(n));
        Assert.Equal(1.0, square / n, 5 * Math.Sqrt(2.0 / n));
    }

    [Fact]
    public void Shuffle_keeps_every_item_and_reaches_every_order()
    {
        var random = new SeededRandom(7);
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < 6000; i++)
        {
            char[] items = ['a', 'b', 'c'];
            random.Shuffle<char>(items);
            string order = new(items);
            seen[order] = seen.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, seen.Count);
        // Each order is binomial(6000, 1/6): mean 1000, deviation 29.
        Assert.All(seen.Values, count => Assert.InRange(count, 850, 1150));
    }
}
