using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
internal static class EndpointSlices
{
    private const int MaxEndpoints = 1000;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20_000;

    public static void Default(JsonObject slice)
    {
        foreach (var port in slice["ports"].Objects())
        {
            port.SetIfAbsent("name", "");
            port.SetIfAbsent("protocol", "TCP");
        }
    }

    public static void Validate(JsonObject slice, JsonObject? old, Findings findings)
    {
        findings.OneOf("addressType", slice["addressType"], true, "FQDN", "IPv4", "IPv6");
        Ports(slice["ports"], findings);
        if (old is null || !JsonNode.DeepEquals(slice["endpoints"], old["endpoints"]))
        {
            Endpoints(slice, findings);
        }
        if (old is not null)
        {
            findings.Immutable("addressType", slice["addressType"], old["addressType"]);
        }
    }

    /// <summary>Addresses that no packet from another host can be for.</summary>
    public static IEnumerable<string> NotForEndpoints(string address)
    {
        var ip = Formats.ParseIp(address)!;
        var bytes = ip.GetAddressBytes();
        var v4 = ip.AddressFamily == AddressFamily.InterNetwork;
        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
        {
            yield return $"may not be unspecified ({address})";
        }
        if (IPAddress.IsLoopback(ip))
        {
            yield return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        }
        if (v4 ? bytes[0] == 169 && bytes[1] == 254 : ip.IsIPv6LinkLocal)
        {
            yield return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        }
        if (v4 ? bytes is [224, 0, 0, _] : bytes[0] == 0xff && (bytes[1] & 0xf) == 2)
        {
            yield return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
        }
    }

    private static void Ports(JsonNode? ports, Findings findings)
    {
        if (ports is JsonArray { Count: > MaxPorts } many)
        {
            findings.Add(FieldError.TooMany("ports", many.Count, MaxPorts));
            return;
        }
        var names = new HashSet<string>();
        foreach (var (i, port) in ports.Objects().Index())
        {
            var name = port["name"].Text() ?? "";
            if (name.Length > 0)
            {
                findings.Invalid($"ports[{i}].name", name, Formats.DnsLabel(name));
            }
            if (!names.Add(name))
            {
                findings.Add(FieldError.Duplicate($"ports[{i}].name", name));
            }
            findings.OneOf($"ports[{i}].protocol", port["protocol"], true, "SCTP", "TCP", "UDP");
            if (port["appProtocol"].Text() is { } protocol)
            {
                findings.Invalid($"ports[{i}].appProtocol", protocol, Formats.QualifiedName(protocol));
            }
        }
    }

    private static void Endpoints(JsonObject slice, Findings findings)
    {
        var endpoints = slice["endpoints"].Objects().ToArray();
        if (endpoints.Length > MaxEndpoints)
        {
            findings.Add(FieldError.TooMany("endpoints", endpoints.Length, MaxEndpoints));
            return;
        }
        foreach (var (i, endpoint) in endpoints.Index())
        {
            var field = $"endpoints[{i}].addresses";
            var addresses = endpoint["addresses"].Texts().ToArray();
            if (addresses.Length == 0)
            {
                findings.Required(field, "must contain at least 1 address");
            }
            else if (addresses.Length > MaxAddresses)
            {
                findings.Add(FieldError.TooMany(field, addresses.Length, MaxAddresses));
            }
            foreach (var (j, address) in addresses.Index())
            {
                Address(slice["addressType"].Text(), address, field, j, findings);
            }
            if (endpoint["nodeName"].Text() is { } node)
            {
                findings.Invalid($"endpoints[{i}].nodeName", node, Formats.DnsSubdomain(node));
            }
            if (endpoint["hostname"].Text() is { } host)
            {
                findings.Invalid($"endpoints[{i}].hostname", host, Formats.DnsLabel(host));
            }
        }
    }

    private static void Address(string? type, string address, string field, int index, Findings findings)
    {
        if (type == "FQDN")
        {
            findings.Invalid($"{field}[{index}]", address, Formats.DnsSubdomain(address.TrimEnd('.')));
            return;
        }
        if (type is not ("IPv4" or "IPv6"))
        {
            return;
        }
        var problems = Formats.Ip(address).ToArray();
        if (problems.Length > 0)
        {
            findings.Invalid($"{field}[{index}]", address, problems);
            return;
        }
        var ip = Formats.ParseIp(address)!;
        if (type == "IPv6" && ip.ToString() != address && ip.AddressFamily == AddressFamily.InterNetworkV6)
        {
            findings.Invalid($"{field}[{index}]", address, $"must be in canonical form (\"{ip}\")");
            return;
        }
        if ((type == "IPv4") != (ip.AddressFamily == AddressFamily.InterNetwork))
        {
            findings.Invalid(field, address, $"must be an {type} address");
        }
        findings.Invalid($"{field}[{index}]", address, NotForEndpoints(address));
    }
}
