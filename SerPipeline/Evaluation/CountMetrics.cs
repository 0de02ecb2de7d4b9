namespace SerPipeline.Evaluation;

/// <summary>The metrics that follow from clip counts [truth, prediction], with the definitions of <see cref="ClassificationReport"/> but without its tables: resampling needs them thousands of times.</summary>
internal static class CountMetrics
{
    /// <summary>The share recognised.</summary>
    public static double Accuracy(ReadOnlySpan<long> counts, int classes)
    {
        long right = 0, all = 0;
        for (int i = 0; i < counts.Length; i++) all += counts[i];
        for (int c = 0; c < classes; c++) right += counts[(c * classes) + c];
        return (double)right / all;
    }

    /// <summary>The mean recall over the classes present.</summary>
    public static double Uar(ReadOnlySpan<long> counts, int classes)
    {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++)
        {
            long support = 0;
            foreach (long count in counts.Slice(c * classes, classes)) support += count;
            if (support == 0) continue;
            present++;
            sum += (double)counts[(c * classes) + c] / support;
        }
        return sum / present;
    }

    /// <summary>The mean F1 over all labels.</summary>
    public static double MacroF1(ReadOnlySpan<long> counts, int classes)
    {
        double sum = 0;
        for (int c = 0; c < classes; c++)
        {
            long either = 0;
            for (int other = 0; other < classes; other++) either += counts[(c * classes) + other] + counts[(other * classes) + c];
            if (either > 0) sum += 2.0 * counts[(c * classes) + c] / either;
        }
        return sum / classes;
    }
}
