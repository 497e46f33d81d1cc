using System.CommandLine;
using System.Text.Json;
using Weft.Contracts;

namespace Weft.Agent.Server;

/// <summary>
/// `weft-agent ask`: hands a question to the agent that runs here and prints its answer. It is how `weft` asks an agent in
/// a pod, by `exec`: the agent's answers name pods and policies, so they are behind the API server's authorization and not
/// on a port.
/// </summary>
internal static class AskCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var request = new Argument<string>("REQUEST")
        {
            Description = "The question as JSON, such as {\"verb\":\"State\"}.",
        };
        var socket = new Option<string>("--socket")
        {
            Description = "The agent's socket.",
            HelpName = "FILE",
            DefaultValueFactory = _ => WeftPaths.DefaultSocket,
        };
        var command = new Command("ask", "Asks the agent that runs here and prints its answer as JSON.")
        {
            request,
            socket,
        };
        command.SetAction(parsed =>
            Ask(parsed.GetRequiredValue(request), parsed.GetRequiredValue(socket), Console.Out, Console.Error)
        );
        return command;
    }

    private static int Ask(string text, string socket, TextWriter output, TextWriter errors)
    {
        try
        {
            var request =
                JsonSerializer.Deserialize(text, ContractsJson.Default.AgentRequest)
                ?? throw new JsonException("it is null");
            if (request.Verb < AgentVerb.State)
            {
                errors.WriteLine($"weft-agent: {request.Verb} is for the plugin to ask");
                return 2;
            }

            using var channel = AgentChannel.Connect(socket, Patience);
            output.WriteLine(
                JsonSerializer.Serialize(channel.Call(request, descriptor: null), ContractsJson.Default.AgentResponse)
            );
            return 0;
        }
        catch (JsonException e)
        {
            errors.WriteLine($"weft-agent: the question cannot be read: {e.Message}");
            return 2;
        }
        catch (IOException e)
        {
            errors.WriteLine($"weft-agent: no agent answers at {socket}: {e.Message}");
            return 1;
        }
    }
}
