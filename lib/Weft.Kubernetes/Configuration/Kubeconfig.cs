namespace Weft.Kubernetes.Configuration;

/// <summary>What one kubeconfig file says, or several merged; paths in it are absolute.</summary>
internal sealed record Kubeconfig(
    string? CurrentContext,
    IReadOnlyDictionary<string, KubeconfigContext> Contexts,
    IReadOnlyDictionary<string, KubeconfigCluster> Clusters,
    IReadOnlyDictionary<string, KubeconfigUser> Users
)
{
    /// <summary>client-go's rule: of each entry, and of the current context, the first file that has it counts.</summary>
    public Kubeconfig MergedWith(Kubeconfig later) =>
        new(
            string.IsNullOrEmpty(CurrentContext) ? later.CurrentContext : CurrentContext,
            Merged(Contexts, later.Contexts),
            Merged(Clusters, later.Clusters),
            Merged(Users, later.Users)
        );

    /// <summary>The connection of a context, or of the current one.</summary>
    public ClusterConnection Connection(string? name)
    {
        name ??= CurrentContext;
        if (string.IsNullOrEmpty(name))
        {
            throw new ConfigurationException(
                $"the kubeconfig has no current-context; name one of its contexts: {Names(Contexts)}"
            );
        }

        var context =
            Contexts.GetValueOrDefault(name)
            ?? throw new ConfigurationException($"the kubeconfig has no context {name}, only {Names(Contexts)}");
        var cluster =
            Clusters.GetValueOrDefault(context.Cluster ?? "")
            ?? throw new ConfigurationException(
                $"context {name} names cluster \"{context.Cluster}\"; the kubeconfig has {Names(Clusters)}"
            );
        // A context without a user is anonymous.
        var user = string.IsNullOrEmpty(context.User)
            ? new KubeconfigUser()
            : Users.GetValueOrDefault(context.User)
                ?? throw new ConfigurationException(
                    $"context {name} names user \"{context.User}\"; the kubeconfig has {Names(Users)}"
                );
        Check(context.Cluster!, cluster);
        Check(context.User!, user);
        return new ClusterConnection
        {
            Server = Address(context.Cluster!, cluster),
            Namespace = context.Namespace,
            CertificateAuthority = cluster.CertificateAuthority,
            TlsServerName = cluster.TlsServerName,
            Insecure = cluster.Insecure,
            Proxy = Proxy(context.Cluster!, cluster),
            ClientCertificate = user.ClientCertificate,
            ClientKey = user.ClientKey,
            Token = user.Token,
            TokenFile = user.TokenFile,
            Username = user.Username,
            Password = user.Password,
            Exec = user.Exec is { ProvideClusterInfo: true } exec ? exec with { Cluster = cluster } : user.Exec,
            Impersonate = user.Impersonate,
        };
    }

    private static void Check(string name, KubeconfigCluster cluster)
    {
        if (cluster.Insecure && cluster.CertificateAuthority is not null)
        {
            throw new ConfigurationException(
                $"cluster {name} has insecure-skip-tls-verify and a certificate authority; remove one of them"
            );
        }
    }

    private static void Check(string name, KubeconfigUser user)
    {
        if (user.AuthProvider is { } provider)
        {
            throw new ConfigurationException(
                $"user {name} has auth-provider {provider}, which is no longer supported; use an exec plugin"
            );
        }

        if (user.ClientCertificate is null != user.ClientKey is null)
        {
            throw new ConfigurationException($"user {name} has a client certificate or a client key without the other");
        }
    }

    private static Uri Address(string name, KubeconfigCluster cluster)
    {
        var text = cluster.Server ?? "";
        // As in client-go: an address without a scheme is https where TLS is configured, else http.
        if (text.Length > 0 && !text.Contains("://", StringComparison.Ordinal))
        {
            var tls = cluster.CertificateAuthority is not null || cluster.Insecure;
            text = $"{(tls ? "https" : "http")}://{text}";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? server
            : throw new ConfigurationException(
                $"cluster {name} has server \"{cluster.Server}\", which is no https URL"
            );
    }

    private static Uri? Proxy(string name, KubeconfigCluster cluster) =>
        string.IsNullOrEmpty(cluster.ProxyUrl) ? null
        : Uri.TryCreate(cluster.ProxyUrl, UriKind.Absolute, out var proxy)
        && proxy.Scheme is "http" or "https" or "socks5"
            ? proxy
        : throw new ConfigurationException(
            $"cluster {name} has proxy-url \"{cluster.ProxyUrl}\", which is no http, https or socks5 URL"
        );

    private static Dictionary<string, T> Merged<T>(
        IReadOnlyDictionary<string, T> first,
        IReadOnlyDictionary<string, T> second
    )
    {
        var merged = new Dictionary<string, T>(first);
        foreach (var (name, entry) in second)
        {
            merged.TryAdd(name, entry);
        }

        return merged;
    }

    private static string Names<T>(IReadOnlyDictionary<string, T> entries) =>
        entries.Count == 0 ? "none" : string.Join(", ", entries.Keys);
}

internal sealed record KubeconfigContext(string? Cluster, string? User, string? Namespace);

internal sealed record KubeconfigCluster
{
    public string? Server { get; init; }
    public string? TlsServerName { get; init; }
    public bool Insecure { get; init; }
    public PemText? CertificateAuthority { get; init; }
    public string? ProxyUrl { get; init; }
}

internal sealed record KubeconfigUser
{
    public PemText? ClientCertificate { get; init; }
    public PemText? ClientKey { get; init; }
    public string? Token { get; init; }
    public string? TokenFile { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }
    public string? AuthProvider { get; init; }
    public Credentials.ExecPlugin? Exec { get; init; }
    public Impersonation? Impersonate { get; init; }
}
