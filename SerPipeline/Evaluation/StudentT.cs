namespace SerPipeline.Evaluation;

/// <summary>Student's t distribution for whole degrees of freedom (Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4).</summary>
internal static class StudentT
{
    /// <summary>The probability that |T| is at most <paramref name="t"/>.</summary>
    public static double TwoSidedProbability(int degrees, double t)
    {
        double theta = Math.Atan(t / Math.Sqrt(degrees));
        double sine = Math.Sin(theta), cosine = Math.Cos(theta), square = cosine * cosine;
        bool odd = degrees % 2 == 1;

        // Odd: sin (cos + 2/3 cos^3 + 2*4/(3*5) cos^5 + ...), even: sin (1 + 1/2 cos^2 + 1*3/(2*4) cos^4 + ...); the last power is degrees - 2.
        double term = odd ? cosine : 1, sum = 0;
        for (int power = odd ? 1 : 0; power <= degrees - 2; power += 2)
        {
            sum += term;
            term *= square * (power + 1) / (power + 2);
        }
        return odd ? 2 / Math.PI * (theta + (sine * sum)) : sine * sum;
    }

    /// <summary>The t with probability <paramref name="confidence"/> that |T| is at most t.</summary>
    public static double TwoSidedQuantile(int degrees, double confidence)
    {
        double low = 0, high = 1;
        while (TwoSidedProbability(degrees, high) < confidence) high *= 2;
        // Halving a double's interval stops changing it after at most some 60 rounds beyond its exponent.
        for (int i = 0; i < 200 && low < high; i++)
        {
            double middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (TwoSidedProbability(degrees, middle) < confidence) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }
}
