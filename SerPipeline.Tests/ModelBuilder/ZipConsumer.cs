namespace SerPipeline.Tests.ModelBuilder;

/// <summary>A program with Microsoft.ML, OnnxTransformer and OnnxRuntime alone that opens portable zips.</summary>
internal static class ZipConsumer
{
    public const string Name = "Consumer";

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microsoft.ML" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxTransformer" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
          </ItemGroup>
        </Project>
        """;

    // Arguments: a folder of files of samples, then zips each with its waveform column. Of each zip it prints a line of labels and the
    // scores of each file, a line a file.
    private const string Program = """
        using System.Globalization;
        using System.Runtime.InteropServices;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        Wave[] waves = Directory.GetFiles(args[0], "*.f32").Order(StringComparer.Ordinal)
            .Select(f => new Wave { Samples = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(f)).ToArray() }).ToArray();
        for (int i = 1; i < args.Length; i += 2)
        {
            var ml = new MLContext();
            ITransformer model = ml.Model.Load(args[i], out DataViewSchema input);
            SchemaDefinition schema = SchemaDefinition.Create(typeof(Wave));
            schema["Samples"].ColumnName = args[i + 1];
            IDataView scored = model.Transform(ml.Data.LoadFromEnumerable(waves, schema));
            VBuffer<ReadOnlyMemory<char>> labels = default;
            scored.Schema["Score"].GetSlotNames(ref labels);
            Console.WriteLine(string.Join(" ", labels.DenseValues()));
            foreach (float[] score in scored.GetColumn<float[]>("Score"))
                Console.WriteLine(string.Join(" ", score.Select(s => s.ToString("R", CultureInfo.InvariantCulture))));
        }

        class Wave { public float[] Samples { get; set; } = []; }
        """;

    /// <summary>Writes its sources into a new folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Name + ".csproj"), Project);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
    }
}
