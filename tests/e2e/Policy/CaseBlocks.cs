using System.Text.Json.Nodes;
using Weft.Net;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>
/// A case's pods have other addresses than the lab's: an ipBlock becomes those of the lab's pods that it means, in both
/// families.
/// </summary>
internal static class CaseBlocks
{
    /// <summary>Of a block for documentation (RFC 5737): a peer without anybody, for a rule without peers means all.</summary>
    private const string Nobody = "203.0.113.0/24";

    public static JsonNode Translate(JsonNode policy, IReadOnlyDictionary<PodRef, string> addresses, PolicyLab lab)
    {
        // Some cases are as a client's library writes objects, without these.
        policy["apiVersion"] = "networking.k8s.io/v1";
        policy["kind"] = "NetworkPolicy";
        foreach (var (rules, peers) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            foreach (var rule in policy["spec"]![rules]?.AsArray() ?? [])
            {
                if (rule![peers] is JsonArray list)
                {
                    rule[peers] = new JsonArray([
                        .. list.SelectMany(peer => PeersOf(peer!, addresses, lab)).Select(peer => peer.DeepClone()),
                    ]);
                }
            }
        }

        return policy;
    }

    private static IEnumerable<JsonNode> PeersOf(
        JsonNode peer,
        IReadOnlyDictionary<PodRef, string> addresses,
        PolicyLab lab
    )
    {
        if (peer["ipBlock"] is not { } block)
        {
            return [peer];
        }

        var cidr = Prefix.Parse((string)block["cidr"]!);
        var except = (block["except"]?.AsArray() ?? []).Select(text => Prefix.Parse((string)text!)).ToList();
        return addresses
            .Where(pod => cidr.Contains(Ip.Parse(pod.Value)))
            .Where(pod => !except.Any(prefix => prefix.Contains(Ip.Parse(pod.Value))))
            .SelectMany(pod => lab[pod.Key].Addresses)
            .Select(address => Ip.Parse(address.ToString()).ToPrefix().ToString())
            .Append(Nobody)
            .Select(prefix => new JsonObject { ["ipBlock"] = new JsonObject { ["cidr"] = prefix } });
    }
}
