using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Weft.Cli;
using Weft.Cli.Completion;
using Weft.Connectivity;
using Weft.Kubernetes;
using Weft.Lab;
using Weft.Lab.Linux;
using Weft.Netlink;

const int Failure = 1;
const int Usage = 2;

StandardStreams.FillGaps();

var root = Root.Create();
var parsed = root.Parse(CompletedLine.WithName(args, root.Name));
if (parsed.Action is ParseErrorAction)
{
    var names = parsed.CommandResult.Command.Name == root.Name ? "" : " " + PathOf(parsed.CommandResult);
    var problem = string.Join(
        ' ',
        parsed.Errors[0].Message.Split((char[])['\n', '\t'], StringSplitOptions.RemoveEmptyEntries)
    );
    Console.Error.WriteLine($"weft: {problem} See `weft{names} --help`.");
    return Usage;
}

try
{
    return await parsed.InvokeAsync(
        new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // Who was interrupted removes first what it made.
            ProcessTerminationTimeout = TimeSpan.FromMinutes(2),
        }
    );
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("weft: interrupted; nothing was left behind");
    return Failure;
}
catch (Exception e)
    when (e
            is CommandException
                or LabException
                or KubernetesException
                or ConfigurationException
                or ConnectivityException
                or SystemCallException
                or NetlinkException
                or NamespaceException
                or SocketException
                or IOException
                or UnauthorizedAccessException
    )
{
    Console.Error.WriteLine($"weft: {e.Message}");
    return Failure;
}

// The words that lead to a command: lab up.
static string PathOf(CommandResult result)
{
    var words = new List<string>();
    for (SymbolResult? at = result; at is CommandResult { Parent: not null } command; at = at.Parent)
    {
        words.Insert(0, command.Command.Name);
    }

    return string.Join(' ', words);
}
