using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>A Kubernetes API server under test: the lab's own, or a real one. Tests of a collection share it.</summary>
public abstract class ControlPlane : IAsyncLifetime
{
    private HttpClient? client;

    /// <summary>Trusts the server, is at its address and its administrator.</summary>
    public HttpClient Client => client!;

    /// <summary>The file that leads its administrator to it.</summary>
    public abstract string Kubeconfig { get; }

    /// <summary>Starts it, or does nothing where there is none to start.</summary>
    public abstract ValueTask InitializeAsync();

    /// <summary>Skips the test, and says why, where there is none.</summary>
    public abstract void SkipUnlessThere();

    /// <summary>Ends it and starts it again on the same data and address: watches are cut.</summary>
    public abstract Task RestartAsync();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        client?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <param name="server">Its address.</param>
    /// <param name="authority">File with the certificates that its own descends from.</param>
    /// <param name="token">Its administrator's.</param>
    protected void Connect(Uri server, string authority, string token)
    {
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        chain.CustomTrustStore.ImportFromPemFile(authority);
        client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = chain } })
        {
            BaseAddress = server,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }
}
