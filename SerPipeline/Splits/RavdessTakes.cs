using System.Globalization;
using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>Recognises the clips of RAVDESS by their names: what a data set is called says nothing about what is in it.</summary>
internal static class RavdessTakes
{
    private const string CopyMark = "#copy-";

    /// <summary>Whether a key or path names a copy that was made before the split.</summary>
    public static bool IsCopy(string key) => key.Contains(CopyMark, StringComparison.Ordinal);

    /// <summary>The number of the draw that made a copy; 0 for an original.</summary>
    public static int CopyNumber(string key)
    {
        int mark = key.LastIndexOf(CopyMark, StringComparison.Ordinal);
        return mark >= 0 && int.TryParse(key.AsSpan(mark + CopyMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>What a key's file name says, of a copy's what its original's says; null where it is no name of RAVDESS.</summary>
    public static RavdessName? Original(string? key)
    {
        if (key is null) return null;
        int mark = key.LastIndexOf(CopyMark, StringComparison.Ordinal);
        return RavdessName.TryParse(mark < 0 ? key : key[..mark], out RavdessName? name, out _) ? name : null;
    }

    /// <summary>The name of the sound-only file of a take: the sound of the film is the same recording.</summary>
    public static string SoundOnly(RavdessName name) => (name with { Modality = "audio" }).ToString();

    /// <summary>Whether every item is a take of RAVDESS whose speaker is the actor its name tells.</summary>
    public static bool AreAll(IReadOnlyList<SplitItem> items) =>
        items.Count > 0 && items.All(item => Original(item.Key) is { } name && name.Speaker == item.Speaker);
}
