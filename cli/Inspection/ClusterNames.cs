using System.Globalization;
using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Cli.Inspection;

/// <summary>Names of the cluster's addresses and identities.</summary>
internal sealed class ClusterNames
{
    private readonly Dictionary<Ip, string> addresses = [];
    private readonly Dictionary<string, string> identities = new()
    {
        [Number(ReservedIdentity.World)] = "world",
        [Number(ReservedIdentity.ThisHost)] = "this node",
        [Number(ReservedIdentity.OtherNode)] = "other nodes",
        [Number(ReservedIdentity.UnknownInCluster)] = "in the cluster, not known yet",
        [Number(ReservedIdentity.Unmanaged)] = "pods without a known identity",
    };

    /// <summary>Of the cluster's objects; where there is no Kubernetes, of what the agents say of their pods.</summary>
    public static async Task<ClusterNames> ReadAsync(
        KubernetesClient? client,
        IReadOnlyList<LiveAgent> agents,
        CancellationToken cancel
    )
    {
        var names = new ClusterNames();
        if (client is null)
        {
            names.Add(await LiveAgents.AskAllAsync(agents, new AgentRequest(AgentVerb.State), cancel));
            return names;
        }

        var nodes = client.ListAsync(WeftResources.Nodes, new ListOptions(), cancel);
        var services = client.ListAsync(Kinds.Services, new ListOptions(), cancel);
        var (slices, known) = await PodIdentities.ReadAsync(client, cancel);
        foreach (var service in (await services).Items ?? [])
        {
            names.Add(service.Spec?.ClusterIPs, $"Service {ObjectKey.Of(service)}");
        }

        foreach (var node in (await nodes).Items ?? [])
        {
            names.Add(node.Spec?.Addresses, $"node {node.Metadata.Name}");
        }

        foreach (var endpoint in PodIdentities.Endpoints(slices, known))
        {
            names.Add(endpoint.Addresses, endpoint.Pod);
        }

        foreach (var identity in PodIdentities.Identities(slices, known))
        {
            names.identities[Number(identity.Id)] =
                identity.Labels.Count == 0
                    ? identity.Namespace
                    : $"{identity.Namespace} {PodIdentities.Text(identity.Labels)}";
        }

        return names;
    }

    /// <summary>What a cell stands for; null when it says it itself, or nobody has it.</summary>
    public string? NameOf(MapCell kind, string cell) =>
        kind switch
        {
            MapCell.Identity => identities.GetValueOrDefault(cell),
            MapCell.Address => OfAddress(cell),
            MapCell.End => OfAddress(cell[..Math.Max(0, cell.LastIndexOf(':'))].Trim('[', ']')),
            MapCell.Prefix => Prefix.TryParse(cell, out var prefix) && prefix.Length == prefix.Address.Bits
                ? addresses.GetValueOrDefault(prefix.Address)
                : null,
            _ => null,
        };

    private string? OfAddress(string text) => Ip.TryParse(text, out var ip) ? addresses.GetValueOrDefault(ip) : null;

    private void Add(IEnumerable<AgentAnswer> answers)
    {
        foreach (var endpoint in answers.SelectMany(answer => answer.Response?.State?.Endpoints ?? []))
        {
            Add(endpoint.Addresses, endpoint.Pod?.ToString() ?? endpoint.HostInterface);
        }
    }

    private void Add(IEnumerable<string>? of, string name)
    {
        foreach (var text in of ?? [])
        {
            if (Ip.TryParse(text, out var ip))
            {
                addresses[ip] = name;
            }
        }
    }

    private static string Number(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
