using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>networking.k8s.io/v1 NetworkPolicy.</summary>
internal static class NetworkPolicies
{
    private static readonly (string Rules, string Peers)[] Directions = [("ingress", "from"), ("egress", "to")];

    public static void Default(JsonObject policy)
    {
        var spec = policy.Child("spec");
        spec.SetIfAbsent("podSelector", new JsonObject());
        foreach (var (rules, _) in Directions)
        {
            foreach (var port in spec[rules].Objects().SelectMany(rule => rule["ports"].Objects()))
            {
                port.SetIfAbsent("protocol", "TCP");
            }
        }
        if (spec["policyTypes"] is not JsonArray { Count: > 0 })
        {
            spec["policyTypes"] = spec["egress"] is JsonArray { Count: > 0 }
                ? new JsonArray("Ingress", "Egress")
                : new JsonArray("Ingress");
        }
    }

    public static void Validate(JsonObject policy, JsonObject? old, Findings findings)
    {
        var spec = policy["spec"] as JsonObject ?? [];
        var known = old is null ? [] : Blocks(old).ToHashSet();
        findings.LabelSelector("spec.podSelector", spec["podSelector"]);
        foreach (var (rules, peers) in Directions)
        {
            foreach (var (i, rule) in spec[rules].Objects().Index())
            {
                foreach (var (j, port) in rule["ports"].Objects().Index())
                {
                    Port(port, $"spec.{rules}[{i}].ports[{j}]", findings);
                }
                foreach (var (j, peer) in rule[peers].Objects().Index())
                {
                    Peer(peer, $"spec.{rules}[{i}].{peers}[{j}]", known, findings);
                }
            }
        }
        var types = spec["policyTypes"] as JsonArray ?? [];
        if (types.Count > 2)
        {
            findings.Invalid("spec.policyTypes", types, "may not specify more than two policyTypes");
            return;
        }
        foreach (var (i, type) in types.Index())
        {
            findings.OneOf($"spec.policyTypes[{i}]", type, false, "Ingress", "Egress");
        }
    }

    private static void Port(JsonObject port, string field, Findings findings)
    {
        findings.OneOf($"{field}.protocol", port["protocol"], false, "TCP", "UDP", "SCTP");
        var end = port["endPort"];
        if (port["port"] is not { } number)
        {
            if (end is not null)
            {
                findings.Invalid($"{field}.endPort", end, "may not be specified when `port` is not specified");
            }
        }
        else if (number.Text() is { } name)
        {
            if (end is not null)
            {
                findings.Invalid($"{field}.endPort", end, "may not be specified when `port` is non-numeric");
            }
            findings.Invalid($"{field}.port", name, Formats.PortName(name));
        }
        else
        {
            findings.Port($"{field}.port", number);
            if (end is not null)
            {
                if (end.Integer() < number.Integer())
                {
                    findings.Invalid($"{field}.endPort", number, "must be greater than or equal to `port`");
                }
                findings.Invalid($"{field}.endPort", end, Formats.PortNumber(end.Integer() ?? 0));
            }
        }
    }

    private static void Peer(JsonObject peer, string field, HashSet<string> known, Findings findings)
    {
        var kinds = 0;
        foreach (var selector in (string[])["podSelector", "namespaceSelector"])
        {
            if (peer[selector] is { } value)
            {
                kinds++;
                findings.LabelSelector($"{field}.{selector}", value);
            }
        }
        if (peer["ipBlock"] is JsonObject block)
        {
            kinds++;
            IpBlock(block, $"{field}.ipBlock", known, findings);
        }
        if (kinds == 0)
        {
            findings.Required(field, "must specify a peer");
        }
        else if (kinds > 1 && peer["ipBlock"] is not null)
        {
            findings.Forbidden(field, "may not specify both ipBlock and another peer");
        }
    }

    private static void IpBlock(JsonObject block, string field, HashSet<string> known, Findings findings)
    {
        if (block["cidr"].Text() is not { Length: > 0 } cidr)
        {
            findings.Required($"{field}.cidr");
            return;
        }
        Cidr($"{field}.cidr", cidr);
        if (Formats.ParseCidr(cidr) is not { Network: var network })
        {
            return;
        }
        foreach (var (i, except) in block["except"].Texts().Index())
        {
            Cidr($"{field}.except[{i}]", except);
            if (
                Formats.ParseCidr(except) is { Network: var inner }
                && !(
                    inner.BaseAddress.AddressFamily == network.BaseAddress.AddressFamily
                    && network.Contains(inner.BaseAddress)
                    && inner.PrefixLength > network.PrefixLength
                )
            )
            {
                findings.Invalid($"{field}.except[{i}]", except, "must be a strict subset of `cidr`");
            }
        }

        // What an older server let in stays valid in an update.
        void Cidr(string at, string value) =>
            findings.Invalid(at, value, known.Contains(value) ? [] : Formats.Cidr(value));
    }

    private static IEnumerable<string> Blocks(JsonObject policy) =>
        Directions
            .SelectMany(d => policy.At("spec", d.Rules).Objects().SelectMany(rule => rule[d.Peers].Objects()))
            .Select(peer => peer["ipBlock"])
            .SelectMany(block => block.At("except").Texts().Append(block.At("cidr").Text() ?? ""));
}
