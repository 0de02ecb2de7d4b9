using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Common;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_name_as_long_as_names_can_be_is_written_and_nothing_lies_beside_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(new string('a', 251) + ".csv");
        AtomicFile.WriteAllText(path, "one");
        AtomicFile.WriteAllText(path, "two");
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_file_as_it_was()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.txt");
        AtomicFile.WriteAllText(path, "whole");
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("torn"u8);
            throw new InvalidDataException();
        }));
        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }
}
