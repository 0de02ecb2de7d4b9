using InboxService;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SerPipeline.Prediction;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
// --Emotion:Path emotion.zip, or the same in appsettings.json or the environment. A file that changes is loaded anew while the service
// runs.
builder.Services.Configure<SerModelServiceOptions>(builder.Configuration.GetSection("Emotion"));
builder.Services.Configure<InboxOptions>(builder.Configuration.GetSection("Inbox"));
// Standard output is for predictions alone.
builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Services.AddSerModel(configure: null);
builder.Services.AddHostedService<InboxWorker>();
await builder.Build().RunAsync();
