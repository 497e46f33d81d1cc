using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Backends;

namespace Weft.Tests.Unit.Services;

/// <summary>Which endpoints each traffic policy takes: kube-proxy's cases, one by one.</summary>
public sealed class EndpointChoiceTests
{
    private const string Any = "-";

    /// <summary>
    /// Name, node, zone, internal policy, external policy (null: no external address), endpoints, then the lists Cluster
    /// and Local ("-": the Service does not use that policy). An endpoint is its last byte and letters: h here, r ready,
    /// s serving, t terminating, then zones after "z:" and nodes after "n:".
    /// </summary>
    public static TheoryData<string, string, string?, string, string?, string, string, string> Cases =>
        new()
        {
            {
                "hints are used when all have one and one is for our zone",
                "x",
                "a",
                "Cluster",
                null,
                "3rs z:a;4rs z:b;5rs z:c;6rs z:a",
                "3 6",
                Any
            },
            {
                "external Local ignores hints",
                "x",
                "a",
                "Cluster",
                "Local",
                "3hrs z:a;4hrs z:b;5rs z:c;6rs z:a",
                "3 6",
                "3 4"
            },
            {
                "internal Local ignores hints",
                "x",
                "a",
                "Local",
                "Cluster",
                "3hrs z:a;4hrs z:b;5rs z:c;6rs z:a",
                "3 6",
                "3 4"
            },
            { "node without a zone takes all", "x", null, "Cluster", null, "3rs z:a", "3", Any },
            { "node with an empty zone takes all", "x", "", "Cluster", null, "3rs z:a;4rs z:b", "3 4", Any },
            { "node in a zone without hints takes all", "x", "b", "Cluster", null, "3rs z:a", "3", Any },
            {
                "an unready endpoint of the zone is not used",
                "x",
                "a",
                "Cluster",
                null,
                "3rs z:a;4rs z:b;5rs z:c;6 z:a",
                "3",
                Any
            },
            {
                "only unready endpoints in the zone: all are used",
                "x",
                "a",
                "Cluster",
                null,
                "3 z:a;4rs z:b;5rs z:c;6 z:a",
                "4 5",
                Any
            },
            {
                "one ready endpoint without a hint: all are used",
                "x",
                "a",
                "Cluster",
                null,
                "3rs z:a;4rs z:b;5rs;6rs z:a",
                "3 4 5 6",
                Any
            },
            {
                "one unready endpoint without a hint does not matter",
                "x",
                "a",
                "Cluster",
                null,
                "3rs z:a;4rs z:b;5",
                "3",
                Any
            },
            {
                "several zones in one hint",
                "x",
                "c",
                "Cluster",
                null,
                "3rs z:a,b,c;4rs z:b,c;5rs z:b,d;6rs z:c",
                "3 4 6",
                Any
            },
            {
                "PreferSameNode",
                "n1",
                "a",
                "Cluster",
                null,
                "3rs z:a n:n1;4rs z:b n:n2;5rs z:c n:n3;6rs z:a n:n4",
                "3",
                Any
            },
            {
                "PreferSameNode with an endpoint without hints: all are used",
                "n1",
                "a",
                "Cluster",
                null,
                "3rs z:a n:n1;4rs;5rs z:c n:n3;6rs z:a n:n4",
                "3 4 5 6",
                Any
            },
            {
                "PreferSameNode without one for the node: those of the zone",
                "n0",
                "a",
                "Cluster",
                null,
                "3rs z:a n:n1;4rs z:b n:n2;5rs z:c n:n3;6rs z:a n:n4",
                "3 6",
                Any
            },
            {
                "PreferSameNode without one for node or zone: all",
                "n0",
                "d",
                "Cluster",
                null,
                "3rs z:a n:n1;4rs z:b n:n2",
                "3 4",
                Any
            },
            { "node hints alone", "n1", null, "Cluster", null, "3rs n:n1;4rs n:n2", "3", Any },
            {
                "node hints missing on one, zones on all: the zone",
                "n1",
                "a",
                "Cluster",
                null,
                "3rs z:a n:n1;4rs z:b n:n2;5rs z:a",
                "3 5",
                Any
            },
            {
                "hints and locality disagree",
                "x",
                "a",
                "Cluster",
                "Local",
                "0hrs z:a;1hrs z:b;2rs z:a;3rs z:b",
                "0 2",
                "0 1"
            },
            { "internal Local without endpoints", "x", null, "Local", null, "", Any, "" },
            { "internal Local, all elsewhere", "x", null, "Local", null, "0rs;1rs", Any, "" },
            { "internal Local, all here", "x", null, "Local", null, "0hrs;1hrs", Any, "0 1" },
            { "internal Local, some here", "x", null, "Local", null, "0hrs;1rs", Any, "0" },
            { "Cluster, none ready", "x", null, "Cluster", null, "0;1", "", Any },
            { "Cluster, some ready", "x", null, "Cluster", null, "0;1rs", "1", Any },
            { "Cluster, all terminate", "x", null, "Cluster", null, "0hst;1st", "0 1", Any },
            { "Cluster, all terminate: hints do not count", "x", "a", "Cluster", null, "0st z:a;1st z:b", "0 1", Any },
            { "Cluster, ready ones before terminating ones", "x", null, "Cluster", null, "0hst;1rs", "1", Any },
            { "serving and neither ready nor terminating is not used", "x", null, "Cluster", null, "0s;1st", "1", Any },
            { "internal Local, external Cluster, some here", "x", null, "Local", "Cluster", "0hrs;1rs", "0 1", "0" },
            { "internal Cluster, external Local, some here", "x", null, "Cluster", "Local", "0hrs;1rs", "0 1", "0" },
            { "both Local, some here", "x", null, "Local", "Local", "0hrs;1rs", "0 1", "0" },
            { "both Local, all elsewhere", "x", null, "Local", "Local", "0rs;1rs", "0 1", "" },
            { "both Local, all elsewhere and terminating", "x", null, "Local", "Local", "0st;1st", "0 1", "" },
            {
                "terminating here is used by Local although ready ones are elsewhere",
                "x",
                null,
                "Cluster",
                "Local",
                "0rs;1h;2hst;3st",
                "0",
                "2"
            },
            {
                "external Local without external addresses",
                "x",
                null,
                "Cluster",
                "unreachable",
                "0rs;1hrs",
                "0 1",
                Any
            },
            {
                "internal Local without external addresses has no list Cluster",
                "x",
                null,
                "Local",
                null,
                "0rs;1hrs",
                Any,
                "1"
            },
            { "no endpoints", "x", null, "Cluster", null, "", "", Any },
            { "neither ready nor serving nor terminating", "x", "a", "Cluster", null, "0", "", Any },
            {
                "ready although terminating, as with publishNotReadyAddresses",
                "x",
                null,
                "Cluster",
                null,
                "0rt;1rs",
                "0 1",
                Any
            },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Endpoints_are_chosen(
        string name,
        string node,
        string? zone,
        string internalPolicy,
        string? externalPolicy,
        string endpoints,
        string cluster,
        string local
    )
    {
        var isReachable = externalPolicy is "Cluster" or "Local";
        var world = new ServiceWorld();
        world.Engine.Set(new Weft.Services.LocalNode(node, zone, [Ip.Parse(ServiceWorld.NodeAddress)]));
        world.Set(
            ServiceWorld.Service(
                ServiceWorld.Spec(isReachable ? "NodePort" : "ClusterIP") with
                {
                    InternalTrafficPolicy = internalPolicy,
                    ExternalTrafficPolicy = externalPolicy == "unreachable" ? "Local" : externalPolicy,
                }
            ),
            ServiceWorld.Slice([.. endpoints.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Read)])
        );
        var lists = world
            .Engine.Frontends.Where(frontend => !frontend.Key.IsRest)
            .SelectMany(frontend => new[] { frontend.FromInside.Backends, frontend.FromOutside.Backends })
            .DistinctBy(list => list.Key)
            .ToDictionary(list => list.Key.Policy, Show);
        Assert.True(cluster == lists.GetValueOrDefault(TrafficPolicy.Cluster, Any), name);
        Assert.True(local == lists.GetValueOrDefault(TrafficPolicy.Local, Any), name);

        Endpoint Read(string text)
        {
            var parts = text.Split(' ');
            var letters = parts[0].TrimStart("0123456789".ToCharArray());
            return ServiceWorld.Endpoint(
                $"10.0.0.{parts[0][..^letters.Length]}",
                letters.Contains('h') ? node : "elsewhere",
                letters.Contains('r'),
                letters.Contains('s'),
                letters.Contains('t'),
                Hints("z:"),
                Hints("n:")
            );

            string[]? Hints(string kind) =>
                parts.FirstOrDefault(part => part.StartsWith(kind, StringComparison.Ordinal))?[2..].Split(',');
        }
    }

    private static string Show(BackendList list) =>
        string.Join(' ', list.Backends.Select(backend => $"{backend.Key.Address}".Split('.')[3]));
}
