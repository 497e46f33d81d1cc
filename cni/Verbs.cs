using Weft.Contracts;

namespace Weft.Cni;

/// <summary>
/// The verbs that concern the network. Each checks all its inputs before it calls the agent: what the agent has done
/// can no longer be refused.
/// </summary>
internal static class Verbs
{
    private static readonly Outcome Nothing = new(0, []);

    public static Outcome Add(Invocation call, NetConf config)
    {
        config.RefuseUnsupported();
        var (id, netnsPath) = (call.Id!, call.Netns!);
        var args = CniArgs.Parse(call.Args);
        var wishes = Wishes.Of(args, config);
        var previous = PrevResult.Of(config);
        if (previous?.IndexOf(id.IfName, netnsPath) >= 0)
        {
            throw new CniException(
                CniErrorCode.AlreadyExists,
                $"\"prevResult\" lists an interface {id.IfName} in {netnsPath} already: put Weft first in the chain, "
                    + "or give it another CNI_IFNAME"
            );
        }

        using var netns = PodNamespace.Open(call);
        var request = new AgentRequest(
            AgentVerb.Add,
            config.Name,
            id,
            netnsPath,
            args.Pod,
            wishes.Ips,
            wishes.Mac,
            PortMappings: wishes.PortMappings,
            SharesClsact: config.SharesClsact
        );
        var (made, channel) = Agent.Add(config, request, netns.Handle);
        return new Outcome(0, new ResultWriter(config, previous, netnsPath).Write(made), Unacknowledged: channel);
    }

    /// <summary>
    /// Looks at nothing it does not need, neither CNI_NETNS nor prevResult nor the configuration's other keys: a DEL
    /// that fails keeps a dead pod's sandbox, and what is gone is deleted.
    /// </summary>
    public static Outcome Del(Invocation call, NetConf config)
    {
        try
        {
            Agent.Call(config, new AgentRequest(AgentVerb.Del, config.Name, call.Id, call.Netns));
        }
        catch (AgentDownException)
        {
            HostLink.Remove(call.Id!);
        }

        return Nothing;
    }

    public static Outcome Check(Invocation call, NetConf config)
    {
        config.RefuseUnsupported();
        var previous =
            PrevResult.Of(config)
            ?? throw new CniException(
                CniErrorCode.InvalidConfig,
                "\"prevResult\" is missing: CHECK compares with what ADD has reported"
            );
        var expected = previous.Expected(call.Id!, call.Netns!);
        using var netns = PodNamespace.Open(call);
        var request = new AgentRequest(AgentVerb.Check, config.Name, call.Id, call.Netns, Expected: expected);
        Agent.Call(config, request, netns.Handle);
        return Nothing;
    }

    public static Outcome Gc(NetConf config)
    {
        var valid = ValidAttachments.Of(config.Root);
        Agent.Call(config, new AgentRequest(AgentVerb.Gc, config.Name, ValidAttachments: valid));
        return Nothing;
    }

    public static Outcome Status(NetConf config)
    {
        config.RefuseUnsupported();
        Agent.Status(config);
        return Nothing;
    }
}
