using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Endpoints;

/// <summary>CNI CHECK: compares an endpoint with the kernel, the maps and what the runtime kept of ADD's answer.</summary>
internal sealed class EndpointCheck(LoadedDatapath datapath)
{
    /// <summary>What is wrong and what to do, or null.</summary>
    public string? Problem(Endpoint endpoint, Attachment? expected, NetworkNamespace pod)
    {
        if (expected is not null && DiffersFrom(endpoint.Attachment, expected) is { } difference)
        {
            return $"prevResult is not what ADD answered: {difference}";
        }

        using var host = RouteSocket.Open();
        return (PodLink.Verify(host, pod, endpoint.Attachment) ?? VerifyMaps(endpoint)) is { } problem
            ? $"{problem}; delete the pod to have it made anew"
            : null;
    }

    private string? VerifyMaps(Endpoint endpoint)
    {
        foreach (var address in endpoint.Ips)
        {
            if (
                !datapath.Endpoints.TryLookup(MapAddress.From(address), out var value)
                || value.IfIndex != endpoint.HostIfIndex
            )
            {
                return $"the datapath has lost the pod's address {address}";
            }
        }

        return null;
    }

    /// <summary>What prevResult says of our link must be true; what it leaves out, another plugin may have taken out.</summary>
    private static string? DiffersFrom(Attachment ours, Attachment expected)
    {
        if (expected.HostInterface.Length > 0 && expected.HostInterface != ours.HostInterface)
        {
            return $"host interface {expected.HostInterface} instead of {ours.HostInterface}";
        }

        if (expected.Mac.Length > 0 && !string.Equals(expected.Mac, ours.Mac, StringComparison.OrdinalIgnoreCase))
        {
            return $"MAC {expected.Mac} instead of {ours.Mac}";
        }

        var listed = expected.Addresses.Select(address => address.Address).ToHashSet();
        return listed.Count > 0 && ours.Addresses.FirstOrDefault(a => !listed.Contains(a.Address)) is { } missing
            ? $"address {missing.Address} is missing"
            : null;
    }
}
