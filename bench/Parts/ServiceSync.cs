using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Configuration;
using Weft.Agent.Kubernetes;
using Weft.Agent.Services;
using Weft.Bench.Results;
using Weft.Bench.Services;
using Weft.Datapath;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Numbers;

namespace Weft.Bench.Parts;

/// <summary>
/// How fast Services get into the maps, with the agent's own code in this process and on real maps: 10,000 of ten
/// endpoints each into empty maps, then endpoints that change, as the watch of a cluster's API tells of them.
/// </summary>
internal static class ServiceSync
{
    private const string NodeName = "bench";
    private const int Changes = 200;
    private static readonly Ip Address = Ip.Parse("192.0.2.250");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static void Measure(ResultList results, CancellationToken cancel)
    {
        Full(results);
        cancel.ThrowIfCancellationRequested();
        using var lab = BenchLab.StartKubernetes(1, RoutingMode.Vxlan, cancel);
        using var client = lab.Client();
        client
            .CreateAsync(
                Kinds.Namespaces,
                new Namespace { Metadata = new ObjectMeta { Name = ServiceCluster.Namespace } },
                cancel
            )
            .GetAwaiter()
            .GetResult();
        ServiceCluster.CreateOthers(client, cancel);
        FollowAsync(results, client, cancel).GetAwaiter().GetResult();
    }

    /// <summary>From objects that have been read to maps that hold them.</summary>
    private static void Full(ResultList results)
    {
        var services = Enumerable
            .Range(0, ServiceCluster.Services)
            .Select(number => ServiceCluster.Other(number, $"10.96.{number >> 8}.{number & 255}"))
            .ToList();
        var slices = Enumerable
            .Range(0, ServiceCluster.Services)
            .Select(number => ServiceCluster.SliceOf(number, 0))
            .ToList();
        using var datapath = LoadedDatapath.Load(null);
        var began = Stopwatch.GetTimestamp();
        var maps = new ServiceMaps(datapath, TimeProvider.System);
        var engine = new ServiceEngine(
            new LocalNode(NodeName, null, [Address]),
            new NumberTable<ServicePortKey>(maps.EntriesCapacity),
            new NumberTable<TransportAddress>(maps.SlotsCapacity)
        );
        services.ForEach(engine.Set);
        slices.ForEach(engine.Set);
        engine.Update();
        foreach (var frontend in engine.Frontends)
        {
            if (maps.TryWrite(frontend, engine.Node.Addresses) is { } full)
            {
                throw new BenchException($"the map {full} has no room for {frontend.Key}");
            }
        }

        maps.RemoveStrays();
        results.Add(Names.ServicesInto, Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        results.Add("their entries of the map services", datapath.Services.Count(), "");
        results.Add("their entries of the map backends", datapath.Backends.Count(), "");
    }

    private static async Task FollowAsync(ResultList results, KubernetesClient client, CancellationToken cancel)
    {
        using var datapath = LoadedDatapath.Load(null);
        var mirrors = new ServiceMirrors(
            new Mirror<Service>(
                client,
                Kinds.Services,
                new InformerOptions<Service> { Transform = ServiceMirrors.Trimmed }
            ),
            new Mirror<EndpointSlice>(
                client,
                Kinds.EndpointSlices,
                new InformerOptions<EndpointSlice> { Transform = ServiceMirrors.Trimmed }
            ),
            new Mirror<Node>(client, Kinds.Nodes, new InformerOptions<Node>())
        );
        long heard = 0;
        // Heard here before the agent's code hears it.
        mirrors.Slices.Changed += _ => Volatile.Write(ref heard, Stopwatch.GetTimestamp());
        var services = new NodeServices(
            NodeName,
            new ServiceSettings([], null, Xdp: false, DirectReturn: false, ReplacesKubeProxy: true),
            mirrors,
            new ServiceMaps(datapath, TimeProvider.System),
            TimeProvider.System,
            NullLogger.Instance
        );
        services.SetNode([Address], []);
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        services.TookForce += () => inForce.TrySetResult();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] running =
        [
            mirrors.Services.RunAsync(stop.Token),
            mirrors.Slices.RunAsync(stop.Token),
            mirrors.Node.RunAsync(stop.Token),
            services.RunAsync(stop.Token),
        ];
        var began = Stopwatch.GetTimestamp();
        await inForce.Task.WaitAsync(Patience, cancel);
        results.Add(
            "a start, from the first request to maps that hold them",
            Stopwatch.GetElapsedTime(began).TotalSeconds,
            "s"
        );

        List<double> fromEvent = [];
        List<double> fromRequest = [];
        for (var i = 0; i < Changes; i++)
        {
            var number = i * (ServiceCluster.Services / Changes);
            var key = KeyOf(
                mirrors.Services.Get(new ObjectKey(ServiceCluster.Namespace, ServiceCluster.NameOf(number)))!
            );
            datapath.Services.TryLookup(key, out var before);
            Volatile.Write(ref heard, 0);
            var asked = Stopwatch.GetTimestamp();
            var patching = client.ReplaceAsync(Kinds.EndpointSlices, ServiceCluster.SliceOf(number, 1), cancel);
            while (!datapath.Services.TryLookup(key, out var now) || now.List == before.List)
            {
                if (Stopwatch.GetElapsedTime(asked) > Patience)
                {
                    throw new BenchException("a changed slice never came to the map");
                }

                await Task.Delay(Pause, cancel);
            }

            fromEvent.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref heard)).TotalMilliseconds);
            fromRequest.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            await patching;
        }

        Add("an endpoint's event to the map", fromEvent);
        Add("an endpoint's write to the API to the map", fromRequest);
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        void Add(string name, List<double> samples)
        {
            double[] sorted = [.. samples.Order()];
            results.Add($"{name}, p50", sorted.Quantile(0.5), "ms");
            results.Add($"{name}, p99", sorted.Quantile(0.99), "ms");
        }
    }

    private static ServiceKey KeyOf(Service service) =>
        ServiceKey.Of(Ip.Parse(service.Spec!.ClusterIP!), 80, (byte)Transport.Tcp, ServiceSide.Inside);
}
