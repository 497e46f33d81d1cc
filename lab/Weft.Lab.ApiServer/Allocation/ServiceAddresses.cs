using System.Net;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Allocation;

/// <summary>
/// Cluster IPs of services: which families a service has, and an address of each. What is in use is what the services
/// that are there say, so nothing has to be released.
/// </summary>
internal static class ServiceAddresses
{
    public const string Collection = "services";

    public static readonly AddressRange V4 = new(IPNetwork.Parse("10.96.0.0/16"), "IPv4");
    public static readonly AddressRange V6 = new(IPNetwork.Parse("fd00:10:96::/112"), "IPv6");

    private static readonly AddressRange[] Ranges = [V4, V6];

    /// <summary>Gives a service that is made or changed its addresses and node ports. Other kinds have none.</summary>
    /// <exception cref="StatusException">What it asks for is taken, or not in the range.</exception>
    public static void Allocate(Cluster cluster, Kind kind, JsonObject document, JsonObject? old)
    {
        if (kind.Collection != Collection || document["spec"] is not JsonObject spec)
        {
            return;
        }

        var before = old?["spec"] as JsonObject;
        var type = spec["type"].Text() ?? "ClusterIP";
        Defaults.Services.DropOutlived(spec, before);
        if (type == "ExternalName")
        {
            foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            {
                spec.Remove(field);
            }

            return;
        }

        Keep(spec, before);
        var given = Given(spec);
        var families = Families(spec, given);
        spec["ipFamilyPolicy"] = Policy(spec, families);
        spec["ipFamilies"] = Array(families);
        var services = Others(cluster, document);
        var addresses = given is ["None", ..] ? ["None"] : Addresses(kind, document, families, given, services);
        CheckUnchanged(kind, document, before, addresses);
        spec["clusterIP"] = addresses[0];
        spec["clusterIPs"] = Array(addresses);
        if (type is "NodePort" or "LoadBalancer")
        {
            NodePorts.Allocate(kind, document, before, services);
        }
        else
        {
            NodePorts.Drop(spec, before);
        }
    }

    private static List<StoredObject> Others(Cluster cluster, JsonObject document)
    {
        var metadata = Metadata.Of(document);
        var key = StoredObject.KeyOf(metadata["namespace"].Text(), metadata["name"].Text()!);
        return [.. cluster.Store.Collection(Collection).Objects.Where(service => service.Key != key)];
    }

    /// <summary>A client that replaces a service without naming its addresses does not mean to lose them.</summary>
    private static void Keep(JsonObject spec, JsonObject? before)
    {
        if (before is null || before["type"].Text() == "ExternalName")
        {
            return;
        }

        foreach (var field in (string[])["ipFamilyPolicy", "ipFamilies"])
        {
            if (spec[field] is null && before[field] is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }

        if (string.IsNullOrEmpty(spec["clusterIP"].Text()) && spec["clusterIPs"] is null)
        {
            spec["clusterIP"] = before["clusterIP"]?.DeepClone();
            spec["clusterIPs"] = before["clusterIPs"]?.DeepClone();
        }
    }

    private static List<string> Given(JsonObject spec)
    {
        var many = spec["clusterIPs"].Texts().ToList();
        return many.Count > 0 ? many
            : spec["clusterIP"].Text() is { Length: > 0 } one ? [one]
            : [];
    }

    /// <summary>What the policy asks for: both families unless it is single-stack, those that are named first.</summary>
    private static List<string> Families(JsonObject spec, IReadOnlyList<string> given)
    {
        var named = spec["ipFamilies"].Texts().ToList();
        if (named.Count == 0)
        {
            named = [.. given.Where(address => address != "None").Select(FamilyOf)];
        }

        var families = named.Count == 0 ? [V4.Family] : named;
        var policy = spec["ipFamilyPolicy"].Text();
        // A headless service without a selector has both: its endpoints are made by somebody who knows.
        var both =
            policy is "PreferDualStack" or "RequireDualStack"
            || policy is null && (named.Count > 1 || named.Count == 0 && IsSelectorless(spec, given));
        return both ? [.. families.Concat(Ranges.Select(range => range.Family)).Distinct()] : [families[0]];
    }

    private static string Policy(JsonObject spec, List<string> families) =>
        spec["ipFamilyPolicy"].Text() ?? (families.Count > 1 ? "RequireDualStack" : "SingleStack");

    private static bool IsSelectorless(JsonObject spec, IReadOnlyList<string> given) =>
        given is ["None", ..] && spec["selector"] is not JsonObject { Count: > 0 };

    private static List<string> Addresses(
        Kind kind,
        JsonObject document,
        List<string> families,
        IReadOnlyList<string> given,
        List<StoredObject> services
    )
    {
        var name = Metadata.Of(document)["name"].Text()!;
        var used = services.SelectMany(service => JsonNode.Parse(ListField(service)).Texts()).ToHashSet();
        var addresses = new List<string>();
        foreach (var family in families)
        {
            var range = Ranges.First(range => range.Family == family);
            var asked = given.FirstOrDefault(address => FamilyOf(address) == family);
            if (asked is not null)
            {
                Check(kind, name, range, asked, used);
                addresses.Add(asked);
            }
            else
            {
                addresses.Add(
                    range.Free(used)?.ToString()
                        ?? throw Failures.Internal("failed to allocate a serviceIP: range is full")
                );
            }
        }

        return addresses;
    }

    private static string ListField(StoredObject service) =>
        service.Field("spec.clusterIPs") is { Length: > 0 } list ? list : "[]";

    private static void Check(Kind kind, string name, AddressRange range, string asked, HashSet<string> used)
    {
        if (!IPAddress.TryParse(asked, out var address) || !range.Contains(address))
        {
            throw Failures.Invalid(
                kind,
                name,
                "spec.clusterIPs",
                $"[\"{asked}\"]: failed to allocate IP {asked}: the provided network does not match the current range"
            );
        }

        if (used.Contains(asked))
        {
            throw Failures.Invalid(
                kind,
                name,
                "spec.clusterIPs",
                $"[\"{asked}\"]: failed to allocate IP {asked}: provided IP is already allocated"
            );
        }
    }

    private static void CheckUnchanged(Kind kind, JsonObject document, JsonObject? before, List<string> addresses)
    {
        var old = (before?["clusterIPs"]).Texts().ToList();
        if (old.Count > 0 && old[0] != addresses[0])
        {
            throw Failures.Invalid(
                kind,
                Metadata.Of(document)["name"].Text()!,
                "spec.clusterIPs[0]",
                $"[\"{addresses[0]}\"]: may not change once set"
            );
        }
    }

    private static string FamilyOf(string address) =>
        address.Contains(':', StringComparison.Ordinal) ? V6.Family : V4.Family;

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
