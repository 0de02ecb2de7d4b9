using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace SerPipeline.Prediction;

/// <summary>Registers models as services.</summary>
public static class SerModelServiceCollectionExtensions
{
    /// <summary>
    /// Registers a model as the <see cref="IEmotionPredictor"/>, loaded when it is first asked for. Registered twice it is still one model,
    /// of the path given last: several models have
    /// keys, see <see cref="AddKeyedSerModel"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The model's zip.</param>
    public static IServiceCollection AddSerModel(this IServiceCollection services, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddSerModel(options => options.Path = path);
    }

    /// <summary>
    /// Registers a model as the <see cref="IEmotionPredictor"/>, loaded when it is first asked for. When its file changes, calls that begin
    /// afterwards are answered by the new
    /// model, and calls under way end with the old one. A file that cannot be loaded is logged, and the old model stays. Called again it
    /// sets options of the same model.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options, the path at least; null when they are configured elsewhere, such as by
    /// <c>services.Configure</c>.</param>
    public static IServiceCollection AddSerModel(this IServiceCollection services, Action<SerModelServiceOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        Configure(services, Microsoft.Extensions.Options.Options.DefaultName, configure);
        services.TryAddSingleton<IEmotionPredictor>(provider => Create(provider, Microsoft.Extensions.Options.Options.DefaultName));
        return services;
    }

    /// <summary>Registers one of several models, under a key: <c>[FromKeyedServices("KEY")] IEmotionPredictor</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; also the name of its options.</param>
    /// <param name="configure">Sets the options, the path at least; null when they are configured elsewhere under the key's name.</param>
    public static IServiceCollection AddKeyedSerModel(this IServiceCollection services, string serviceKey,
        Action<SerModelServiceOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        Configure(services, serviceKey, configure);
        services.TryAddKeyedSingleton<IEmotionPredictor>(serviceKey, (provider, _) => Create(provider, serviceKey));
        return services;
    }

    private static void Configure(IServiceCollection services, string name, Action<SerModelServiceOptions>? configure) =>
        services.AddOptions<SerModelServiceOptions>(name).Configure(configure ?? (_ => { }));

    private static ReloadingSerModel Create(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<SerModelServiceOptions>>().Get(name),
        provider.GetService<ILogger<ReloadingSerModel>>() ?? NullLogger<ReloadingSerModel>.Instance,
        provider.GetService<TimeProvider>() ?? TimeProvider.System);
}
