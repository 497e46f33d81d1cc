using System.Globalization;
using Weft.Net;
using Weft.Policy.Peers;
using Weft.Policy.Rules;

namespace Weft.Policy.Cases;

/// <summary>Judges every probe of a case: from each pod to each port of each pod.</summary>
public static class CaseJudge
{
    /// <summary>Judges all of them.</summary>
    /// <exception cref="FormatException">A pod's address, port or protocol makes no sense; the message names the pod.</exception>
    public static CaseVerdicts Judge(PolicyCase cluster)
    {
        var engine = new PolicyEngine();
        foreach (var policy in cluster.Policies)
        {
            engine.Set(PolicyReader.Read(policy));
        }

        var pods = cluster
            .Pods.Select((pod, index) => new JudgedPod(pod, IdentityOf(cluster, pod, (uint)index)))
            .ToList();
        foreach (var pod in pods)
        {
            engine.Set(pod.Identity);
        }

        var verdicts = new Dictionary<string, string>();
        foreach (var from in pods)
        {
            var egress = engine.SetOf(from.Identity).Egress;
            foreach (var to in pods)
            {
                var ingress = engine.SetOf(to.Identity).Ingress;
                foreach (var (protocol, port) in to.Served)
                {
                    verdicts[Name(from.Pod, to.Pod, protocol, port)] =
                        (ingress.Judge(from.Identity, from.Address, protocol, port).Allowed ? "I" : "-")
                        + (egress.Judge(to.Identity, to.Address, protocol, port).Allowed ? "E" : "-");
                }
            }
        }

        return new CaseVerdicts(verdicts);
    }

    private static string Name(CasePod from, CasePod to, Transport protocol, ushort port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{from.Namespace}/{from.Name}>{to.Namespace}/{to.Name}/{protocol.ToString().ToUpperInvariant()}/{port}"
        );

    /// <summary>What policies see of a pod of the case.</summary>
    public static PolicyIdentity IdentityOf(PolicyCase cluster, CasePod pod, uint number) =>
        new(
            number,
            pod.Namespace,
            pod.Labels ?? new Dictionary<string, string>(),
            cluster.Namespaces.GetValueOrDefault(pod.Namespace) ?? new Dictionary<string, string>(),
            [
                .. (pod.Ports ?? [])
                    .Where(port => port.Name is not null)
                    .Select(port => new PodPort(port.Name!, ProtocolOf(pod, port), NumberOf(pod, port))),
            ]
        );

    private static Transport ProtocolOf(CasePod pod, CasePort port) =>
        Transports.Parse(port.Protocol)
        ?? throw new FormatException(
            $"pod {pod.Namespace}/{pod.Name}: \"{port.Protocol}\" is not one of TCP, UDP, SCTP"
        );

    private static ushort NumberOf(CasePod pod, CasePort port) =>
        port.Port is > 0 and <= ushort.MaxValue
            ? (ushort)port.Port
            : throw new FormatException($"pod {pod.Namespace}/{pod.Name}: {port.Port} is not a port");

    private sealed record JudgedPod(CasePod Pod, PolicyIdentity Identity)
    {
        public Ip Address { get; } =
            Ip.TryParse(Pod.Ip, out var ip)
                ? ip
                : throw new FormatException($"pod {Pod.Namespace}/{Pod.Name}: \"{Pod.Ip}\" is not an address");

        public IReadOnlyList<(Transport Protocol, ushort Port)> Served { get; } =
        [.. (Pod.Ports ?? []).Select(port => (ProtocolOf(Pod, port), NumberOf(Pod, port))).Distinct()];
    }
}
