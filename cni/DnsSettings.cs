using System.Text.Json;
using Weft.Net;

namespace Weft.Cni;

/// <summary>The configuration's `dns` object: checked, and copied to the result as it is.</summary>
internal static class DnsSettings
{
    public static void RefuseMalformed(ConfigNode dns)
    {
        if (dns.Element.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        foreach (var (key, value) in dns.Members())
        {
            switch (key)
            {
                case "nameservers":
                    RefuseNonAddresses(value);
                    break;
                case "domain":
                    value.Text();
                    break;
                case "search" or "options":
                    RefuseNonText(value);
                    break;
                default:
                    throw value.Unsupported("dns has nameservers, domain, search and options");
            }
        }
    }

    private static void RefuseNonAddresses(ConfigNode list)
    {
        foreach (var item in list.Items())
        {
            if (!Ip.TryParse(item.Text(), out _))
            {
                throw item.Invalid("is not an IP address");
            }
        }
    }

    private static void RefuseNonText(ConfigNode list)
    {
        foreach (var item in list.Items())
        {
            item.Text();
        }
    }
}
