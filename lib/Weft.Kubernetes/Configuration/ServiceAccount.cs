using System.Net;
using System.Net.Sockets;

namespace Weft.Kubernetes.Configuration;

/// <summary>What the kubelet gives each pod to reach the API server with.</summary>
internal static class ServiceAccount
{
    public const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether this process runs in a pod with a service account.</summary>
    public static bool IsHere => Host is { Length: > 0 } && File.Exists(Path.Combine(DefaultDirectory, "token"));

    private static string? Host => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");

    private static string? Port => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");

    /// <summary>The connection of this pod.</summary>
    public static ClusterConnection Connection() =>
        Connection(
            DefaultDirectory,
            Host
                ?? throw new ConfigurationException(
                    "KUBERNETES_SERVICE_HOST is not set: this is no pod; name a kubeconfig instead"
                ),
            Port ?? "443"
        );

    /// <summary>The connection that a directory and the address of the service "kubernetes" make.</summary>
    internal static ClusterConnection Connection(string directory, string host, string port)
    {
        var token = Path.Combine(directory, "token");
        if (!File.Exists(token))
        {
            throw new ConfigurationException(
                $"{token} is not there: give the pod a service account and leave automountServiceAccountToken on"
            );
        }

        var name = Path.Combine(directory, "namespace");
        var address = IPAddress.TryParse(host, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6;
        return new ClusterConnection
        {
            Server = new Uri(address ? $"https://[{host}]:{port}" : $"https://{host}:{port}"),
            Namespace = File.Exists(name) ? File.ReadAllText(name).Trim() : null,
            CertificateAuthority = PemText.File(Path.Combine(directory, "ca.crt")),
            TokenFile = token,
        };
    }
}
