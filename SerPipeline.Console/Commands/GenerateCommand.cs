using SerPipeline.Console.ModelBuilder;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser generate</c>: writes the code that uses a model in an app of ML.NET.</summary>
internal sealed class GenerateCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Model = new("--model", "MODEL", ModelCommand.ModelHelp);
    private static readonly OptionDefinition Name = new("--name", "NAME",
        "The name of the generated class, such as Emotion; files are named after it.");
    private static readonly OptionDefinition Out = new("--out", "DIR", "The folder of the project. Default: the name.") { Alias = "-o" };
    private static readonly OptionDefinition Namespace = new("--namespace", "NAMESPACE",
        "The namespace of the class. Default: the name followed by Model.");
    private static readonly OptionDefinition Data = new("--data", "DIR",
        "The data that NAME.mbconfig trains on, as for ser train. Default: none.");
    private static readonly OptionDefinition Force = OptionDefinition.Flag("--force",
        "Overwrite what is in the folder; NAME.mbconfig keeps its settings and trials, and its data unless --data is given.");

    public static CommandDefinition Definition { get; } = new(
        "generate",
        """
        Write the project that ML.NET Model Builder would make of a model: NAME.consumption.cs, NAME.training.cs, NAME.evaluate.cs,
        NAME.mbconfig, the model, a console app and a web API. It needs Microsoft.ML and ONNX Runtime, and nothing of this program.
        """.ReplaceLineEndings(" "),
        typeof(GenerateCommand))
    {
        Options = [Model, Name, Out, Namespace, Data, Force],
        Examples =
        [
            ("ser generate --model runs/mine/model.zip --name Emotion --out Emotion",
                "then: dotnet run --project Emotion/Emotion_ConsoleApp1 -- CLIP.wav"),
            ("ser generate --model runs/mine/model.zip --name Emotion --out Emotion --data RAVDESS --force",
                "again, around another model, with the data named for ser train --config"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string model = input.Required(Model), name = input.Required(Name), space = input.Text(Namespace) ?? name + "Model";
        string? data = input.Text(Data);
        string folder = Path.GetFullPath(input.Text(Out) ?? name);
        bool force = input.Flag(Force);
        input.Require(name.Length == 0 || ProjectNames.IsClass(name),
            $"--name must be a name of a class: letters, digits and underscores, no digit first, no word of C# or device of "
                + $"Windows, and no name that the generated code uses itself, such as Predict or Path; got '{name}'.");
        input.Require(name.Length == 0 || ProjectNames.IsNamespace(space),
            $"--namespace must be names of that kind with dots between them, got '{space}'.");
        input.Require(!space.Split('.').Contains(name),
            $"--namespace must not hold the class's own name {name}: code would not find the class in '{space}'.");
        input.Require(data is null || DataFolders.Parse(data).Places.All(Path.Exists), $"--data: there is nothing at {data}.");
        input.Check();
        if (!force && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new IOException($"{folder} already holds something. Name another folder, or add --force to write over it.");

        var project = new ModelBuilderProject(name, ModelPath.Resolve(model), folder);
        MbConfigFile config = project.Configuration(data);
        // What cannot be trained with is refused before anything is written.
        var settings = MbConfigSettings.Of(config);
        IReadOnlyList<string> written = project.Write(space, config);
        terminal.Result($"Wrote {folder}");
        foreach (string path in written) terminal.Result($"  {path}");
        foreach (string difference in settings.DifferencesFrom(project.Record))
            terminal.Message($"{name}{MbConfigFile.Extension} keeps its settings: {difference}. Delete it and generate again for those "
                + "of the model.");
        if (settings.LacksData) terminal.Message($"{name}{MbConfigFile.Extension} does not say where the data are: generate again with "
            + "--data DIR --force, or give --data to ser train --config.");
        if (settings.MissingDatasets is { } missing) terminal.Message($"{name}{MbConfigFile.Extension} trains on a named data set, whose "
            + $"definition is looked for in {missing}: copy that file there, or ser train --config will not find it.");
        terminal.Result($"Next: dotnet run --project {Spelling.Argument(Path.Combine(folder, name + "_ConsoleApp1"))} -- CLIP.wav");
        return ExitCode.Done;
    }
}
