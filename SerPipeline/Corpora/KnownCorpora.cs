namespace SerPipeline.Corpora;

/// <summary>The facts of each corpus, as its authors publish them.</summary>
internal static class KnownCorpora
{
    private static readonly CorpusFacts RavdessWhole = new()
    {
        Name = "ravdess",
        Title = "Ryerson Audio-Visual Database of Emotional Speech and Song, whatever part is there",
        Description = "Acted North American English; two sentences, 24 actors, spoken and sung (Livingstone and Russo 2018). Not for commercial use.",
        Licence = "CC BY-NC-SA 4.0",
        AllowsCommercialUse = false,
        Citation = "S. R. Livingstone, F. A. Russo (2018), The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS), PLoS ONE 13(5): e0196391",
        Page = "https://zenodo.org/records/1188976",
        Language = "English (North America)",
        LabelNames = LabelNames.Ravdess,
        FolderNames = ["RAVDESS"],
        Speakers = "ravdess",
    };

    public static CorpusFacts Ravdess => RavdessWhole;

    public static CorpusFacts RavdessSpeech { get; } = RavdessWhole with
    {
        Name = "ravdess-speech",
        Title = "Ryerson Audio-Visual Database of Emotional Speech and Song, speech",
        Description = "Acted North American English; two sentences spoken by 24 actors, 1440 clips in all (Livingstone and Russo 2018). Not for commercial use.",
        FolderNames = ["RAVDESS", "RAVDESS-speech", "Audio_Speech_Actors_01-24"],
        People = new HumanRecognition(0.67, "speech heard without picture, about; as commonly cited for the validation ratings of Livingstone and Russo (2018)"),
    };

    public static CorpusFacts RavdessSong { get; } = RavdessWhole with
    {
        Name = "ravdess-song",
        Title = "Ryerson Audio-Visual Database of Emotional Speech and Song, song",
        Description = "Two sentences sung by 23 of the 24 actors of RAVDESS, 1012 clips of six emotions in all (Livingstone and Russo 2018). Not for commercial use.",
        // The corpus has neither disgusted nor surprised songs.
        LabelNames = [.. LabelNames.Ravdess.Where(name => name.Emotion is not (Emotions.Disgust or Emotions.Surprised))],
        FolderNames = ["RAVDESS", "RAVDESS-song", "Audio_Song_Actors_01-24"],
    };

    public static CorpusFacts Tess { get; } = new()
    {
        Name = "tess",
        Title = "Toronto Emotional Speech Set",
        Description = "Acted Canadian English; 200 words after 'Say the word', two actresses of 64 and 26 years, 2800 clips in all. Not for commercial use.",
        Licence = "CC BY-NC-ND 4.0",
        AllowsChangedCopies = false,
        AllowsCommercialUse = false,
        Citation = "M. K. Pichora-Fuller, K. Dupuis (2020), Toronto emotional speech set (TESS), Borealis, https://doi.org/10.5683/SP2/E8H2MF",
        Page = "https://doi.org/10.5683/SP2/E8H2MF",
        Language = "English (Canada)",
        People = new HumanRecognition(0.82, "K. Dupuis, M. K. Pichora-Fuller (2011), Recognition of emotional speech for younger and older talkers, Canadian Acoustics 39(3)"),
        LabelNames = LabelNames.Tess,
        FolderNames = ["TESS", "TESS Toronto emotional speech set data"],
        Speakers = "tess",
    };

    public static CorpusFacts EmoDb { get; } = new()
    {
        Name = "emodb",
        Title = "Berlin Database of Emotional Speech (EMO-DB)",
        Description = "Acted German; ten sentences, ten speakers, 535 clips in all, chosen among more because listeners recognised them (Burkhardt et al. 2005).",
        Licence = "free to use, cite the authors; the copy on Zenodo is CC BY 4.0",
        Citation = "F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss (2005), A database of German emotional speech, Interspeech, 1517-1520",
        Page = "http://emodb.bilderbar.info",
        Language = "German",
        People = new HumanRecognition(0.86, "listening test of Burkhardt et al. (2005) on the clips published, which were chosen by it"),
        LabelNames = LabelNames.EmoDb,
        FolderNames = ["EMO-DB", "EmoDB", "EMO_DB"],
        Speakers = "emodb",
    };

    public static CorpusFacts CremaD { get; } = new()
    {
        Name = "crema-d",
        Title = "Crowd-sourced Emotional Multimodal Actors Dataset (CREMA-D)",
        Description = "Acted English; twelve sentences, 91 actors of many origins, 7442 clips in all (Cao et al. 2014).",
        Licence = "ODbL 1.0 (contents: DbCL 1.0)",
        AllowsCommercialUse = true,
        Citation = "H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma (2014), CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, IEEE Transactions on Affective Computing 5(4), 377-390",
        Page = "https://github.com/CheyneyComputerScience/CREMA-D",
        Language = "English (North America)",
        People = new HumanRecognition(0.409, "ratings from sound alone, Cao et al. (2014)"),
        LabelNames = LabelNames.CremaD,
        FolderNames = ["CREMA-D", "CREMAD", "CREMA_D", "CREMA", "AudioWAV"],
        Speakers = "crema-d",
    };

    public static CorpusFacts Savee { get; } = new()
    {
        Name = "savee",
        Title = "Surrey Audio-Visual Expressed Emotion (SAVEE)",
        Description = "Acted British English; 120 sentences a speaker, four men, 480 clips in all (Haq and Jackson 2009). For research.",
        Licence = "free for research use, after registration",
        AllowsChangedCopies = false,
        AllowsCommercialUse = false,
        Citation = "S. Haq, P. J. B. Jackson (2009), Speaker-dependent audio-visual emotion recognition, AVSP, 53-58",
        Page = "http://kahlan.eps.surrey.ac.uk/savee/",
        Language = "English (Britain)",
        People = new HumanRecognition(0.665, "listening test of Haq and Jackson (2009)"),
        LabelNames = LabelNames.Savee,
        FolderNames = ["SAVEE"],
        Speakers = "savee",
    };

    public static IReadOnlyList<CorpusFacts> All { get; } = [Ravdess, RavdessSpeech, RavdessSong, Tess, EmoDb, CremaD, Savee];
}
