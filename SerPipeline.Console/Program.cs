return await ConsoleProgram.RunAsync(args, ConsoleEnvironment.OfThisProcess()).ConfigureAwait(false);
