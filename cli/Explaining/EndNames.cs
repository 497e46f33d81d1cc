using System.Globalization;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Explanations;
using Weft.Policy.Rules;

namespace Weft.Cli.Explaining;

/// <summary>Finds what the words of `weft explain` mean in a cluster.</summary>
internal sealed class EndNames(KubernetesClient client, CancellationToken cancel)
{
    /// <summary>As IPv4 numbers it; policies tell it from no other protocol that they have no name for.</summary>
    public const Transport Icmp = (Transport)1;

    private const string World = "world";

    /// <summary>Of the blocks for documentation (RFC 5737, RFC 3849): in nobody's cluster.</summary>
    private static readonly Ip[] somewhere = [Ip.Parse("198.51.100.1"), Ip.Parse("2001:db8:ffff::1")];

    /// <summary>A pod as namespace/name, an address, or "world".</summary>
    /// <exception cref="CommandException">There is none such.</exception>
    public async Task<ConnectionEnd> FindAsync(string text)
    {
        if (text == World)
        {
            return new ConnectionEnd(World, somewhere);
        }

        if (Ip.TryParse(text, out var address))
        {
            var pods = await client.ListAsync(Kinds.Pods, new ListOptions(), cancel);
            var owner = (pods.Items ?? []).FirstOrDefault(pod =>
                pod.Spec?.HostNetwork != true && IsAlive(pod) && Addresses(pod).Contains(address)
            );
            return owner is null
                ? new ConnectionEnd(text, [address])
                : await OfAsync(owner) with
                {
                    Addresses = [address],
                };
        }

        var parts = text.Split('/');
        if (parts is not [{ Length: > 0 } ns, { Length: > 0 } name])
        {
            throw new CommandException(
                $"\"{text}\" is no end of a connection: write NAMESPACE/POD, an address, or {World}; where it leads, NAMESPACE/SERVICE too"
            );
        }

        var found =
            await client.FindAsync(Kinds.Pods, new ObjectKey(ns, name), cancel)
            ?? throw new CommandException($"there is no pod {text}: see `kubectl get pods -n {ns}`");
        var end = await OfAsync(found);
        return end.Addresses.Count > 0
            ? end
            : throw new CommandException($"pod {text} has no address yet: see `kubectl describe pod {name} -n {ns}`");
    }

    /// <summary>Whether it names a pod that there is.</summary>
    public async Task<bool> IsPodAsync(string text) =>
        text.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name]
        && !Ip.TryParse(text, out _)
        && await client.FindAsync(Kinds.Pods, new ObjectKey(ns, name), cancel) is not null;

    /// <summary>80, 80/UDP, http, http/TCP, icmp. A name is that of a port of the destination.</summary>
    /// <exception cref="CommandException">It names no port.</exception>
    public static (Transport Protocol, ushort Port) Port(string text, ConnectionEnd to)
    {
        var parts = text.Split('/');
        if (parts is ["icmp" or "ICMP"])
        {
            return (Icmp, 0);
        }

        var protocol = parts.Length < 3 ? Transports.Parse(parts.ElementAtOrDefault(1)?.ToUpperInvariant()) : null;
        if (protocol is { } known && ushort.TryParse(parts[0], CultureInfo.InvariantCulture, out var number))
        {
            return number > 0 ? (known, number) : throw new CommandException("port 0 is no port: write 1 to 65535");
        }

        var named =
            to.Pod is null || protocol is null
                ? null
                : Weft
                    .Policy.Identities.NamedPorts.Of(to.Pod)
                    .FirstOrDefault(port => port.Name == parts[0] && Transports.Parse(port.Protocol) == protocol);
        return named is not null
            ? (protocol!.Value, (ushort)named.Port)
            : throw new CommandException(
                $"\"{text}\" is no port: write 80, 80/UDP, 80/SCTP, icmp, or the name of a port that {to.Name} has"
            );
    }

    private async Task<ConnectionEnd> OfAsync(Pod pod)
    {
        var space = await client.FindAsync(Kinds.Namespaces, new ObjectKey(null, pod.Metadata.Namespace!), cancel);
        return new ConnectionEnd(
            $"{pod.Metadata.Namespace}/{pod.Metadata.Name}",
            Addresses(pod),
            pod,
            space?.Metadata.Labels,
            space is not null && AuditAnnotation.IsSet(space.Metadata)
        );
    }

    private static bool IsAlive(Pod pod) => pod.Status?.Phase is not ("Succeeded" or "Failed");

    private static IReadOnlyList<Ip> Addresses(Pod pod) =>
        [.. (pod.Status?.PodIPs ?? []).SelectMany(ip => Ip.TryParse(ip.Ip, out var address) ? (Ip[])[address] : [])];
}
