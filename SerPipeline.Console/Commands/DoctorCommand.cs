using SerPipeline.Console.Diagnosis;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser doctor</c>: what this machine has of what the program needs, and what to do about the rest.</summary>
internal sealed class DoctorCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Out = new("--out", "DIR", "The folder that runs go to. Default: runs.") { Alias = "-o" };
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write one JSON object instead of lines.");

    public static CommandDefinition Definition { get; } = new(
        "doctor",
        """
        Look at what the program needs on this machine, and say what to do where something is missing. Looked at are .NET, the processor,
        libtorch and its convolutions, ONNX Runtime, decoders and ffmpeg, the folders it writes to, free disk space, and fonts. The exit
        code is 1 when something is missing without which a command fails.
        """.ReplaceLineEndings(" "),
        typeof(DoctorCommand))
    {
        Options = [Out, CacheFolder.Option, Json],
        Examples = [("ser doctor", "a line for each thing, with its remedy"), ("ser doctor --json", "the same for programs")],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string runs = Path.GetFullPath(input.Text(Out) ?? "runs"), cache = CacheFolder.Of(input);
        bool json = input.Flag(Json);
        input.Check();
        Finding[] findings = [.. MachineChecks.All(runs, cache)];
        int missing = findings.Count(finding => finding.State == FindingState.Missing),
            warnings = findings.Count(finding => finding.State == FindingState.Warning);
        if (json) terminal.Json(new { Ok = missing == 0, Checks = findings });
        else
        {
            int width = findings.Max(finding => finding.Name.Length);
            foreach (Finding finding in findings)
            {
                terminal.Result($"{finding.State.ToString().ToLowerInvariant(),-8} {finding.Name.PadRight(width)}  {finding.Found}");
                if (finding.Remedy is { } remedy) terminal.Result($"{new string(' ', 9 + width)}  -> {remedy}");
            }
            terminal.Result(missing == 0 ? $"Nothing is missing{(warnings == 0 ? "" : $"; {Format.Count(warnings, "warning")}")}."
                : $"{Format.Count(missing, "thing")} missing, {Format.Count(warnings, "warning")}.");
        }
        return missing == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
