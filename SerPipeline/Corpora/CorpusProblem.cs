namespace SerPipeline.Corpora;

/// <summary>What is wrong with a file of a corpus.</summary>
public enum CorpusProblemKind
{
    /// <summary>The file name does not follow the corpus's naming scheme; the file was left out.</summary>
    NameNotUnderstood,

    /// <summary>The file lies where no label can be told; it was left out.</summary>
    LabelUnknown,

    /// <summary>Labels that may mean the same emotion stay apart, because the corpus has both; a label map makes them one.</summary>
    LabelsAlike,

    /// <summary>A manifest lists a file that is not there; its row was left out.</summary>
    FileMissing,

    /// <summary>Files that are no audio lie among the clips; they were not read.</summary>
    OddFile,

    /// <summary>A folder holds the corpus, or its labels, once more; what lies in it was left out.</summary>
    FolderDoubled,

    /// <summary>A manifest's column, or the part that it says a clip belongs to, is not understood; it was not used.</summary>
    ColumnNotUsed,

    /// <summary>The speaker could not be told; the clip stays, without a speaker.</summary>
    SpeakerUnknown,

    /// <summary>The speaker's sex could not be told; the clip stays, without it.</summary>
    SexUnknown,

    /// <summary>
    /// The speaker's sex is written, but is neither <c>female</c> nor <c>male</c>; the clip stays, with the sex as written.
    /// </summary>
    SexNotUnderstood,

    /// <summary>Clips of one speaker name different sexes; they stay as they are.</summary>
    SexConflicting,

    /// <summary>
    /// Speakers differ in capital letters, leading zeros or Unicode forms alone: they count as different people, which speaker protocols
    /// refuse.
    /// </summary>
    SpeakersAlike,

    /// <summary>Two of the combined corpora name a speaker alike: they are taken as different people.</summary>
    SpeakerOfTwoCorpora,

    /// <summary>Clips of labels that were not asked for, or that the combined corpora do not share, were left out.</summary>
    LabelLeftOut,

    /// <summary>
    /// Of several combined corpora only one has the label: a model can tell it by the recording conditions instead of the voice.
    /// </summary>
    LabelOfOneCorpus,

    /// <summary>One speaker alone has clips of the label: a model can tell it by the voice instead of the emotion.</summary>
    LabelOfOneSpeaker,

    /// <summary>Most speakers have a single clip: their names may be the clips', and then speaker protocols keep nobody apart.</summary>
    SpeakersOfOneClip,

    /// <summary>
    /// The corpus as a whole could not be read, so that it shows no clips; the loader raises this as an error, lists of findings hold it.
    /// </summary>
    CorpusUnusable,

    /// <summary>A folder that should hold clips holds none.</summary>
    EmptyFolder,

    /// <summary>
    /// The same recording appears twice: by name when a corpus is loaded (the later file was left out), by decoded content in a scan.
    /// </summary>
    Duplicate,

    /// <summary>The same audio carries two different labels.</summary>
    ConflictingLabels,

    /// <summary>The file could not be decoded.</summary>
    Unreadable,

    /// <summary>The clip never rises above the silence threshold, or its channels sum to silence.</summary>
    Silent,

    /// <summary>The clip holds noise, tones or clicks, but no speech that could be told.</summary>
    NoSpeech,

    /// <summary>The clip holds runs of samples at full scale.</summary>
    Clipped,

    /// <summary>The clip's samples lie far beyond full scale, or were integers and had to be scaled.</summary>
    OutOfRange,

    /// <summary>The file holds less audio than its header promises.</summary>
    Truncated,

    /// <summary>The clip is too short to hold speech.</summary>
    TooShort,

    /// <summary>Some clips have another sample rate than most of their corpus: a model can tell them by that.</summary>
    WrongRate,

    /// <summary>A label has so few clips that its scores rest on a handful.</summary>
    FewClips,

    /// <summary>So few people speak that a score on new speakers rests on one or two of them.</summary>
    FewSpeakers,
}

/// <summary>One problem of one file: never fatal by itself, never hidden.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="RelativePath">Which file or folder, relative to the corpus root, with <c>/</c> between folders.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record CorpusProblem(CorpusProblemKind Kind, string RelativePath, string Message)
{
    /// <summary>Whether the clip is left out of training and scores because of it.</summary>
    public bool LeftOut { get; init; }
}
