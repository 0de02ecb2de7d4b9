using System.IO.Hashing;

namespace SerPipeline.Trainers;

/// <summary>
/// Training examples of one size, in random access: in memory while they fit the budget, in a temporary file beyond it, so that a corpus of
/// any size
/// trains. Rows are bytes: pixels, or the bytes of floats.
/// </summary>
/// <param name="rowBytes">The size of each example, above 0.</param>
/// <param name="memoryBudgetBytes">How much is held in memory.</param>
internal sealed class ExampleStore(int rowBytes, long memoryBudgetBytes = 1L << 30) : IDisposable
{
    private readonly List<byte[]> _inMemory = [];
    private readonly List<int> _labels = [];
    private readonly List<string> _groups = [];
    private FileStream? _file;

    /// <summary>The number of examples.</summary>
    public int Count => _labels.Count;

    /// <summary>The class of each example, from 0.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>What each example must stay together with, such as its speaker.</summary>
    public IReadOnlyList<string> Groups => _groups;

    /// <summary>Whether examples lie in a file.</summary>
    public bool IsSpilled => _file is not null;

    /// <summary>The temporary file, if there is one.</summary>
    public string? SpillPath => _file?.Name;

    public void Add(ReadOnlySpan<byte> row, int label, string group)
    {
        if (row.Length != rowBytes) throw new ArgumentException($"An example of {row.Length} bytes was added to a store of examples of "
            + $"{rowBytes}.", nameof(row));
        if ((long)(_inMemory.Count + 1) * rowBytes <= memoryBudgetBytes) _inMemory.Add(row.ToArray());
        else Spill(row);
        _labels.Add(label);
        _groups.Add(group);
    }

    public void Read(int index, Span<byte> row)
    {
        if (index < _inMemory.Count)
        {
            _inMemory[index].CopyTo(row);
            return;
        }
        long offset = (long)(index - _inMemory.Count) * rowBytes;
        _file!.Flush();
        for (int read = 0; read < rowBytes;)
        {
            int n = RandomAccess.Read(_file.SafeFileHandle, row[read..rowBytes], offset + read);
            if (n == 0) throw new EndOfStreamException("The temporary file of training examples ended early; it was changed from outside.");
            read += n;
        }
    }

    /// <summary>Adds every example and its label to a hash.</summary>
    public void AddTo(NonCryptographicHashAlgorithm hash)
    {
        var row = new byte[rowBytes];
        for (int i = 0; i < Count; i++)
        {
            Read(i, row);
            hash.Append(row);
            hash.Append(BitConverter.GetBytes(_labels[i]));
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Spill(ReadOnlySpan<byte> row)
    {
        _file ??= new FileStream(Path.Combine(Path.GetTempPath(), $"serpipeline-{Environment.ProcessId}-{Guid.NewGuid():N}.examples"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose | FileOptions.RandomAccess,
                BufferSize = 1 << 16,
            });
        _file.Write(row);
    }
}
