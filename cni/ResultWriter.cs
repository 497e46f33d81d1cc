using System.Text.Json;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Cni;

/// <summary>
/// ADD's result in the configuration's version: what earlier plugins made first and as it is, ours after it, so that
/// indices into their interfaces keep their meaning.
/// </summary>
internal sealed class ResultWriter(NetConf config, PrevResult? previous, string netns)
{
    // RT_SCOPE_LINK. Without it a route that has no `gw` may be taken to go by the address's gateway.
    private const int LinkScope = 253;

    // Up to 0.4.0 every address says its family; from 1.0.0 on the field is gone.
    private readonly bool addressesHaveVersion = config.Version < CniVersion.V1_0_0;
    private readonly bool linksHaveMtu = config.Version >= CniVersion.V1_1_0;

    public byte[] Write(Attachment attachment) =>
        Json.Write(json =>
        {
            json.WriteString("cniVersion", config.Version.Text());
            WriteList(json, "interfaces", WriteAsItIs, () => WriteInterfaces(json, attachment));
            WriteList(json, "ips", WritePreviousAddress, () => WriteAddresses(json, attachment));
            WriteList(json, "routes", WriteAsItIs, () => WriteRoutes(json, attachment));
            if ((config.Root.Member("dns") ?? previous?.Root.Member("dns")) is { } dns)
            {
                json.WritePropertyName("dns");
                dns.Element.WriteTo(json);
            }

            WriteUnknown(json);
        });

    private void WriteList(Utf8JsonWriter json, string key, Action<Utf8JsonWriter, ConfigNode> theirs, Action ours)
    {
        json.WriteStartArray(key);
        foreach (var item in previous?.Root.Member(key)?.Items() ?? [])
        {
            theirs(json, item);
        }

        ours();
        json.WriteEndArray();
    }

    private void WriteInterfaces(Utf8JsonWriter json, Attachment attachment)
    {
        WriteInterface(attachment.HostInterface, attachment.HostMac, "");
        WriteInterface(attachment.IfName, attachment.Mac, netns);

        void WriteInterface(string name, string mac, string sandbox)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("mac", mac);
            if (linksHaveMtu)
            {
                json.WriteNumber("mtu", attachment.Mtu);
            }

            json.WriteString("sandbox", sandbox);
            json.WriteEndObject();
        }
    }

    private void WriteAddresses(Utf8JsonWriter json, Attachment attachment)
    {
        // After the interfaces of others come the host end, then the pod end.
        var podEnd = (previous?.Interfaces.Count ?? 0) + 1;
        foreach (var ip in attachment.Addresses)
        {
            json.WriteStartObject();
            WriteAddressVersion(json, ip.Address);
            json.WriteString("address", ip.Address);
            json.WriteString("gateway", ip.Gateway);
            json.WriteNumber("interface", podEnd);
            json.WriteEndObject();
        }
    }

    private void WriteRoutes(Utf8JsonWriter json, Attachment attachment)
    {
        foreach (var route in attachment.Routes)
        {
            json.WriteStartObject();
            json.WriteString("dst", route.Destination);
            if (route.Gateway is not null)
            {
                json.WriteString("gw", route.Gateway);
            }
            else if (linksHaveMtu)
            {
                json.WriteNumber("scope", LinkScope);
            }

            json.WriteEndObject();
        }
    }

    private void WritePreviousAddress(Utf8JsonWriter json, ConfigNode address)
    {
        json.WriteStartObject();
        foreach (var (key, value) in address.Members())
        {
            if (key == "address")
            {
                WriteAddressVersion(json, value.Text());
            }

            if (key != "version")
            {
                json.WritePropertyName(key);
                value.Element.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private void WriteAddressVersion(Utf8JsonWriter json, string address)
    {
        if (addressesHaveVersion)
        {
            json.WriteString("version", Prefix.Parse(address).IsV4 ? "4" : "6");
        }
    }

    private void WriteUnknown(Utf8JsonWriter json)
    {
        if (previous is null)
        {
            return;
        }

        foreach (var (key, value) in previous.Root.Members())
        {
            if (key is not ("cniVersion" or "interfaces" or "ips" or "routes" or "dns"))
            {
                json.WritePropertyName(key);
                value.Element.WriteTo(json);
            }
        }
    }

    private static void WriteAsItIs(Utf8JsonWriter json, ConfigNode item) => item.Element.WriteTo(json);
}
