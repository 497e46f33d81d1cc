using System.Diagnostics;
using System.Text.RegularExpressions;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.ApiServer;

/// <summary>The published `weft-lab apiserver`, and kubectl with its kubeconfig. Needs no root.</summary>
public sealed partial class ApiServerUnderTest : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string directory = Directory.CreateTempSubdirectory("weft-test-apiserver-").FullName;
    private Process process;

    public ApiServerUnderTest() => process = Start();

    private string Kubeconfig => Path.Combine(directory, "kubeconfig");

    /// <summary>Runs kubectl to its end; what it reads is on standard input.</summary>
    internal Outcome Kubectl(string command, string input = "", string? editor = null)
    {
        var start = KubectlStart(command);
        if (editor is not null)
        {
            start.Environment["KUBE_EDITOR"] = editor;
        }

        using var kubectl = Process.Start(start)!;
        var error = kubectl.StandardError.ReadToEndAsync();
        var output = kubectl.StandardOutput.ReadToEndAsync();
        kubectl.StandardInput.Write(input);
        kubectl.StandardInput.Close();
        kubectl.WaitForExit();
        return new(kubectl.ExitCode, output.Result, error.Result);
    }

    /// <summary>What a kubectl command printed that has to succeed.</summary>
    internal string Do(string command, string input = "") => Kubectl(command, input).Succeeded();

    /// <summary>Starts a kubectl that goes on, such as `get -w`.</summary>
    internal Process StartKubectl(string command) => Process.Start(KubectlStart(command))!;

    /// <summary>Kills the server and starts it again on what it has left.</summary>
    internal void KillAndRestart()
    {
        Stop();
        File.Delete(Kubeconfig);
        process = Start();
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(directory, recursive: true);
    }

    private ProcessStartInfo KubectlStart(string command)
    {
        // Quotes keep spaces together, as in a shell.
        var arguments = Word().Matches(command).Select(word => word.Value.Replace("'", "", StringComparison.Ordinal));
        var start = new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        // Discovery is cached below it.
        start.Environment["HOME"] = directory;
        return start;
    }

    private Process Start()
    {
        var program = Path.Combine(Path.GetDirectoryName(WeftCommand.Path)!, "weft-lab");
        var started = Process.Start(
            new ProcessStartInfo(program, ["apiserver", "--directory", directory]) { RedirectStandardOutput = true }
        )!;
        var line = started.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience), "the API server does not serve");
        Assert.Equal($"serving; export KUBECONFIG={Kubeconfig}", line.Result);
        return started;
    }

    private void Stop()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    [GeneratedRegex("(?:[^' ]|'[^']*')+")]
    private static partial Regex Word();
}
