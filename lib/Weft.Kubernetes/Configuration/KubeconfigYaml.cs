using System.Text;
using Weft.Kubernetes.Credentials;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weft.Kubernetes.Configuration;

/// <summary>The file format: clientcmd.k8s.io, version v1.</summary>
internal static class KubeconfigYaml
{
    /// <summary>Parses a file's text; its relative paths are relative to the file.</summary>
    public static Kubeconfig Parse(string text, string path)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            var root = yaml.Documents.Count > 0 ? yaml.Documents[0].RootNode as YamlMappingNode : null;
            return root is null
                ? new Kubeconfig(null, Empty<KubeconfigContext>(), Empty<KubeconfigCluster>(), Empty<KubeconfigUser>())
                : new Kubeconfig(
                    root.Text("current-context"),
                    Entries(root, "contexts", "context", Context),
                    Entries(root, "clusters", "cluster", node => Cluster(node, path)),
                    Entries(root, "users", "user", node => User(node, path))
                );
        }
        catch (Exception e) when (e is YamlException or FormatException or ConfigurationException)
        {
            throw new ConfigurationException($"the kubeconfig {path} cannot be used: {e.Message}", e);
        }
    }

    private static KubeconfigContext Context(YamlMappingNode node) =>
        new(node.Text("cluster"), node.Text("user"), node.Text("namespace"));

    private static KubeconfigCluster Cluster(YamlMappingNode node, string path) =>
        new()
        {
            Server = node.Text("server"),
            TlsServerName = node.Text("tls-server-name"),
            Insecure = node.Flag("insecure-skip-tls-verify"),
            CertificateAuthority = Pem(node, "certificate-authority", path),
            ProxyUrl = node.Text("proxy-url"),
        };

    private static KubeconfigUser User(YamlMappingNode node, string path) =>
        new()
        {
            ClientCertificate = Pem(node, "client-certificate", path),
            ClientKey = Pem(node, "client-key", path),
            Token = node.Text("token"),
            TokenFile = Absolute(node.Text("tokenFile"), path),
            Username = node.Text("username"),
            Password = node.Text("password"),
            AuthProvider = node.Map("auth-provider")?.Text("name"),
            Exec = node.Map("exec") is { } exec ? Plugin(exec, path) : null,
            Impersonate = node.Text("as") is { } user
                ? new Impersonation(
                    user,
                    node.Text("as-uid"),
                    [.. node.Texts("as-groups")],
                    [
                        .. (node.Map("as-user-extra")?.Children.AsEnumerable() ?? []).SelectMany(entry =>
                            YamlNodes.Texts(entry.Value).Select(value => (YamlNodes.Text(entry.Key)!, value))
                        ),
                    ]
                )
                : null,
        };

    private static ExecPlugin Plugin(YamlMappingNode node, string path)
    {
        var command =
            node.Text("command") ?? throw new ConfigurationException("an exec plugin has no command; give one");
        return new ExecPlugin
        {
            ApiVersion =
                node.Text("apiVersion")
                ?? throw new ConfigurationException($"exec plugin {command} has no apiVersion; give one"),
            // A bare name is looked for in PATH; anything with a slash is a path.
            Command = command.Contains('/', StringComparison.Ordinal) ? Absolute(command, path)! : command,
            Arguments = [.. node.Texts("args")],
            Environment = [.. node.Maps("env").Select(entry => (entry.Text("name") ?? "", entry.Text("value") ?? ""))],
            InstallHint = node.Text("installHint"),
            ProvideClusterInfo = node.Flag("provideClusterInfo"),
            NeedsTerminal = node.Text("interactiveMode") == "Always",
        };
    }

    /// <summary>"x-data" (base64) goes before the file "x".</summary>
    private static PemText? Pem(YamlMappingNode node, string key, string path)
    {
        if (node.Text($"{key}-data") is not { } data)
        {
            return node.Text(key) is { } file ? PemText.File(Absolute(file, path)!) : null;
        }

        try
        {
            return PemText.Of(Encoding.UTF8.GetString(Convert.FromBase64String(data)));
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{key}-data is not base64", e);
        }
    }

    private static string? Absolute(string? reference, string path) =>
        reference is null ? null : Path.GetFullPath(reference, Path.GetDirectoryName(path)!);

    private static Dictionary<string, T> Entries<T>(
        YamlMappingNode root,
        string list,
        string key,
        Func<YamlMappingNode, T> parse
    )
    {
        var entries = new Dictionary<string, T>();
        foreach (var entry in root.Maps(list))
        {
            var name =
                entry.Text("name") ?? throw new ConfigurationException($"an entry of {list} has no name; give it one");
            entries.TryAdd(name, parse(entry.Map(key) ?? new YamlMappingNode()));
        }

        return entries;
    }

    private static Dictionary<string, T> Empty<T>() => [];
}
