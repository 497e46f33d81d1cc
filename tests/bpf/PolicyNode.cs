using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Endpoints;
using Weft.Agent.Policy;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Identities;
using Weft.Resources;
using Endpoint = Weft.Agent.Endpoints.Endpoint;

namespace Weft.Tests.Bpf;

/// <summary>A node's policies on real maps: objects in, and what the maps make of a connection out.</summary>
internal sealed class PolicyNode
{
    private readonly LoadedDatapath datapath = DatapathFixture.Empty();
    private readonly Dictionary<ObjectKey, NetworkPolicy> policies = [];
    private readonly Dictionary<string, Endpoint> pods = [];
    private readonly Dictionary<uint, WeftIdentitySpec> identities = [];
    private readonly Dictionary<Ip, uint> remote = [];

    public PolicyNode() => Start();

    public LoadedDatapath Datapath => datapath;

    public NodePolicy Policy { get; private set; } = null!;

    public PolicyMaps Maps { get; private set; } = null!;

    public EndpointsMap Endpoints { get; private set; } = null!;

    public Epoch Epoch { get; private set; } = null!;

    public LivePolicy Live { get; private set; } = null!;

    public TestClock Clock { get; } = new();

    public bool AreUsable { get; set; } = true;

    public bool AreFresh { get; set; } = true;

    public HashSet<string> Audited { get; } = [];

    public List<string> Failures { get; } = [];

    public PolicyState State => Live.State()!;

    /// <param name="number">Its number.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="labels">"app=web" and, for a key that its pods lack, "tier".</param>
    /// <param name="port">Number of the TCP port "http", if they name it.</param>
    /// <param name="knowsPorts">Whether the identity was made when a policy used that name.</param>
    public void Identity(uint number, string ns, string labels = "", int? port = null, bool knowsPorts = true)
    {
        var words = labels.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        identities[number] = new WeftIdentitySpec
        {
            Id = number,
            Namespace = ns,
            Labels = words.Where(w => w.Contains('=')).Select(w => w.Split('=')).ToDictionary(w => w[0], w => w[1]),
            AbsentLabels = [.. words.Where(word => !word.Contains('='))],
            Ports = port is { } p
                ?
                [
                    new WeftIdentityPort
                    {
                        Name = "http",
                        Protocol = "TCP",
                        Port = p,
                    },
                ]
                : null,
            AbsentPorts = port is null && knowsPorts ? ["http/TCP"] : null,
        };
        Policy.Identify(number, identities[number]);
    }

    public void GiveUpIdentity(uint number)
    {
        identities.Remove(number);
        Policy.Identify(number, null);
    }

    /// <summary>A pod of this node; the name is "namespace/name", or nothing for one that the runtime did not name.</summary>
    public void Pod(string ip, uint identity, string? name = null)
    {
        var reference = name is null ? null : new PodReference(name.Split('/')[0], name.Split('/')[1], null);
        var attachment = new Attachment(
            "weft0",
            "02:00:00:00:00:01",
            "eth0",
            "02:00:00:00:00:02",
            1500,
            [new PodAddress($"{Ip.Parse(ip).ToPrefix()}", ip)],
            []
        );
        pods[ip] = new Endpoint(new AttachmentId(ip, "eth0"), "weft", null, reference, 7, attachment, identity);
        Endpoints.Put(pods[ip]);
    }

    public void DeletePod(string ip)
    {
        pods.Remove(ip, out var pod);
        Endpoints.Remove(pod!);
    }

    /// <summary>A pod of another node.</summary>
    public void RemotePod(string ip, uint identity)
    {
        var address = Ip.Parse(ip);
        remote[address] = identity;
        datapath.Peers.Update(
            PeerKey.From(address.ToPrefix()),
            new PeerValue { Kind = PeerKind.Pod, Identity = identity }
        );
    }

    /// <param name="name">"namespace/name".</param>
    /// <param name="spec">JSON of its spec, with single quotes for double ones.</param>
    public void Apply(string name, string spec)
    {
        var (ns, own) = (name.Split('/')[0], name.Split('/')[1]);
        var policy = JsonSerializer.Deserialize(
            $"{{'metadata': {{'namespace': '{ns}', 'name': '{own}'}}, 'spec': {spec}}}".Replace('\'', '"'),
            Kinds.NetworkPolicies.Json
        )!;
        policies[ObjectKey.Of(policy)] = policy;
    }

    public void DeletePolicy(string name) => policies.Remove(new ObjectKey(name.Split('/')[0], name.Split('/')[1]));

    /// <summary>Ends the grace period of sets that nobody uses.</summary>
    public void PassGrace()
    {
        Policy.Enforce();
        Clock.Now += InstalledSets.Grace;
        Policy.Enforce();
    }

    /// <summary>What the maps say to a TCP connection: true when both ends that are pods of this node let it through.</summary>
    public bool Allows(string source, string destination, int port = 80)
    {
        var answer = Live.Judge(new PolicyQuestion(source, destination, 6, (ushort)port));
        return new[] { answer.Egress, answer.Ingress }.All(side => side?.Verdict is not PolicyVerdict.Denied);
    }

    public PolicyWord WordOf(string ip) =>
        datapath.Endpoints.TryLookup(MapAddress.From(Ip.Parse(ip)), out var value)
            ? value.Policy[Epoch.Current]
            : throw new ArgumentException($"no pod has {ip}");

    /// <summary>The agent anew on the maps of before: it knows its pods by their records, and objects as they come.</summary>
    public void Restart()
    {
        Start();
        foreach (var (number, spec) in identities)
        {
            Policy.Identify(number, spec);
        }

        foreach (var pod in pods.Values)
        {
            Endpoints.Put(pod);
        }

        Endpoints.RemoveOthers();
    }

    private void Start()
    {
        Epoch = new Epoch(datapath.Epoch);
        Endpoints = new EndpointsMap(datapath.Endpoints, Epoch);
        Maps = new PolicyMaps(datapath.Policy, datapath.PolicyBlocks);
        Policy = new NodePolicy(
            Endpoints,
            Maps,
            new PolicyInputs(
                () => [.. policies.Values],
                () => AreUsable,
                () => AreFresh,
                pod => Audited.Contains($"{pod}"),
                () => remote.Values.ToHashSet(),
                () => remote.ToLookup(pod => pod.Value, pod => pod.Key)
            ),
            Clock,
            NullLogger.Instance
        );
        Policy.Failed += (policy, _) => Failures.Add($"{policy}");
        Live = new LivePolicy(datapath, Endpoints, Epoch, Policy, Clock);
    }
}

/// <summary>A clock that a test sets.</summary>
internal sealed class TestClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
