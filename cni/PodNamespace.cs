using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Cni;

/// <summary>The namespace CNI_NETNS names.</summary>
internal static class PodNamespace
{
    /// <summary>Opens it, sure that it is a network namespace and, unless allowed, not the node's own.</summary>
    public static NetworkNamespace Open(Invocation call)
    {
        var pod = OpenAny(call);
        if (call.OwnNetnsAllowed)
        {
            return pod;
        }

        using var own = NetworkNamespace.Current();
        if (!pod.IsSameAs(own))
        {
            return pod;
        }

        pod.Dispose();
        throw new CniException(
            CniErrorCode.InvalidNetns,
            $"CNI_NETNS {call.Netns} is the namespace the plugin runs in; if that is meant, set CNI_NETNS_OVERRIDE=1"
        );
    }

    private static NetworkNamespace OpenAny(Invocation call)
    {
        try
        {
            return NetworkNamespace.Open(call.Netns!);
        }
        catch (NamespaceException e)
        {
            // A CHECK finds it gone when the container is; an ADD was given a wrong path.
            var gone = e.Kind == NamespaceErrorKind.NotFound && call.Verb == CniVerb.Check;
            throw new CniException(
                gone ? CniErrorCode.UnknownContainer : CniErrorCode.InvalidNetns,
                $"CNI_NETNS: {e.Message}"
            );
        }
    }
}
