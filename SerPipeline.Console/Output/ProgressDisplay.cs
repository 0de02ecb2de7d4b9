using SerPipeline.Console.Hosting;
using SerPipeline.Experiments;
using Spectre.Console;

namespace SerPipeline.Console.Output;

/// <summary>Shows progress on standard error: bars with rate and time left on a terminal, a plain line every few seconds otherwise.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgressDisplay(Terminal terminal, TimeProvider time) : IRunProgress
{
    /// <inheritdoc/>
    public void Message(string text) => terminal.Message(text);

    /// <summary>Does work that reports its progress.</summary>
    /// <param name="work">The work.</param>
    public T Run<T>(Func<IProgressScope, T> work)
    {
        if (!terminal.ErrorIsInteractive) return work(new PlainScope(terminal, time));
        var rates = new RateColumn();
        return terminal.Error.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), rates, new RemainingTimeColumn())
            .Start(context => work(new BarScope(context, rates, terminal.Error.Profile.Width)));
    }

    private sealed class BarScope(ProgressContext context, RateColumn rates, int width) : IProgressScope
    {
        public IProgressStage Start(string name, long total, string unit)
        {
            ProgressTask task = context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, total));
            rates.SetUnit(task, unit);
            return new BarStage(task, name, width);
        }
    }

    private sealed class BarStage(ProgressTask task, string name, int width) : IProgressStage
    {
        // Bar, percentage, rate and time left.
        private const int OtherColumns = 50;

        public void Report(long done, string? note)
        {
            task.Value = Math.Max(task.Value, done);
            if (note is not null) task.Description = Markup.Escape(Fitting(note));
        }

        // As many of the note's parts as stay on one line.
        private string Fitting(string note)
        {
            string line = name;
            foreach (string part in note.Split(", "))
            {
                if (line.Length + part.Length + 2 + OtherColumns > width) break;
                line += (line.Length == name.Length ? ": " : ", ") + part;
            }
            return line;
        }

        public void Complete() => task.StopTask();
    }

    private sealed class PlainScope(Terminal terminal, TimeProvider time) : IProgressScope
    {
        public IProgressStage Start(string name, long total, string unit) => new PlainStage(terminal, time, name, total, unit);
    }
}
