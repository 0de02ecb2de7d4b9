namespace SerPipeline.Transforms;

/// <summary>A stage's columns and options, as a model file keeps them.</summary>
internal sealed record StageSettings<TOptions>(string Output, string Input, TOptions Options);
