using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weft.Kubernetes.Configuration;
using Weft.Kubernetes.Credentials;

namespace Weft.Kubernetes.Http;

/// <summary>
/// The connections to the server. TLS identifies a connection, not a request, so a new client certificate or authority
/// takes new connections; the old ones end with their last request.
/// </summary>
internal sealed class Transport(ClusterConnection connection) : IDisposable
{
    // client-go's numbers: a peer that is gone without a word is noticed within 45 s.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingAnswer = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private const int Probes = 3;

    private readonly Lock gate = new();
    private HttpMessageInvoker? current;
    private string? pluginCertificate;

    /// <summary>The connections to use with a proof.</summary>
    /// <exception cref="ConfigurationException">A certificate or key cannot be used.</exception>
    public HttpMessageInvoker For(Proof proof)
    {
        lock (gate)
        {
            var certificate = proof.Plugin?.ClientCertificateData;
            if (current is null || certificate != pluginCertificate)
            {
                current = new HttpMessageInvoker(Connections(proof.Plugin));
                pluginCertificate = certificate;
            }

            return current;
        }
    }

    /// <summary>Files may have changed: the next request reads them again.</summary>
    public void Renew()
    {
        lock (gate)
        {
            current = null;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            current?.Dispose();
        }
    }

    private SocketsHttpHandler Connections(ExecCredentialStatus? plugin)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = false,
            ConnectTimeout = ConnectLimit,
            ConnectCallback = ConnectAsync,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = Silence,
            KeepAlivePingTimeout = PingAnswer,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (connection.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy);
        }

        if (connection.Insecure)
        {
#pragma warning disable CA5359 // The user has said insecure-skip-tls-verify.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (connection.CertificateAuthority is { } authority)
        {
            // Only these: a certificate of a public authority is not this cluster's.
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(Certificates(authority));
        }

        var certificate = plugin?.ClientCertificateData is { } pem ? PemText.Of(pem) : connection.ClientCertificate;
        var key = plugin?.ClientKeyData is { } pemKey ? PemText.Of(pemKey) : connection.ClientKey;
        if (certificate is not null && key is not null)
        {
            handler.SslOptions.ClientCertificateContext = ClientCertificate(certificate, key);
        }

        return handler;
    }

    /// <summary>Over HTTP/1.1 there are no pings, so the kernel asks whether the peer is still there.</summary>
    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellation
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            // Not before: .NET does not try a second address with a socket whose options it does not know.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)Silence.TotalSeconds);
            socket.SetSocketOption(
                SocketOptionLevel.Tcp,
                SocketOptionName.TcpKeepAliveInterval,
                (int)PingAnswer.TotalSeconds / Probes
            );
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static X509Certificate2Collection Certificates(PemText pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem.Read());
        }
        catch (CryptographicException e)
        {
            throw new ConfigurationException($"the certificate authority {pem} is not PEM: {e.Message}", e);
        }

        return certificates.Count > 0
            ? certificates
            : throw new ConfigurationException($"the certificate authority {pem} has no certificate");
    }

    private static SslStreamCertificateContext ClientCertificate(PemText certificate, PemText key)
    {
        try
        {
            var pem = certificate.Read();
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            return SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPem(pem, key.Read()),
                chain,
                offline: true
            );
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConfigurationException(
                $"the client certificate {certificate} and the key {key} cannot be used together: {e.Message}",
                e
            );
        }
    }
}
