using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Cli;

/// <summary>What shells complete after `weft`; zsh is not on every machine, and was tried by hand.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo scratch = Directory.CreateTempSubdirectory("weft-completion-");

    public void Dispose() => scratch.Delete(recursive: true);

    [Theory]
    [InlineData("weft", "sta", "status")]
    [InlineData("kubectl-weft", "connectivity t", "test")]
    [InlineData("/opt/weft", "policy ", "check verdicts")]
    public void Bash_completes_a_command(string name, string typed, string expected)
    {
        var line = $"{name} {typed}";
        var words = typed.Split(' ');
        var completed = WeftCommand.Run(
            "bash",
            [
                "-c",
                $$"""
                source <("$1" completion bash)
                COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_CWORD={{words.Length}}
                COMP_WORDS=("$1" {{string.Join(' ', words.Select(word => $"'{word}'"))}})
                _weft "$1"
                printf '%s\n' "${COMPREPLY[@]}"
                """,
                "bash",
                WeftCommand.Path,
            ]
        );
        Assert.Equal(expected, Commands(completed.Succeeded()));
    }

    [Fact]
    public void Kubectl_completes_a_command_of_its_plugin()
    {
        File.CreateSymbolicLink($"{scratch}/kubectl-weft", WeftCommand.Path);
        var script = $"{scratch}/kubectl_complete-weft";
        File.WriteAllText(script, $"{WeftCommand.Run("completion", "kubectl").Succeeded()}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var completed = WeftCommand.Run(
            "env",
            [$"PATH={scratch}:{Environment.GetEnvironmentVariable("PATH")}", "kubectl", "__complete", "weft", "sta"]
        );
        Assert.Equal("status", Commands(completed.Succeeded().Replace(":4", "", StringComparison.Ordinal)));
    }

    private static string Commands(string completed) =>
        string.Join(' ', completed.Split('\n').Where(word => word.Length > 0 && !word.StartsWith('-')));
}
