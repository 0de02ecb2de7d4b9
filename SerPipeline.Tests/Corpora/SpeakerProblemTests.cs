using System.Text;
using SerPipeline.Corpora;
using SerPipeline.Splits;

namespace SerPipeline.Tests.Corpora;

/// <summary>Speakers written in several ways, of several sexes, or in several parts of a combination.</summary>
public class SpeakerProblemTests
{
    private static Corpus Manifest(CorpusFolder folder, params (string Speaker, string Sex)[] rows)
    {
        // Each speaker has both labels, so that any of them can be held out.
        var csv = new StringBuilder("path,label,speaker,sex\n");
        foreach ((int i, (string speaker, string sex)) in rows.Index())
        {
            foreach (string label in new[] { "happy", "sad" })
            {
                folder.Text($"{i}{label}.wav");
                csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i}{label}.wav,{label},{speaker},{sex}\n");
            }
        }
        folder.Text("manifest.csv", csv.ToString());
        return CorpusLoader.Load("manifest", folder.Path);
    }

    public static TheoryData<string, string> Spellings => new()
    {
        { "03", "3" },
        { "spk007", "spk7" },
        { "Anna", "anna" },
        { "Ren\u00e9", "Rene\u0301" },
        { "\u0419ova", "\u0438\u0306ova" },
        { "Anna Berg", "Anna  Berg" },
        { "Anna Berg", "Anna\u00A0Berg" },
        { "Anna", "Anna\u200B" },
        { "Anna", "\uFF21nna" },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void One_speaker_in_two_spellings_is_a_problem_and_stops_speaker_protocols_alone(string one, string other)
    {
        using var folder = new CorpusFolder();
        Corpus corpus = Manifest(folder, (one, ""), (other, ""), ("ben", ""), ("cleo", ""));
        CorpusProblem problem = Assert.Single(corpus.Problems, problem => problem.Kind == CorpusProblemKind.SpeakersAlike);
        Assert.Contains($"'{one}'", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"'{other}'", problem.Message, StringComparison.Ordinal);
        foreach (string protocol in new[] { SplitProtocol.SpeakerIndependent, SplitProtocol.LeaveOneSpeakerOut, SplitProtocol.CrossCorpus })
        {
            string message = Assert.Throws<CorpusException>(() => SplitPlanner.Create(corpus,
                new SplitRequest { Protocol = protocol })).Message;
            Assert.Contains($"'{one}'", message, StringComparison.Ordinal);
            Assert.Contains($"'{other}'", message, StringComparison.Ordinal);
        }
        Assert.Throws<CorpusException>(() => SpeakerSplit.LeaveOneOut(SplitItems.From(corpus.Clips)));
        Assert.Single(SplitPlanner.Create(corpus, new SplitRequest { Protocol = SplitProtocol.Random, TestFraction = 0.5 }).Folds);
    }

    [Fact]
    public void Names_that_print_alike_are_told_apart_by_their_codes()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = Manifest(folder, ("Ren\u00e9", ""), ("Rene\u0301", ""));
        Assert.Contains("U+00E9)", corpus.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("U+0065 U+0301)", corpus.Problems[0].Message, StringComparison.Ordinal);
        using var other = new CorpusFolder();
        Assert.Contains("U+0061 U+200B)", Manifest(other, ("Anna", ""), ("Anna\u200B", "")).Problems[0].Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Different_people_are_left_alone()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = Manifest(folder, ("1", "f"), ("10", "m"), ("0", "f"), ("anna", ""), ("ann", "m"), ("Ren\u00e9", ""),
            ("Ren\u00e8", ""), ("Rene", ""));
        Assert.DoesNotContain(corpus.Problems, problem => problem.Kind != CorpusProblemKind.SpeakerUnknown);
        Assert.Equal(8, SplitPlanner.Create(corpus, new SplitRequest { Protocol = SplitProtocol.LeaveOneSpeakerOut }).Folds.Count);
        // The parts of a combination are named apart: their own names stay as they are.
        SplitItem[] items = [.. from speaker in new[] { "set1/3", "set01/3" } from label in new[] { "a", "b" }
            select new SplitItem(label, speaker)];
        Assert.Equal(2, SpeakerSplit.LeaveOneOut(items).Count);
    }

    [Fact]
    public void Sexes_that_conflict_or_are_not_understood_are_problems()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = Manifest(folder, ("a", "f"), ("a", "male"), ("b", "x"), ("c", "M"), ("c", ""));
        Assert.Equal([CorpusProblemKind.SexNotUnderstood, CorpusProblemKind.SexConflicting],
            corpus.Problems.Select(problem => problem.Kind));
        Assert.Contains("found 'x' at 2 clips", corpus.Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal(("1happy.wav", "the speaker 'a' is female at 2, and male at 2 clips: expected one sex"),
            (corpus.Problems[1].RelativePath, corpus.Problems[1].Message));
    }

    [Fact]
    public void A_speaker_of_two_parts_is_named_where_the_people_may_be_the_same()
    {
        using var folder = new CorpusFolder();
        folder.Text("R/03-01-05-01-01-01-03.wav");
        folder.Text("E/03a01Wa.wav");
        folder.Text("mine/angry/3_x.wav");
        Corpus ravdess = CorpusLoader.Load("ravdess", folder.Full("R")), emodb = CorpusLoader.Load("emodb", folder.Full("E"));
        Corpus mine = CorpusLoader.Load("folder", folder.Full("mine"), new CorpusLoadOptions { SpeakerPattern = "/(?<speaker>[^/_]+)_" });
        CorpusProblem problem = Assert.Single(CorpusCombination.Combine([ravdess, mine]).Problems,
            problem => problem.Kind == CorpusProblemKind.SpeakerOfTwoCorpora);
        Assert.Contains("'ravdess' and 'mine' both name the speaker 03: they are taken as different people", problem.Message,
            StringComparison.Ordinal);
        // Published corpora are known to have recorded different people.
        Assert.DoesNotContain(CorpusCombination.Combine([ravdess, emodb]).Problems,
            problem => problem.Kind == CorpusProblemKind.SpeakerOfTwoCorpora);
    }

    [Fact]
    public void The_note_of_a_combination_has_the_notes_there_are()
    {
        Corpus Part(string name, string? note, string? licence) =>
            new(name, "/nowhere", [new CorpusClip { Path = $"/nowhere/{name}.wav", RelativePath = $"{name}.wav", Label = "a",
                Corpus = name }], ["a"])
            { Note = note, Licence = licence };
        Corpus three = CorpusCombination.Combine([Part("x", null, null), Part("y", "Made by machine.", "MIT"), Part("z", "Sung.", "MIT")]);
        Assert.Equal("y: Made by machine.; z: Sung.", three.Note);
        Assert.Equal("x: unknown; y: MIT; z: MIT", three.Licence);
        Assert.Null(CorpusCombination.Combine([Part("x", null, "MIT"), Part("y", null, "MIT")]).Note);
    }

    [Fact]
    public void A_speaker_pattern_that_never_ends_is_named_with_the_path()
    {
        using var folder = new CorpusFolder();
        string path = $"sad/{new string('a', 40)}!.wav";
        folder.Text(path);
        string message = Assert.Throws<CorpusException>(() => CorpusLoader.Load("folder", folder.Path,
            new CorpusLoadOptions { SpeakerPattern = "(?<speaker>(a+)+)$" })).Message;
        Assert.Contains("(?<speaker>(a+)+)$", message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }
}
