using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.ApiServer;
using Weft.Resources;
using Weft.Resources.Definitions;

namespace Weft.Tests.Unit.Agent;

/// <summary>The lab's API server with Weft's kinds, and a client; what a test starts on it ends with it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly ScratchDirectory scratch;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private Weft.Lab.ApiServer.LabApiServer? server;

    private TestCluster(ScratchDirectory scratch, Weft.Lab.ApiServer.LabApiServer server)
    {
        (this.scratch, this.server) = (scratch, server);
        Client = new KubernetesClient(ClusterConnection.FromKubeconfig(scratch["api/kubeconfig"]));
        Contact = new ApiContact(Client, "n1", TimeProvider.System, NullLogger.Instance);
    }

    public KubernetesClient Client { get; }

    public ApiContact Contact { get; }

    public string this[string name] => scratch[name];

    public static async Task<TestCluster> StartAsync()
    {
        var scratch = new ScratchDirectory();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var server = await Weft.Lab.ApiServer.LabApiServer.StartAsync(
            scratch["api"],
            [new Listener(socket, "kubeconfig")],
            NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken
        );
        var cluster = new TestCluster(scratch, server);
        foreach (var definition in CustomResources.All)
        {
            await cluster.CreateAsync(Kinds.CustomResourceDefinitions, definition);
        }

        await cluster.CreateAsync(
            Kinds.Nodes,
            new Node
            {
                Metadata = new ObjectMeta { Name = "n1" },
                Spec = new NodeSpec
                {
                    Taints =
                    [
                        new Taint { Key = "other", Effect = "NoSchedule" },
                        new Taint { Key = "node.weft.dev/agent-not-ready", Effect = "NoExecute" },
                    ],
                },
            }
        );
        return cluster;
    }

    public Task<T> CreateAsync<T>(Resource<T> resource, T obj)
        where T : class, IKubernetesObject => Client.CreateAsync(resource, obj, TestContext.Current.CancellationToken);

    public Task<T?> FindAsync<T>(Resource<T> resource, string name)
        where T : class, IKubernetesObject =>
        Client.FindAsync(resource, new ObjectKey(null, name), TestContext.Current.CancellationToken);

    /// <summary>A mirror that runs, after its first list.</summary>
    public async Task<Mirror<T>> MirrorAsync<T>(Resource<T> resource, params T[] seed)
        where T : class, IKubernetesObject
    {
        var mirror = new Mirror<T>(Client, resource, new InformerOptions<T>());
        if (seed.Length > 0)
        {
            mirror.Seed(seed);
        }

        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mirror.Fresh += fresh.SetResult;
        Run(mirror.RunAsync);
        await fresh.Task.WaitAsync(TestContext.Current.CancellationToken);
        return mirror;
    }

    /// <summary>Runs a part of the agent until the end of the test.</summary>
    public void Run(Func<CancellationToken, Task> part) => running.Add(part(stopping.Token));

    /// <summary>Ends the API server; connections are refused from then on.</summary>
    public async Task StopServerAsync()
    {
        await server!.DisposeAsync();
        server = null;
    }

    /// <summary>Returns when the kind's objects are so.</summary>
    public static async Task UntilAsync<T>(Mirror<T> mirror, Func<IReadOnlyList<T>, bool> isSo)
        where T : class, IKubernetesObject
    {
        var changed = new SemaphoreSlim(1);
        void Heard(Change<T> change) => changed.Release();
        mirror.Changed += Heard;
        do
        {
            await changed.WaitAsync(TestContext.Current.CancellationToken);
        } while (!isSo(mirror.List()));
        mirror.Changed -= Heard;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Client.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        stopping.Dispose();
        scratch.Dispose();
    }
}
