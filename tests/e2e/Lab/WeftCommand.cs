using System.Diagnostics;

namespace Weft.Tests.EndToEnd.Lab;

/// <summary>The built `weft`, run as a user runs it.</summary>
internal static class WeftCommand
{
    /// <summary>The folder of the repository this was built from.</summary>
    public static string Repository { get; } = RepositoryRoot();

    public static string Path { get; } = System.IO.Path.Combine(Repository, "out", "weft");

    public static Outcome Run(params string[] arguments) => Run(Path, arguments);

    /// <summary>Runs any program to its end.</summary>
    public static Outcome Run(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.Result);
    }

    public static Process Start(params string[] arguments) => Start(Path, arguments);

    private static Process Start(string program, string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    private static string RepositoryRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(directory, "Cni.sln")))
        {
            directory = System.IO.Path.GetDirectoryName(directory)!;
        }

        return directory;
    }
}

internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>What it printed, after making sure that it succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}\n{Output}");
        return Output.Trim();
    }
}
