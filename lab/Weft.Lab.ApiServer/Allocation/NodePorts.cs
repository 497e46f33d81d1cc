using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Allocation;

/// <summary>Node ports of services: one for each port of a NodePort or LoadBalancer service.</summary>
internal static class NodePorts
{
    public const int First = 30000;
    public const int Last = 32767;

    /// <exception cref="StatusException">A port that is asked for is taken, or not in the range.</exception>
    public static void Allocate(Kind kind, JsonObject document, JsonObject? before, List<StoredObject> services)
    {
        var spec = (JsonObject)document["spec"]!;
        var used = services.SelectMany(service => Of(service.Document()["spec"])).ToHashSet();
        var index = 0;
        foreach (var port in spec["ports"].Objects())
        {
            var protocol = Protocol(port);
            if (port["nodePort"].Integer() is null or 0 && Before(before, port) is { } kept)
            {
                port["nodePort"] = kept;
            }

            if (port["nodePort"].Integer() is { } asked and not 0)
            {
                Check(kind, document, index, (int)asked, used.Contains((protocol, (int)asked)));
            }
            else
            {
                port["nodePort"] =
                    Free(protocol, used) ?? throw Failures.Internal("failed to allocate a nodePort: range is full");
            }

            used.Add((protocol, (int)port["nodePort"].Integer()!));
            index++;
        }

        if (spec["type"].Text() == "LoadBalancer" && spec["externalTrafficPolicy"].Text() == "Local")
        {
            spec["healthCheckNodePort"] ??=
                before?["healthCheckNodePort"]?.DeepClone()
                ?? Free("TCP", used)
                ?? throw Failures.Internal("failed to allocate a nodePort: range is full");
        }
    }

    /// <summary>A service that no longer has node ports gives back those it was given.</summary>
    public static void Drop(JsonObject spec, JsonObject? before)
    {
        if (before?["type"].Text() is not ("NodePort" or "LoadBalancer"))
        {
            return;
        }

        spec.Remove("healthCheckNodePort");
        foreach (var port in spec["ports"].Objects())
        {
            if (port["nodePort"].Integer() == Before(before, port))
            {
                port.Remove("nodePort");
            }
        }
    }

    private static long? Before(JsonObject? before, JsonObject port) =>
        (before?["ports"])
            .Objects()
            .Where(other => other["port"].Integer() == port["port"].Integer() && Protocol(other) == Protocol(port))
            .Select(other => other["nodePort"].Integer())
            .FirstOrDefault();

    private static IEnumerable<(string Protocol, int Port)> Of(JsonNode? spec)
    {
        foreach (var port in (spec?["ports"]).Objects())
        {
            if (port["nodePort"].Integer() is { } number and not 0)
            {
                yield return (Protocol(port), (int)number);
            }
        }

        if (spec?["healthCheckNodePort"].Integer() is { } health and not 0)
        {
            yield return ("TCP", (int)health);
        }
    }

    private static int? Free(string protocol, HashSet<(string, int)> used)
    {
        const int size = Last - First + 1;
        var start = RandomNumberGenerator.GetInt32(size);
        for (var offset = 0; offset < size; offset++)
        {
            var port = First + (start + offset) % size;
            if (!used.Contains((protocol, port)))
            {
                return port;
            }
        }

        return null;
    }

    private static void Check(Kind kind, JsonObject document, int index, int port, bool taken)
    {
        var problem =
            port is < First or > Last
                ? $"provided port is not in the valid range. The range of valid ports is {First}-{Last}"
            : taken ? "provided port is already allocated"
            : null;
        if (problem is not null)
        {
            throw Failures.Invalid(
                kind,
                Metadata.Of(document)["name"].Text()!,
                $"spec.ports[{index}].nodePort",
                $"{port}: {problem}"
            );
        }
    }

    private static string Protocol(JsonObject port) => port["protocol"].Text() ?? "TCP";
}
