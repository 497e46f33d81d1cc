using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Allocation;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Lifecycle;

/// <summary>What is there before anybody has made anything: the namespaces, and the `kubernetes` service.</summary>
internal static class Bootstrap
{
    private const string Name = "kubernetes";
    private const string Namespace = "default";

    /// <param name="server">Where pods reach the API server.</param>
    public static void Ensure(Cluster cluster, IPEndPoint server)
    {
        foreach (var ns in Namespaces.Permanent)
        {
            Ensure(cluster, "", "namespaces", null, new() { ["metadata"] = new JsonObject { ["name"] = ns } });
        }

        Ensure(
            cluster,
            "",
            "services",
            Namespace,
            new()
            {
                ["metadata"] = Named("component", "apiserver", "provider", Name),
                ["spec"] = new JsonObject
                {
                    ["type"] = "ClusterIP",
                    ["clusterIP"] = ServiceAddresses.V4.First.ToString(),
                    ["ports"] = new JsonArray(
                        new JsonObject
                        {
                            ["name"] = "https",
                            ["protocol"] = "TCP",
                            ["port"] = 443,
                            ["targetPort"] = server.Port,
                        }
                    ),
                },
            }
        );
        EnsureEndpoints(cluster, server);
    }

    private static void EnsureEndpoints(Cluster cluster, IPEndPoint server)
    {
        // A loopback address is no endpoint, in the real server's rules as in fact: it is another one in every pod.
        if (IPAddress.IsLoopback(server.Address))
        {
            return;
        }

        var address = server.Address.ToString();
        Ensure(
            cluster,
            "discovery.k8s.io",
            "endpointslices",
            Namespace,
            new()
            {
                ["metadata"] = Named("kubernetes.io/service-name", Name),
                ["addressType"] = server.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
                ["endpoints"] = new JsonArray(
                    new JsonObject
                    {
                        ["addresses"] = new JsonArray(address),
                        ["conditions"] = new JsonObject { ["ready"] = true },
                    }
                ),
                ["ports"] = new JsonArray(Port(server.Port)),
            }
        );
        Ensure(
            cluster,
            "",
            "endpoints",
            Namespace,
            new()
            {
                ["metadata"] = Named("endpointslice.kubernetes.io/skip-mirror", "true"),
                ["subsets"] = new JsonArray(
                    new JsonObject
                    {
                        ["addresses"] = new JsonArray(new JsonObject { ["ip"] = address }),
                        ["ports"] = new JsonArray(Port(server.Port)),
                    }
                ),
            }
        );
    }

    private static JsonObject Port(int port) =>
        new()
        {
            ["name"] = "https",
            ["port"] = port,
            ["protocol"] = "TCP",
        };

    private static JsonObject Named(params string[] labels)
    {
        var map = new JsonObject();
        foreach (var pair in labels.Chunk(2))
        {
            map[pair[0]] = pair[1];
        }

        return new() { ["name"] = Name, ["labels"] = map };
    }

    /// <summary>Makes it, or brings what is there of an earlier start up to date.</summary>
    private static void Ensure(Cluster cluster, string group, string plural, string? ns, JsonObject document)
    {
        var kind = cluster.Kinds.Find(group, "v1", plural)!;
        var name = document["metadata"]!["name"].Text()!;
        if (cluster.Store.Find(kind.Collection, ns, name) is null)
        {
            Creation.Create(cluster, kind, ns, document, WriteOptions.Server);
        }
        else if (ns is not null)
        {
            Replacement.Replace(cluster, kind, ns, name, _ => document, null, WriteOptions.Server, unconditional: true);
        }
    }
}
