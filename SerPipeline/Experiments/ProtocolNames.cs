using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>What protocols are called on the command line and in folder names.</summary>
internal static class ProtocolNames
{
    private static readonly (string Short, string Protocol)[] Known =
    [
        ("random", SplitProtocol.Random),
        ("paper", SplitProtocol.Paper),
        ("kfold", SplitProtocol.KFold),
        ("speaker", SplitProtocol.SpeakerIndependent),
        ("speaker-5fold", SplitProtocol.SpeakerFolds),
        ("loso", SplitProtocol.LeaveOneSpeakerOut),
        ("cross", SplitProtocol.CrossCorpus),
    ];

    /// <summary>The names on the command line.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Known.Select(known => known.Short)];

    /// <summary>The protocols that train runs when none is named.</summary>
    public static IReadOnlyList<string> Default { get; } = [SplitProtocol.Random, SplitProtocol.SpeakerIndependent];

    /// <summary>The protocol of a name on the command line.</summary>
    public static string ProtocolOf(string name) => Known.First(known => known.Short == name).Protocol;

    /// <summary>The short name of a protocol.</summary>
    public static string ShortOf(string protocol) => Known.FirstOrDefault(known => known.Protocol == protocol).Short ?? protocol;
}
