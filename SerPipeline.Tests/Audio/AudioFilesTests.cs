using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

public sealed class AudioFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AudioFilesTests()
    {
        foreach (string path in new[] { "a.wav", "b.txt", "calls/c.FLAC", "calls/deep/d.mp3", "calls/.hidden.wav" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
            File.WriteAllText(_folder.File(path), "");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_give_audio_files_at_any_depth_and_files_what_they_are() => Assert.Equal(
        [_folder.File("b.txt"), _folder.File("a.wav"), _folder.File("calls/c.FLAC"), _folder.File("calls/deep/d.mp3")],
        AudioFiles.Find([_folder.File("b.txt"), _folder.Path, _folder.File("a.wav")]).Paths);

    [Fact]
    public void Patterns_match_names_and_folders()
    {
        Assert.Equal([_folder.File("calls/c.FLAC")], AudioFiles.Find([_folder.File("calls/?.*")]).Paths);
        Assert.Equal([_folder.File("calls/deep/d.mp3")], AudioFiles.Find([_folder.File("**/*.mp3")]).Paths);
        Assert.Throws<OptionsException>(() => AudioFiles.Find([_folder.File("*/../*.wav")]));
    }

    [Fact]
    public void Before_a_pattern_stands_the_root_of_a_drive_and_not_its_current_folder()
    {
        char separator = Path.DirectorySeparatorChar;
        Assert.Equal([$"D:{separator}", $"D:{separator}calls", $"{separator}", $"{separator}calls", "calls", ""],
            ((string[][])[["D:"], ["D:", "calls"], [""], ["", "calls"], ["calls"], []]).Select(FilePattern.FolderOf));
    }

    [Fact]
    public void What_is_not_there_is_a_problem_beside_the_rest()
    {
        AudioFiles found = AudioFiles.Find([_folder.File("absent.wav"), _folder.File("a.wav"), _folder.File("*.ogg")]);
        Assert.Equal([_folder.File("a.wav")], found.Paths);
        Assert.Equal(2, found.Problems.Count);
        Assert.Contains("absent.wav", found.Problems[0], StringComparison.Ordinal);
    }
}
