using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Weft.Agent.Addresses;
using Weft.Agent.Node;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Endpoints;

/// <summary>
/// The node's pods. An endpoint lives as long as its link: whatever takes the link away, DEL, the plugin on its own, or
/// the end of the namespace, ends the endpoint too, and no address is lost to a DEL that never came.
/// </summary>
internal sealed partial class EndpointTable(
    LoadedDatapath datapath,
    EndpointsMap map,
    PodLink podLink,
    LinkRemoval removal,
    NodePools pools,
    EndpointFiles files,
    NodeNetwork node,
    PacketOnlyPods packetOnly,
    Func<PodReference?, uint> identify,
    TimeProvider time,
    ILogger logger
)
{
    // One attachment is worked on by one thread at a time; different ones share a lock only by chance.
    private const int Stripes = 64;
    private readonly EndpointCheck check = new(datapath);
    private readonly Lock[] stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private readonly ConcurrentDictionary<AttachmentId, Endpoint> endpoints = new();

    /// <summary>An endpoint came, changed its identity or went.</summary>
    public event Action? Changed;

    /// <summary>All endpoints.</summary>
    public IEnumerable<Endpoint> All => endpoints.Values;

    /// <summary>How many there are.</summary>
    public int Count => endpoints.Count;

    /// <summary>Why no pod can come; null when one can.</summary>
    public string? NotReady =>
        node.PodMtu == 0
            ? "this node's network is not set up yet; the agent's log, and the WeftNode's condition Ready, say why"
            : null;

    /// <summary>CNI ADD: a working pod, or nothing of it.</summary>
    public Attachment Add(AgentRequest request, NetworkNamespace pod)
    {
        var id = Required(request.Id);
        RequireNode(CniErrorCode.TryAgainLater);
        var identity = identify(request.Pod);
        lock (StripeOf(id))
        {
            if (endpoints.ContainsKey(id))
            {
                throw new RequestException(
                    CniErrorCode.AlreadyExists,
                    $"container {id.ContainerId} has an interface {id.IfName} of this network already; DEL it first"
                );
            }

            var taken = pools.Take([.. (request.RequestedIps ?? []).Select(Wish)]);
            try
            {
                var plan = PodLink.Plan(
                    id,
                    [.. taken.Select(address => (address.Address, address.Gateway))],
                    WishedMac(request.RequestedMac) ?? MacOf(id),
                    node.PodMtu
                );
                return Connect(request, id, pod, plan, identity).Attachment;
            }
            catch
            {
                foreach (var address in taken)
                {
                    pools.ReleaseUnused(address.Address);
                }

                throw;
            }
        }
    }

    /// <summary>CNI DEL: fine when there is nothing to delete.</summary>
    public void Delete(AttachmentId id)
    {
        lock (StripeOf(id))
        {
            if (endpoints.TryGetValue(id, out var endpoint))
            {
                Forget(endpoint);
            }

            removal.Remove(HostInterface.NameOf(id));
            LogDeleted(id, endpoint is not null);
        }
    }

    /// <summary>CNI STATUS, and the start of ADD: without the node's own devices and prefixes no pod works.</summary>
    /// <exception cref="RequestException">They are not there yet.</exception>
    public void RequireNode(int code)
    {
        if (NotReady is { } reason)
        {
            throw new RequestException(code, reason);
        }
    }

    /// <summary>Gives an endpoint another identity; one that is gone is fine.</summary>
    public void SetIdentity(AttachmentId id, uint identity)
    {
        lock (StripeOf(id))
        {
            if (endpoints.TryGetValue(id, out var endpoint) && endpoint.Identity != identity)
            {
                var changed = endpoint with { Identity = identity };
                map.Put(changed);
                files.Save(changed);
                endpoints[id] = changed;
                Changed?.Invoke();
            }
        }
    }

    /// <summary>Deletes what an ADD has made, unless it is gone by now, or another ADD has come after.</summary>
    public void Undo(AttachmentId id, Attachment made)
    {
        lock (StripeOf(id))
        {
            if (endpoints.TryGetValue(id, out var endpoint) && ReferenceEquals(endpoint.Attachment, made))
            {
                Delete(id);
            }
        }
    }

    /// <summary>CNI CHECK.</summary>
    public void Check(AgentRequest request, NetworkNamespace pod)
    {
        var id = Required(request.Id);
        lock (StripeOf(id))
        {
            if (!endpoints.TryGetValue(id, out var endpoint))
            {
                throw new RequestException(
                    CniErrorCode.UnknownContainer,
                    $"this node has no pod for container {id.ContainerId}, interface {id.IfName}"
                );
            }

            if (check.Problem(endpoint, request.Expected, pod) is { } problem)
            {
                throw new RequestException(CniErrorCode.CheckFailed, problem);
            }
        }
    }

    /// <summary>CNI GC: removes every endpoint of the network that is not listed, and goes on after a failure.</summary>
    public void CollectGarbage(string network, IReadOnlyCollection<AttachmentId> valid)
    {
        var keep = valid.ToHashSet();
        var failures = new List<string>();
        foreach (var endpoint in endpoints.Values.Where(e => e.Network == network && !keep.Contains(e.Id)))
        {
            try
            {
                Delete(endpoint.Id);
            }
            catch (Exception e) when (e is NetlinkException or BpfException or IOException)
            {
                failures.Add($"{endpoint.Id}: {e.Message}");
            }
        }

        if (failures.Count > 0)
        {
            throw new RequestException(
                CniErrorCode.KernelRefused,
                $"{failures.Count} attachments could not be removed; the others were",
                string.Join('\n', failures)
            );
        }
    }

    /// <summary>
    /// Takes up the endpoints of before a restart whose links are there, lets the others' addresses rest, and removes
    /// what belongs to none: links of an ADD that was cut off, and map entries.
    /// </summary>
    public void Restore()
    {
        using var host = RouteSocket.Open();
        var now = time.GetUtcNow();
        foreach (var (address, until) in files.LoadResting(now))
        {
            pools.Rest(address, until);
        }

        var links = host.Links().Where(link => HostInterface.IsOurs(link.Name)).ToDictionary(link => link.Name);
        foreach (var endpoint in files.Load(LogUnreadable))
        {
            var restored = endpoint.Ips.Where(pools.Restore).Count() == endpoint.Attachment.Addresses.Count;
            endpoints[endpoint.Id] = endpoint;
            if (
                restored
                && links.Remove(endpoint.Attachment.HostInterface, out var link)
                && link.Index.Value == endpoint.HostIfIndex
            )
            {
                map.Put(endpoint);
                podLink.Reattach(endpoint.HostIfIndex);
            }
            else
            {
                LogVanished(endpoint.Id);
                Forget(endpoint);
                PodLink.Remove(host, endpoint.Attachment.HostInterface);
            }
        }

        foreach (var orphan in links.Keys)
        {
            LogOrphan(orphan);
            PodLink.Remove(host, orphan);
        }

        map.RemoveOthers();
        packetOnly.Restore(endpoints.Values.Select(endpoint => endpoint.PacketOnly).OfType<ulong>().ToHashSet());
    }

    /// <summary>Ends the endpoint whose link is gone without a DEL; of all, when it is not known which link went.</summary>
    public void DropVanished(IfIndex? gone)
    {
        using var host = RouteSocket.Open();
        foreach (var endpoint in endpoints.Values.Where(e => gone is null || e.HostIfIndex == gone.Value.Value))
        {
            lock (StripeOf(endpoint.Id))
            {
                if (
                    endpoints.TryGetValue(endpoint.Id, out var current)
                    && current.HostIfIndex == endpoint.HostIfIndex
                    && host.FindLink(new IfIndex(endpoint.HostIfIndex))?.Name != endpoint.Attachment.HostInterface
                )
                {
                    LogVanished(endpoint.Id);
                    Forget(current);
                }
            }
        }
    }

    private Endpoint Connect(
        AgentRequest request,
        AttachmentId id,
        NetworkNamespace pod,
        Attachment plan,
        uint identity
    )
    {
        using var host = RouteSocket.Open();
        using var inside = RouteSocket.Open(pod);
        var hostIfIndex = podLink.Create(host, inside, pod, plan, PodLink.MechanismFor(request.SharesClsact));
        var endpoint = new Endpoint(
            id,
            request.Network!,
            request.Netns,
            request.Pod,
            hostIfIndex,
            plan,
            identity,
            PortMappings: request.PortMappings
        );
        try
        {
            endpoint = endpoint with { PacketOnly = packetOnly.Take(request.Pod, pod) };
            map.Put(endpoint);
            PodLink.Activate(host, inside, plan);
            files.Save(endpoint);
            endpoints[id] = endpoint;
            Changed?.Invoke();
            LogAdded(id, string.Join(' ', endpoint.Ips));
            return endpoint;
        }
        catch
        {
            map.Remove(endpoint);
            Release(endpoint.PacketOnly);
            PodLink.Remove(host, plan.HostInterface);
            throw;
        }
    }

    private void Forget(Endpoint endpoint)
    {
        map.Remove(endpoint);
        var now = time.GetUtcNow();
        foreach (var address in endpoint.Ips)
        {
            // The file first: an agent that ends here must not come back and give the address away.
            files.SaveResting(address, pools.Release(address), now);
        }

        files.Remove(endpoint.Id);
        endpoints.TryRemove(endpoint.Id, out _);
        Release(endpoint.PacketOnly);
        Changed?.Invoke();
    }

    /// <summary>A pod may have several attachments.</summary>
    private void Release(ulong? namespaceCookie)
    {
        if (namespaceCookie is { } cookie && !endpoints.Values.Any(other => other.PacketOnly == cookie))
        {
            packetOnly.Release(cookie);
        }
    }

    private Lock StripeOf(AttachmentId id) => stripes[(uint)id.GetHashCode() % Stripes];

    private static AttachmentId Required(AttachmentId? id) =>
        id ?? throw new RequestException(CniErrorCode.DecodingFailure, "the request lacks its attachment");

    private static Ip Wish(string text) =>
        Ip.TryParse(text, out var ip)
            ? ip
            : throw new RequestException(
                CniErrorCode.InvalidEnvironment,
                $"the requested address \"{text}\" is not an IP address"
            );

    private static MacAddress? WishedMac(string? text) =>
        text is null ? null
        : MacAddress.TryParse(text, out var mac) ? mac
        : throw new RequestException(
            CniErrorCode.InvalidEnvironment,
            $"the requested MAC \"{text}\" is not of the form 02:00:00:00:00:01"
        );

    /// <summary>A MAC of the attachment's own: the same one when it is made again.</summary>
    private static MacAddress MacOf(AttachmentId id)
    {
        var hash = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id.ToString()));
        return MacAddress.Local(BitConverter.ToUInt64(hash));
    }

    [LoggerMessage(LogLevel.Information, "Added {Id}: {Addresses}")]
    private partial void LogAdded(AttachmentId id, string addresses);

    [LoggerMessage(LogLevel.Information, "Deleted {Id} (known: {Known})")]
    private partial void LogDeleted(AttachmentId id, bool known);

    [LoggerMessage(LogLevel.Information, "The link of {Id} is gone; its addresses rest")]
    private partial void LogVanished(AttachmentId id);

    [LoggerMessage(LogLevel.Warning, "The link {Name} belongs to no pod: removed")]
    private partial void LogOrphan(string name);

    [LoggerMessage(LogLevel.Error, "The record {Path} cannot be read and is set aside")]
    private partial void LogUnreadable(string path, Exception exception);
}
