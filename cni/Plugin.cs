using Weft.Contracts;

namespace Weft.Cni;

/// <summary>How a call ended.</summary>
/// <param name="ExitCode">0, or 1 with an error object as output.</param>
/// <param name="Output">For standard output.</param>
/// <param name="Complaint">For standard error.</param>
/// <param name="Unacknowledged">Of an ADD: where the agent waits to hear that the output is written.</param>
internal sealed record Outcome(int ExitCode, byte[] Output, string Complaint = "", AgentChannel? Unacknowledged = null);

/// <summary>
/// One call of the plugin: environment and standard input in, outcome out.
/// <code>
/// environment ─► Invocation ┐
/// stdin ─► ConfigNode ─► NetConf ┴─► Verbs ─► one request to the agent ─► result
/// </code>
/// </summary>
internal sealed class Plugin(Func<string, string?> environment, Func<ReadOnlyMemory<byte>> input)
{
    /// <summary>The configuration's version once it is known: errors are in it too.</summary>
    private CniVersion version = CniVersions.Newest;

    private static string About =>
        $"weft-cni {typeof(Plugin).Assembly.GetName().Version?.ToString(3)}: the CNI plugin of Weft\n"
        + $"CNI protocol versions supported: {string.Join(", ", CniVersions.Supported)}\n";

    public Outcome Run()
    {
        var command = environment(Invocation.Command);
        if (string.IsNullOrEmpty(command))
        {
            return new Outcome(0, [], About);
        }

        try
        {
            return Answer(Invocation.Read(command, environment));
        }
        catch (CniException e)
        {
            return Failed(e);
        }
        catch (AgentDownException e)
        {
            return Failed(
                new CniException(
                    command == CniVerb.Status.Text() ? CniErrorCode.NotAvailable : CniErrorCode.TryAgainLater,
                    e.Message
                )
            );
        }
        // Without an error object the runtime could say no more than "exit status 134".
        catch (Exception e)
        {
            return Failed(new CniException(CniErrorCode.Internal, $"{command} failed: {e.Message}", e.ToString()));
        }
    }

    private Outcome Answer(Invocation call)
    {
        var json = input();
        if (call.Verb == CniVerb.Version)
        {
            return new Outcome(0, Json.Versions(AskedVersion(json)));
        }

        var root = ConfigNode.Parse(json);
        version = CniVersions.Of(root);
        version.Require(call.Verb);
        var config = NetConf.Read(root, version);
        return call.Verb switch
        {
            CniVerb.Add => Verbs.Add(call, config),
            CniVerb.Del => Verbs.Del(call, config),
            CniVerb.Check => Verbs.Check(call, config),
            CniVerb.Gc => Verbs.Gc(config),
            _ => Verbs.Status(config),
        };
    }

    private static string AskedVersion(ReadOnlyMemory<byte> json) =>
        (json.IsEmpty ? null : ConfigNode.Parse(json).Member("cniVersion")?.Text()) ?? CniVersions.Newest.Text();

    private Outcome Failed(CniException error) => new(1, Json.Error(version, error));
}
