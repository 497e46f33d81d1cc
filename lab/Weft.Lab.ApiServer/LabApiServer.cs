using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Lab.ApiServer.Allocation;
using Weft.Lab.ApiServer.Certificates;
using Weft.Lab.ApiServer.Http;
using Weft.Lab.ApiServer.Lifecycle;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer;

/// <summary>
/// A Kubernetes API for the lab: one process, one directory. It serves what kubectl and controllers need to run against
/// a machine without Kubernetes, and nothing of it is meant for a cluster.
/// </summary>
public sealed class LabApiServer : IAsyncDisposable
{
    /// <summary>Streams of one HTTP/2 connection, as the real server allows: clients put all their watches on one.</summary>
    private const int MaxStreams = 1000;

    private readonly WebApplication application;
    private readonly Authority authority;
    private readonly X509Certificate2 certificate;
    private readonly ObjectStore store;
    private readonly CancellationTokenSource stopping;
    private readonly Task expiry;

    private LabApiServer(
        WebApplication application,
        Authority authority,
        X509Certificate2 certificate,
        Cluster cluster,
        CancellationTokenSource stopping
    )
    {
        this.application = application;
        this.authority = authority;
        this.certificate = certificate;
        this.stopping = stopping;
        store = cluster.Store;
        expiry = EventExpiry.RunAsync(cluster, stopping.Token);
    }

    /// <summary>Serves, and then writes the kubeconfigs: who finds one finds a server.</summary>
    /// <param name="directory">Holds all that outlives the process; made when it is not there.</param>
    /// <param name="listeners">At least one; the last is the one the `kubernetes` service leads to.</param>
    /// <param name="logging">Where it logs to.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="IOException">The directory cannot be written, or another server has it.</exception>
    /// <exception cref="InvalidDataException">What is in the directory is damaged.</exception>
    public static async Task<LabApiServer> StartAsync(
        string directory,
        IReadOnlyList<Listener> listeners,
        ILoggerFactory logging,
        CancellationToken cancellation = default
    )
    {
        Directory.CreateDirectory(directory);
        var store = new ObjectStore(Path.Combine(directory, "objects.jsonl"));
        var cluster = new Cluster(store, TimeProvider.System);
        Bootstrap.Ensure(cluster, listeners[^1].Address);
        var authority = Authority.In(directory);
        var addresses = listeners.Select(listener => listener.Address.Address);
        var certificate = authority.IssueServer([
            .. addresses,
            IPAddress.Loopback,
            IPAddress.IPv6Loopback,
            ServiceAddresses.V4.First,
            ServiceAddresses.V6.First,
        ]);
        var stopping = new CancellationTokenSource();
        var router = new Router(
            cluster,
            new(authority, Token(directory)),
            logging.CreateLogger("apiserver"),
            stopping.Token
        );
        var application = Build(listeners, certificate, logging);
        application.Run(router.HandleAsync);
        await application.StartAsync(cancellation);
        foreach (var listener in listeners)
        {
            PrivateFile.Write(Path.Combine(directory, listener.Kubeconfig), Kubeconfig.Of(authority, listener.Address));
        }

        return new(application, authority, certificate, cluster, stopping);
    }

    /// <summary>Ends the watches, finishes what is being answered and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await application.DisposeAsync();
        await expiry.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        store.Dispose();
        certificate.Dispose();
        authority.Dispose();
        stopping.Dispose();
    }

    private static WebApplication Build(
        IReadOnlyList<Listener> listeners,
        X509Certificate2 certificate,
        ILoggerFactory logging
    )
    {
        // Nothing of the environment or of files decides how it listens.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logging);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
            foreach (var listener in listeners)
            {
                kestrel.ListenHandle(
                    (ulong)listener.Socket.Handle,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1AndHttp2;
                        listen.UseHttps(
                            new HttpsConnectionAdapterOptions
                            {
                                ServerCertificate = certificate,
                                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                                // Who it is is looked at when something is asked: 401 says more than a broken handshake.
                                ClientCertificateValidation = (_, _, _) => true,
                            }
                        );
                    }
                );
                // Kestrel owns the descriptor from here on.
                listener.Socket.SafeHandle.SetHandleAsInvalid();
            }
        });
        return builder.Build();
    }

    /// <summary>For who would rather send a header than a certificate.</summary>
    private static string Token(string directory)
    {
        var path = Path.Combine(directory, "token");
        if (!File.Exists(path))
        {
            PrivateFile.Write(path, RandomNumberGenerator.GetHexString(64, lowercase: true));
        }

        return File.ReadAllText(path);
    }
}
