namespace SerPipeline.Audio;

/// <summary>Which channels of a recording are heard.</summary>
public enum ChannelSelection
{
    /// <summary>Their mean.</summary>
    Mix,

    /// <summary>The first: of a call, usually one speaker.</summary>
    Left,

    /// <summary>The second.</summary>
    Right,

    /// <summary>Each one by itself, with an answer of its own.</summary>
    Each,
}

/// <summary>Picks channels.</summary>
internal static class Channels
{
    /// <summary>One channel, or the mean of all.</summary>
    /// <param name="clip">Any number of channels.</param>
    /// <param name="channel">Its number, counted from 0; null for the mean.</param>
    /// <param name="name">What messages call the recording.</param>
    /// <exception cref="AudioFormatException">There is no such channel.</exception>
    public static AudioClip Pick(AudioClip clip, int? channel, string name)
    {
        if (channel is not { } index) return clip.ToMono();
        if (index >= clip.Channels)
            throw new AudioFormatException($"{name} has {(clip.Channels == 1 ? "one channel" : $"{clip.Channels} channels")}, and the "
                + $"{NameOf(index, 2)} one is asked for. Take another channel, or mix them.");
        if (clip.Channels == 1) return clip;
        var mono = new float[clip.Length];
        for (int i = 0; i < mono.Length; i++) mono[i] = clip.Samples[(i * clip.Channels) + index];
        return clip.With(mono, channels: 1);
    }

    /// <summary>The number, counted from 0, of the channel that is heard alone; null for all of them.</summary>
    public static int? IndexOf(ChannelSelection selection) => selection switch
    {
        ChannelSelection.Left => 0,
        ChannelSelection.Right => 1,
        _ => null,
    };

    /// <summary>What answers call a channel: left or right of two, else its number, counted from 1.</summary>
    public static string NameOf(int index, int channels) => channels == 2 ? index == 0 ? "left" : "right"
        : (index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
