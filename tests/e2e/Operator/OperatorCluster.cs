using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.ApiServer;
using Weft.Operator;
using Weft.Operator.Configuration;
using Weft.Operator.Definitions;
using Weft.Operator.Metrics;
using Weft.Resources;
using Weft.Tests.Unit.Agent;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>An API server in this process, with Weft's kinds, that operators are let loose on.</summary>
internal sealed class OperatorCluster : IAsyncDisposable
{
    private readonly ScratchDirectory directory = new();
    private readonly CancellationTokenSource ending = new();
    private readonly List<Task> running = [];
    private Weft.Lab.ApiServer.LabApiServer server = null!;

    /// <summary>Something of what is followed has changed.</summary>
    private event Action? Changed;

    /// <summary>Nobody cuts this one.</summary>
    public KubernetesClient Client { get; private set; } = null!;

    public Informer<WeftNode> Nodes { get; private set; } = null!;

    public Informer<WeftIdentity> Identities { get; private set; } = null!;

    public Informer<WeftIPPool> Pools { get; private set; } = null!;

    public Informer<WeftEndpointSlice> Slices { get; private set; } = null!;

    public ClusterConnection Connection { get; private set; } = null!;

    /// <summary>The file that leads a program to it.</summary>
    public string Kubeconfig => directory["kubeconfig"];

    private string Token => File.ReadAllText(directory["token"]).Trim();

    public static async Task<OperatorCluster> StartAsync(CancellationToken cancellation)
    {
        var cluster = new OperatorCluster();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        cluster.server = await Weft.Lab.ApiServer.LabApiServer.StartAsync(
            cluster.directory.Root,
            [new Listener(socket, "kubeconfig")],
            NullLoggerFactory.Instance,
            cancellation
        );
        cluster.Connection = ClusterConnection.FromKubeconfig(cluster.directory["kubeconfig"]);
        cluster.Client = new KubernetesClient(cluster.Connection);
        await new DefinitionApply(cluster.Client, NullLogger.Instance).RunAsync(cancellation);
        cluster.Nodes = cluster.Follow(WeftResources.Nodes);
        cluster.Identities = cluster.Follow(WeftResources.Identities);
        cluster.Pools = cluster.Follow(WeftResources.IPPools);
        cluster.Slices = cluster.Follow(WeftResources.EndpointSlices);
        return cluster;
    }

    /// <summary>A way to this cluster that ends after so many writes.</summary>
    public CuttingProxy Proxy(int writes, Cut where) => new(Connection.Server, Token, writes, where);

    /// <summary>An operator at work, until cancelled.</summary>
    public static async Task OperateAsync(
        ClusterConnection connection,
        OperatorSettings settings,
        CancellationToken cancellation
    )
    {
        using var client = new KubernetesClient(connection);
        await using var events = new EventRecorder(client, "weft.dev/operator", "test");
        using var loops = new ControlLoops(client, settings, events, new OperatorMetrics(), NullLogger.Instance);
        await Together
            .RunAsync(cancellation, loops.FollowAsync, loops.LeadAsync)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends when it is so, as far as the caches here know.</summary>
    public async Task UntilAsync(Func<bool> isSo, CancellationToken cancellation)
    {
        var so = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (isSo())
            {
                so.TrySetResult();
            }
        }

        Changed += Look;
        try
        {
            Look();
            await so.Task.WaitAsync(cancellation);
        }
        finally
        {
            Changed -= Look;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Client.Dispose();
        await server.DisposeAsync();
        directory.Dispose();
        ending.Dispose();
    }

    public Informer<T> Follow<T>(Resource<T> resource)
        where T : class, IKubernetesObject
    {
        var informer = new Informer<T>(Client, resource, new InformerOptions<T>());
        informer.Changed += _ => Changed?.Invoke();
        running.Add(informer.RunAsync(ending.Token));
        return informer;
    }
}
