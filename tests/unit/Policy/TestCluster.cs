using System.Text.Json;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;

namespace Weft.Tests.Unit.Policy;

/// <summary>Pods and policies by their short forms, judged by the engine.</summary>
internal sealed class TestCluster
{
    private readonly PolicyEngine engine = new();
    private readonly Dictionary<string, (PolicyIdentity Identity, Ip Address)> pods = [];
    private readonly Dictionary<string, Dictionary<string, string>> namespaces = [];
    private uint next = 256;

    /// <summary>Problems of the policy read last.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    public TestCluster Namespace(string name, string labels = "")
    {
        namespaces[name] = Labels(labels);
        return this;
    }

    /// <param name="name">"namespace/name".</param>
    /// <param name="labels">"key=value key=".</param>
    /// <param name="ports">"http:TCP:80".</param>
    /// <param name="ip">Its address.</param>
    public TestCluster Pod(string name, string labels = "", string ports = "", string? ip = null)
    {
        var identity = new PolicyIdentity(
            pods.TryGetValue(name, out var old) ? old.Identity.Id : next++,
            name.Split('/')[0],
            Labels(labels),
            namespaces.GetValueOrDefault(name.Split('/')[0]) ?? [],
            [
                .. ports
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(port => port.Split(':'))
                    .Select(port => new PodPort(
                        port[0],
                        Transports.Parse(port[1])!.Value,
                        ushort.Parse(port[2], null)
                    )),
            ]
        );
        engine.Set(identity);
        pods[name] = (identity, Ip.Parse(ip ?? $"10.244.0.{identity.Id - 255}"));
        return this;
    }

    /// <param name="name">"namespace/name".</param>
    /// <param name="spec">JSON of its spec, with single quotes for double ones.</param>
    public TestCluster Policy(string name, string spec)
    {
        var rules = PolicyReader.Read(
            new NetworkPolicy
            {
                Metadata = new ObjectMeta { Namespace = name.Split('/')[0], Name = name.Split('/')[1] },
                Spec = JsonSerializer.Deserialize(spec.Replace('\'', '"'), ObjectsJson.Default.NetworkPolicySpec),
            }
        );
        Problems = [.. rules.Problems.Select(problem => problem.ToString())];
        engine.Set(rules);
        return this;
    }

    public TestCluster DeletePolicy(string name)
    {
        Assert.True(engine.Remove(new ObjectKey(name.Split('/')[0], name.Split('/')[1])));
        return this;
    }

    /// <summary>What the destination's ingress says. From and to are pods' names or, for the other side, addresses.</summary>
    public Verdict Ingress(string from, string to, string port = "TCP/80") =>
        engine.SetOf(pods[to].Identity).Ingress.Judge(Identity(from), Address(from), Protocol(port), Number(port));

    /// <summary>What the source's egress says.</summary>
    public Verdict Egress(string from, string to, string port = "TCP/80") =>
        engine.SetOf(pods[from].Identity).Egress.Judge(Identity(to), Address(to), Protocol(port), Number(port));

    public PolicySet SetOf(string pod) => engine.SetOf(pods[pod].Identity);

    private PolicyIdentity? Identity(string side) => pods.TryGetValue(side, out var pod) ? pod.Identity : null;

    private Ip Address(string side) => pods.TryGetValue(side, out var pod) ? pod.Address : Ip.Parse(side);

    private static Transport Protocol(string port) =>
        port.Split('/')[0] is "ICMP" ? (Transport)1 : Transports.Parse(port.Split('/')[0])!.Value;

    private static ushort Number(string port) => ushort.Parse(port.Split('/')[1], null);

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(label => label.Split('='))
            .ToDictionary(label => label[0], label => label[1]);
}
