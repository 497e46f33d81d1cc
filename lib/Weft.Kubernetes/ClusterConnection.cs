using Weft.Kubernetes.Configuration;
using Weft.Kubernetes.Credentials;

namespace Weft.Kubernetes;

/// <summary>Where an API server is, whom to believe that it is the one, and as whom to talk to it.</summary>
public sealed record ClusterConnection
{
    /// <summary>Base address, such as https://10.0.0.1:6443.</summary>
    public required Uri Server { get; init; }

    /// <summary>Namespace of the context or of the pod; null when there is none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Certificates, one of which the server's must descend from; null: those of the system.</summary>
    public PemText? CertificateAuthority { get; init; }

    /// <summary>Name the server's certificate must have, where it is not the one in the address.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Whether any server is believed.</summary>
    public bool Insecure { get; init; }

    /// <summary>Proxy (http, https or socks5); null: the one of HTTPS_PROXY and NO_PROXY.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Client certificate, with the certificates between it and the authority after it.</summary>
    public PemText? ClientCertificate { get; init; }

    /// <summary>Private key of the client certificate.</summary>
    public PemText? ClientKey { get; init; }

    /// <summary>Bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>File with a bearer token, which is read again as it rotates. It goes before <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User of HTTP basic authentication.</summary>
    public string? Username { get; init; }

    /// <summary>Password of HTTP basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>Program that prints credentials.</summary>
    public ExecPlugin? Exec { get; init; }

    /// <summary>Whom to act as; null: oneself.</summary>
    public Impersonation? Impersonate { get; init; }

    /// <summary>
    /// The connection of a kubeconfig's context, by the rules of client-go.
    /// </summary>
    /// <param name="path">The file; null: the files of KUBECONFIG merged, or ~/.kube/config.</param>
    /// <param name="context">The context; null: the current one.</param>
    /// <exception cref="ConfigurationException">A file is missing or says something that cannot be used.</exception>
    public static ClusterConnection FromKubeconfig(string? path = null, string? context = null) =>
        KubeconfigFiles.Load(path).Connection(context);

    /// <summary>The API server of this pod, as its service account.</summary>
    /// <exception cref="ConfigurationException">This is no pod with a service account.</exception>
    public static ClusterConnection InCluster() => ServiceAccount.Connection();

    /// <summary>From the file that is given; else in-cluster; else from the kubeconfig that kubectl would use.</summary>
    /// <exception cref="ConfigurationException">There is none of them, or it cannot be used.</exception>
    public static ClusterConnection Find(string? kubeconfig = null) =>
        kubeconfig is null && ServiceAccount.IsHere ? InCluster() : FromKubeconfig(kubeconfig);

    /// <summary>The address alone: the rest has secrets.</summary>
    public override string ToString() => Server.ToString();
}
