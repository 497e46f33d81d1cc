using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Endpoints;
using Weft.Agent.Policy;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;
using Endpoint = Weft.Agent.Endpoints.Endpoint;

namespace Weft.Bench.Policies;

/// <summary>The part of an agent that puts policies into force, in this process and on real maps that nobody else has.</summary>
internal sealed class NodeOfPolicies : IDisposable
{
    private const string Mac = "02:00:00:00:00:01";
    private readonly LoadedDatapath datapath = LoadedDatapath.Load(null);
    private readonly EndpointsMap endpoints;
    private readonly PolicyMaps maps;
    private readonly NodePolicy policy;
    private int pods;

    public NodeOfPolicies(IReadOnlyList<NetworkPolicy> policies)
    {
        endpoints = new EndpointsMap(datapath.Endpoints, new Epoch(datapath.Epoch));
        maps = new PolicyMaps(datapath.Policy, datapath.PolicyBlocks);
        policy = new NodePolicy(
            endpoints,
            maps,
            new PolicyInputs(
                () => policies,
                () => true,
                () => true,
                _ => false,
                () => new HashSet<uint>(),
                () => Array.Empty<(uint, Ip)>().ToLookup(pod => pod.Item1, pod => pod.Item2)
            ),
            TimeProvider.System,
            NullLogger.Instance
        );
    }

    /// <summary>Entries in the maps of policies.</summary>
    public int Entries => maps.Entries + maps.Blocks;

    /// <summary>Policy sets in them.</summary>
    public int Sets => policy.State(0).Sets;

    /// <summary>What the kernel accounts for them.</summary>
    public static double MapMegabytes =>
        DaemonProcess.Self.Maps().Where(map => map.Name is "policy" or "policy_blocks").Sum(map => map.Megabytes);

    /// <summary>An identity comes, as by its watch.</summary>
    public void Identify(WeftIdentitySpec identity) => policy.Identify(identity.Id, identity);

    /// <summary>A pod's ADD, as far as policies and maps go.</summary>
    public void AddPod(WeftIdentitySpec identity)
    {
        var ip = $"10.244.{pods >> 8}.{pods & 255}";
        var name = $"p{pods++}";
        endpoints.Put(
            new Endpoint(
                new AttachmentId(name, "eth0"),
                "weft",
                null,
                new PodReference(identity.Namespace, name, null),
                1,
                new Attachment(name, Mac, "eth0", Mac, 1500, [new PodAddress($"{ip}/32", ip)], []),
                identity.Id
            )
        );
    }

    /// <summary>Puts all policies into force.</summary>
    /// <exception cref="BenchException">Not all of them fit.</exception>
    public void Enforce()
    {
        policy.Enforce();
        if (policy.State(0).NotInForce is [var first, ..])
        {
            throw new BenchException($"the policy {first.Policy} is not in force: {first.Reason}");
        }
    }

    public void Dispose() => datapath.Dispose();
}
