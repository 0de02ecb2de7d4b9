namespace SerPipeline.Old.Pipeline;

/// <summary>The base of catalogs: each is a place where extension methods gather, as in ML.NET.</summary>
public abstract class Catalog
{
    private protected Catalog(SerContext context) => Context = context;

    /// <summary>The context.</summary>
    public SerContext Context { get; }
}

/// <summary>Loads and divides data.</summary>
public sealed class DataOperationsCatalog : Catalog
{
    internal DataOperationsCatalog(SerContext context) : base(context) { }
}

/// <summary>The stages that turn columns into columns.</summary>
public sealed class TransformsCatalog : Catalog
{
    internal TransformsCatalog(SerContext context) : base(context) => Conversion = new ConversionTransforms(context);

    /// <summary>Conversions between texts and keys.</summary>
    public ConversionTransforms Conversion { get; }

    /// <summary>Conversions between texts and keys.</summary>
    public sealed class ConversionTransforms : Catalog
    {
        internal ConversionTransforms(SerContext context) : base(context) { }
    }
}

/// <summary>Trainers of classifiers, and their evaluation.</summary>
public sealed class MulticlassClassificationCatalog : Catalog
{
    internal MulticlassClassificationCatalog(SerContext context) : base(context) => Trainers = new MulticlassClassificationTrainers(context);

    /// <summary>The trainers.</summary>
    public MulticlassClassificationTrainers Trainers { get; }

    /// <summary>The trainers.</summary>
    public sealed class MulticlassClassificationTrainers : Catalog
    {
        internal MulticlassClassificationTrainers(SerContext context) : base(context) { }
    }
}

/// <summary>Saves and loads models.</summary>
public sealed class ModelOperationsCatalog : Catalog
{
    internal ModelOperationsCatalog(SerContext context) : base(context) { }
}

/// <summary>Two parts of one data set.</summary>
/// <param name="TrainSet">What is trained on.</param>
/// <param name="TestSet">What is tested on.</param>
public sealed record TrainTestData(IDataView TrainSet, IDataView TestSet);
