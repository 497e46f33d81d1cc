using System.CommandLine;

namespace Weft.Cli.Completion;

/// <summary>`weft completion`: scripts that make a shell complete what is typed after `weft`.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _weft() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("$1" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _weft weft kubectl-weft
        """;

    private const string Zsh = """
        #compdef weft kubectl-weft
        _weft() {
            local -a found
            found=("${(@f)$(${words[1]} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -a found
        }
        compdef _weft weft kubectl-weft
        """;

    // kubectl runs a program of this name, and takes its last line as a directive: 4 is "no file names".
    private const string Kubectl = """
        #!/bin/sh
        kubectl-weft '[suggest]' "kubectl-weft $*" 2>/dev/null
        echo :4
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, or kubectl for `kubectl weft`." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "kubectl");
        var command = new Command(
            "completion",
            """
            Print a script that completes commands and options.

            bash: source <(weft completion bash)
            zsh:  source <(weft completion zsh)
            kubectl: weft completion kubectl > kubectl_complete-weft, executable and on the PATH beside kubectl-weft
            """
        )
        {
            shell,
        };
        command.SetAction(parsed =>
            Console.WriteLine(
                parsed.GetRequiredValue(shell) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    _ => Kubectl,
                }
            )
        );
        return command;
    }
}
