using SerPipeline.Console.Hosting;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class UsageTests
{
    [Theory]
    [InlineData("trian", "There is no command 'trian'. Did you mean train?")]
    [InlineData("train --epoch 3", "There is no option '--epoch' of ser train. Did you mean --epochs?")]
    [InlineData("train --corpus ravdes --data x", "Did you mean ravdess?")]
    [InlineData("train --trainer lsmt", "got 'lsmt'. Did you mean lstm?")]
    [InlineData("train --trainer cnn,forest",
        "--trainer must be lda, cnn, resnet18, mlp, lstm, conv1d, lbfgs, svm, recipe, recipe-medium, recipe-small, lightgbm or fasttree, "
            + "got 'forest'.")]
    [InlineData("train --protocol nofold", "--protocol must be random, paper, kfold, speaker, speaker-5fold, loso, cross, given")]
    [InlineData("train --trainer cnn --protocol loso+10", "work with lda, mlp, lstm, conv1d and the recipes, not with cnn")]
    [InlineData("train --trainer lda --protocol random+10", "got 'random+10'")]
    [InlineData("train --protocol lose@telephone", "or a form of them such as loso+10, random@telephone or loso+10@room, got "
        + "'lose@telephone'. Did you mean loso@telephone?")]
    [InlineData("train --trainer lda --copies none,speed", "--copies none stands alone")]
    [InlineData("train --trainer cnn,lda --copies speed", "--copies speed is nothing that cnn can learn from; --augment full changes")]
    [InlineData("train --trainer svm --copies room", "--copies room is nothing that svm can learn from: name the trainers.")]
    [InlineData("evaluate --model m.zip --condition studio", "--condition must be telephone, noise or room, got 'studio'.")]
    [InlineData("predict --model m.zip --enroll x --same-speaker clip.wav", "--enroll and --same-speaker both say who speaks")]
    [InlineData("predict --model m.zip --enroll x --channel each clip.wav", "--channel each hears several people")]
    [InlineData("predict --model m.zip --same-speaker --channel each clip.wav", "adapts to each channel by itself")]
    [InlineData("model export m.zip -o m.zip", "--output must end in .onnx, by which other programs tell a graph; got 'm.zip'.")]
    [InlineData("image clip.png -o clip.png", "--output 'clip.png' is read by this command too, and would be lost")]
    [InlineData("compare a b -o a/predictions.csv", "--out 'a/predictions.csv' is read by this command too, and would be lost")]
    [InlineData("train --epochs 0", "--epochs must be a whole number of at least 1, got '0'.")]
    [InlineData("train --epochs 99999999999", "--epochs must be a whole number from 1 to 2147483647, got '99999999999'.")]
    [InlineData("compare a b --seed x", "--seed must be a whole number from -2147483648 to 2147483647, got 'x'.")]
    [InlineData("train --seed 1,99999999999", "--seed must be a whole number from -2147483648 to 2147483647, got '99999999999'.")]
    [InlineData("train --epochs many", "--epochs must be a whole number of at least 1, got 'many'.")]
    [InlineData("train --test-fraction 1", "--test-fraction must be a number between 0 and 1, got '1'.")]
    [InlineData("train --learning-rate -1", "--learning-rate must be a number above 0, got '-1'.")]
    [InlineData("train --corpus ravdess", "--corpus ravdess needs --data DIR")]
    [InlineData("train --data somewhere", "--data needs --corpus as well")]
    [InlineData("train --protocol random --test-speakers 1,2", "--test-speakers needs --protocol speaker")]
    [InlineData("train --corpus ravdess+ravdess --data x", "--corpus names 'ravdess' twice.")]
    [InlineData("train --corpus tess+emodb", "--corpus emodb needs --data DIR")]
    [InlineData("train --corpus tess --data emodb=x", "--data says where 'emodb' lies, which --corpus does not ask for.")]
    [InlineData("train --corpus tess --data x --combine common", "--combine needs several corpora")]
    [InlineData("train --corpus tess --dataset new --data x", "--corpus and --dataset exclude each other.")]
    [InlineData("train --dataset nwe --data x", "got 'nwe'. Did you mean new?")]
    [InlineData("corpora --dataset original",
        "The data set 'original' needs the corpus 'ravdess-speech', which is not below the folder data")]
    [InlineData("corpora --datasets mine.json", "--datasets needs --corpus NAME or --dataset NAMES.")]
    [InlineData("corpora --data /no/such/folder", "--data: there is no folder /no/such/folder.")]
    [InlineData("train --corpus ravdess --data /no/such/folder", "--data: there is nothing at /no/such/folder.")]
    [InlineData("corpora --corpus manifest --data /no/such/list.csv", "--data: there is nothing at /no/such/list.csv.")]
    [InlineData("corpora --corpus manifest --data x --speaker-pattern (?<speaker>.)",
        "--speaker-pattern is for --corpus folder, but the corpus is manifest")]
    [InlineData("evaluate --model m.zip --corpus ravdess --data x --speaker-pattern (?<speaker>.)",
        "--speaker-pattern is for --corpus folder, but the corpus is ravdess")]
    [InlineData("predict clip.wav", "--model MODEL is needed")]
    [InlineData("predict --model m.zip --json --csv clip.wav", "--json and --csv exclude each other.")]
    [InlineData("predict --model m.zip", "PATH, --list or --stdin is needed")]
    [InlineData("image clip.wav -o clip.gif", "--output must end in .png or .svg, got 'clip.gif'.")]
    [InlineData("synth", "--out DIR is needed")]
    [InlineData("synth --out x --speakers 25", "Speakers must be between 1 and 24, got 25.")]
    public async Task Wrong_usage_is_said_and_ends_with_2(string commandLine, string expected)
    {
        ConsoleRun run = await ConsoleRun.Of(commandLine.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help shows what there is.", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task All_problems_are_said_at_once()
    {
        ConsoleRun run = await ConsoleRun.Of("train", "--epochs", "0", "--batch-size", "-3", "--precision", "float16");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(3, run.Error.Split("error: ").Length - 1);
    }

    [Fact]
    public void What_is_refused_leaves_no_cache_and_is_told_in_UTF_8_whatever_the_locale()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sets the home and the locale by env");
        using var home = new TemporaryFolder();
        (int code, string output) = SerProcess.Under(["env", "-u", "XDG_DATA_HOME", "-u", "SER_CACHE", $"HOME={home.Path}",
            "LC_ALL=de_DE.ISO-8859-1"], "train", "--corpus", "für", "--epochs", "0");
        Assert.Equal(2, code);
        Assert.Contains("got 'für'", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Path));
    }

    [Theory]
    [InlineData("/runs/mine-2/Zoë.zip", "/runs/mine-2/Zoë.zip")]
    [InlineData("/my runs/a", "'/my runs/a'")]
    [InlineData("/$HOME/it's", @"'/$HOME/it'\''s'")]
    public void A_path_in_a_command_to_type_is_quoted_where_a_shell_would_take_it_apart(string path, string typed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "quotes of other shells");
        Assert.Equal(typed, Spelling.Argument(path));
    }

    [Theory]
    [InlineData("predict --model /no/such/model.zip clip.wav", "/no/such/model.zip")]
    [InlineData("evaluate --model /no/such/model.zip", "/no/such/model.zip")]
    [InlineData("image /no/such/clip.wav -o clip.png", "/no/such/clip.wav")]
    public async Task What_is_missing_is_named_without_a_stack_trace(string commandLine, string expected)
    {
        ConsoleRun run = await ConsoleRun.Of(commandLine.Split(' '));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Path.GetFileName(expected), run.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_shows_where_an_error_came_from()
    {
        ConsoleRun run = await ConsoleRun.Of("predict", "--model", "/no/such/model.zip", "clip.wav", "--verbose");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_zip_is_refused_as_a_model()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        await System.IO.Compression.ZipFile.CreateFromDirectoryAsync(Directory.CreateDirectory(folder.File("empty")).FullName, path,
            TestContext.Current.CancellationToken);
        ConsoleRun run = await ConsoleRun.Of("predict", "--model", path, "clip.wav");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no SerPipeline model", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_command_ends_with_1_and_says_so()
    {
        using var folder = new TemporaryFolder();
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        ConsoleRun run = await ConsoleRun.Of(stopped.Token, "synth", "--out", folder.File("demo"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Stopped.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }
}
