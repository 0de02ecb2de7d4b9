using System.Diagnostics;
using System.Globalization;

namespace SerPipeline.Tests.Robustness;

/// <summary>What became of the cases of one run.</summary>
/// <param name="Read">Cases that were read.</param>
/// <param name="Refused">Cases that were refused with one of the loader's own errors.</param>
/// <param name="SlowestMs">The longest that one took, milliseconds.</param>
/// <param name="LargestBytes">The most memory that one allocated.</param>
internal sealed record FuzzOutcome(int Read, int Refused, long SlowestMs, long LargestBytes)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Read + Refused} cases: {Read} read, {Refused} refused; slowest {SlowestMs} ms, most memory {LargestBytes >> 10} KiB");
}

/// <summary>
/// Runs a loader over made-up inputs. A case is made from the seed and its number alone, so that one that fails is made again by
/// itself: <c>SER_FUZZ</c> is the number of cases of the long version, <c>SER_FUZZ_SEED</c> the seed (1), <c>SER_FUZZ_FIRST</c> the
/// number of the first case (0), <c>SER_FUZZ_TARGET</c> the one target wanted (all).
/// </summary>
internal static class Fuzzing
{
    /// <summary>The variable that names one target.</summary>
    public const string Target = "SER_FUZZ_TARGET";

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2), Hang = TimeSpan.FromSeconds(60);

    public static int LongCount => Variable("SER_FUZZ", 100_000);

    public static int Seed => Variable("SER_FUZZ_SEED", 1);

    public static int First => Variable("SER_FUZZ_FIRST", 0);

    public static int Variable(string name, int absent) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value : absent;

    /// <summary>Skips the running test where another target is asked for alone.</summary>
    public static void RequireAsked(string target)
    {
        string? asked = Environment.GetEnvironmentVariable(Target);
        Assert.SkipUnless(string.IsNullOrEmpty(asked) || asked == target, $"{Target} asks for {asked} alone");
    }

    /// <summary>Requires that every case is read or refused, within 2 s and the memory given.</summary>
    /// <param name="target">The loader's name; part of the seed.</param>
    /// <param name="count">How many cases.</param>
    /// <param name="make">Makes a case.</param>
    /// <param name="load">Loads it, or throws.</param>
    /// <param name="refuses">The errors that the loader may raise.</param>
    /// <param name="memory">The most bytes that a case of so many bytes may allocate.</param>
    public static FuzzOutcome Run(string target, int count, Func<SeededRandom, byte[]> make, Action<byte[]> load,
        Func<Exception, bool> refuses, Func<int, long> memory)
    {
        var current = new Current();
        FuzzOutcome? outcome = null;
        Exception? failure = null;
        // A thread of its own: one that hangs is left behind, and the test says which case it was.
        var thread = new Thread(() =>
        {
            try
            {
                outcome = Loop(target, count, make, load, refuses, memory, current);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
            if (current.Running > Hang)
                Assert.Fail($"{Name(target, current.Number)}, kept as {Keep(target, current.Number, make)}, hangs");
        Assert.True(failure is null, failure?.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{target}, seed {Seed}: {outcome}");
        return outcome!;
    }

    private static FuzzOutcome Loop(string target, int count, Func<SeededRandom, byte[]> make, Action<byte[]> load,
        Func<Exception, bool> refuses, Func<int, long> memory, Current current)
    {
        int read = 0;
        long slowest = 0, largest = 0;
        for (int number = First; number < First + count; number++)
        {
            byte[] bytes = make(CaseRandom(target, number));
            current.Start(number);
            TimeSpan took = Load(out bool isRead, out long allocated);
            // A collection of memory or a first call may make any case slow once.
            if (took > Slow) took = Load(out isRead, out allocated);
            if (took > Slow) throw Failure($"took {took.TotalSeconds:0.0} s");
            if (allocated > memory(bytes.Length)) throw Failure($"of {bytes.Length} bytes took {allocated} bytes of memory");
            slowest = Math.Max(slowest, (long)took.TotalMilliseconds);
            largest = Math.Max(largest, allocated);
            if (isRead) read++;

            TimeSpan Load(out bool isRead, out long allocated)
            {
                long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                isRead = true;
                try
                {
                    load(bytes);
                }
                catch (Exception e) when (refuses(e))
                {
                    isRead = false;
                }
                catch (Exception e)
                {
                    throw Failure(e.ToString());
                }
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                // On a busy machine a case waits for its turn: what it computed counts.
                TimeSpan passed = Stopwatch.GetElapsedTime(start), computed = Environment.CpuUsage.TotalTime - processor;
                return passed < computed ? passed : computed;
            }

            InvalidOperationException Failure(string how) => new($"{Name(target, number)}, kept as {Keep(target, number, make)}, {how}");
        }
        return new FuzzOutcome(read, count - read, slowest, largest);
    }

    /// <summary>The randomness of one case.</summary>
    public static SeededRandom CaseRandom(string target, int number) => new SeededRandom(Seed).Fork(target, number);

    private static string Keep(string target, int number, Func<SeededRandom, byte[]> make)
    {
        string kept = Path.Combine(Path.GetTempPath(), $"ser-fuzz-{target}-{Seed}-{number}");
        File.WriteAllBytes(kept, make(CaseRandom(target, number)));
        return kept;
    }

    private static string Name(string target, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{target}: case {number} of seed {Seed}");

    /// <summary>The case that runs, and since when.</summary>
    private sealed class Current
    {
        private long _started = Stopwatch.GetTimestamp();

        public int Number { get; private set; }

        public TimeSpan Running => Stopwatch.GetElapsedTime(Interlocked.Read(ref _started));

        public void Start(int number)
        {
            Number = number;
            Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
        }
    }
}
