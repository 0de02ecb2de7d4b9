namespace SerPipeline.Corpora;

/// <summary>CaFE, whose files are called <c>01-C-2-1</c>: actor (odd ones are men), emotion, intensity, sentence.</summary>
internal static class Cafe
{
    public static FileNameParser Parser { get; } =
        new("^(?<speaker>0[1-9]|1[0-2])-(?<emotion>[A-Z])-(?<intensity>[12])-(?<statement>[1-6])$")
        {
            Example = "01-C-2-1.wav",
            Extensions = [.. FileNameParser.Wav, ".aif", ".aiff"],
            SexOf = actor => (actor[^1] - '0') % 2 == 1 ? "male" : "female",
            Facts = new CorpusFacts
            {
                Name = "cafe",
                Title = "Canadian French Emotional speech dataset (CaFE)",
                Description = "Acted Canadian French; six sentences, twelve actors, 936 clips in all, neutral and six emotions at two "
                + "intensities (Gournay et al. 2018). Not for commercial use.",
                Licence = "CC BY-NC-SA 4.0",
                AllowsCommercialUse = false,
                Citation = "P. Gournay, O. Lahaie, R. Lefebvre (2018), A Canadian French emotional speech dataset, ACM Multimedia Systems "
                + "Conference, 399-402",
                Page = "https://zenodo.org/records/1478765",
                Language = "French (Canada)",
                LabelNames =
            [
                new("N", "neutre", Emotions.Neutral), new("J", "joie", Emotions.Happy), new("T", "tristesse", Emotions.Sad),
                new("C", "colère", Emotions.Angry), new("P", "peur", Emotions.Fearful), new("D", "dégoût", Emotions.Disgust),
                new("S", "surprise", Emotions.Surprised),
            ],
                FolderNames = ["CaFE", "CaFE_48k", "CaFE_192k", "CaFE_192k_1", "CaFE_192k_2"],
                Speakers = "cafe",
            },
        };
}
