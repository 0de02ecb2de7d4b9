namespace InboxService;

/// <summary>What the service looks after.</summary>
public sealed class InboxOptions
{
    /// <summary>The folder that recordings arrive in. Default: <c>inbox</c>.</summary>
    public string Folder { get; set; } = "inbox";

    /// <summary>How often it is looked into. Default: every second.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the service ends once what is there is done. Default: no.</summary>
    public bool Once { get; set; }
}
