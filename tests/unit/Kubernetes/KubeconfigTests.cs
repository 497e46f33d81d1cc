using System.Text;
using Weft.Kubernetes;
using Weft.Kubernetes.Configuration;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-kubeconfig-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Of_each_entry_the_first_file_that_has_it_counts_whole()
    {
        var first = Write(
            "a/config",
            """
            clusters: [{name: c, cluster: {server: "https://first:1"}}]
            users: [{name: u, user: {token: t1}}]
            contexts: [{name: x, context: {cluster: c, user: u, namespace: n1}}]
            """
        );
        var second = Write(
            "b/config",
            """
            current-context: y
            clusters: [{name: c, cluster: {server: "https://second:2", tls-server-name: no}},
                       {name: d, cluster: {server: "https://third:3", certificate-authority: ca.pem}}]
            users: [{name: v, user: {tokenFile: sub/token}}]
            contexts: [{name: y, context: {cluster: d, user: v}}]
            """
        );
        var merged = KubeconfigFiles.Load($"{folder.FullName}/missing:{first}:{second}", null);

        var x = merged.Connection("x");
        Assert.Equal(
            ("https://first:1/", null, "n1", "t1"),
            (x.Server.AbsoluteUri, x.TlsServerName, x.Namespace, x.Token)
        );
        // Paths are relative to the file they are in, not to the first one.
        var y = merged.Connection(null);
        Assert.Equal("https://third:3/", y.Server.AbsoluteUri);
        Assert.Equal($"{folder.FullName}/b/ca.pem", y.CertificateAuthority!.ToString());
        Assert.Equal($"{folder.FullName}/b/sub/token", y.TokenFile);
    }

    [Fact]
    public void Everything_a_user_can_have_is_read()
    {
        var pem = Convert.ToBase64String(Encoding.UTF8.GetBytes("PEM"));
        var connection = Connection(
            $$$"""
            apiVersion: v1
            kind: Config
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster: {server: "https://[fd00::1]:6443", insecure-skip-tls-verify: true, proxy-url: "socks5://p:1"}
            users:
            - name: u
              user:
                client-certificate: file-that-data-goes-before
                client-certificate-data: {{{pem}}}
                client-key: key.pem
                username: me
                password: secret
                as: somebody
                as-uid: "7"
                as-groups: [g1, g2]
                as-user-extra: {scopes: [s1, s2]}
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./plugin
                  args: [a b, c]
                  env: [{name: K, value: V}]
                  installHint: get it
                  provideClusterInfo: true
                  interactiveMode: IfAvailable
            """
        );
        Assert.True(connection.Insecure);
        Assert.Equal("socks5://p:1/", connection.Proxy!.AbsoluteUri);
        Assert.Equal("PEM", connection.ClientCertificate!.Read());
        Assert.Equal($"{folder.FullName}/key.pem", connection.ClientKey!.ToString());
        Assert.Equal(("me", "secret"), (connection.Username, connection.Password));
        var acting = connection.Impersonate!;
        Assert.Equal(("somebody", "7"), (acting.User, acting.Uid));
        Assert.Equal(["g1", "g2"], acting.Groups);
        Assert.Equal([("scopes", "s1"), ("scopes", "s2")], acting.Extra);
        var exec = connection.Exec!;
        Assert.Equal($"{folder.FullName}/plugin", exec.Command);
        Assert.Equal(["a b", "c"], exec.Arguments);
        Assert.Equal([("K", "V")], exec.Environment);
        Assert.Equal(("get it", true, false), (exec.InstallHint, exec.ProvideClusterInfo, exec.NeedsTerminal));
        Assert.DoesNotContain("secret", connection.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_json_is_read_as_well() =>
        Assert.Equal(
            "https://h:1/",
            Connection(
                """
                {"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "c"}}],
                 "clusters": [{"name": "c", "cluster": {"server": "https://h:1"}}], "users": null}
                """
            ).Server.AbsoluteUri
        );

    [Theory]
    [InlineData("clusters: []", "has no current-context")]
    [InlineData("current-context: X\ncontexts: [{name: x, context: {cluster: c}}]", "no context X, only x")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]", "names cluster \"c\"")]
    [InlineData(Valid + "\ncontexts: [{name: x, context: {cluster: c, user: nobody}}]", "names user \"nobody\"")]
    [InlineData(
        "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'ftp://h'}}]",
        "is no https URL"
    )]
    [InlineData(
        "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://h', insecure-skip-tls-verify: true, certificate-authority: f}}]",
        "remove one of them"
    )]
    [InlineData(
        Valid
            + "\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]",
        "use an exec plugin"
    )]
    [InlineData(
        Valid + "\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {client-key: k}}]",
        "without the other"
    )]
    [InlineData("a: [", "cannot be used")]
    [InlineData("clusters: [{cluster: {}}]", "has no name")]
    public void What_cannot_be_used_is_refused_with_what_to_change(string yaml, string message) =>
        Assert.Contains(
            message,
            Assert.Throws<ConfigurationException>(() => Connection(yaml)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void No_file_at_all_is_told_with_where_it_was_looked_for()
    {
        var e = Assert.Throws<ConfigurationException>(() => KubeconfigFiles.Load(null, folder.FullName));
        Assert.Contains($"{folder.FullName}/.kube/config", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ConfigurationException>(() => ClusterConnection.FromKubeconfig($"{folder.FullName}/none"));
        Assert.Contains("is not there", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "https://10.0.0.1:443/")]
    [InlineData("fd00::1", "https://[fd00::1]/")]
    public void A_pod_finds_its_server_by_its_service_account(string host, string address)
    {
        Write("token", "t\n");
        Write("namespace", "kube-system\n");
        var connection = ServiceAccount.Connection(folder.FullName, host, "443");
        Assert.Equal(new Uri(address), connection.Server);
        Assert.Equal("kube-system", connection.Namespace);
        Assert.Equal($"{folder.FullName}/token", connection.TokenFile);
        Assert.Equal($"{folder.FullName}/ca.crt", connection.CertificateAuthority!.ToString());
    }

    private const string Valid = "current-context: x\nclusters: [{name: c, cluster: {server: 'https://h:1'}}]";

    private ClusterConnection Connection(string yaml) => ClusterConnection.FromKubeconfig(Write("config", yaml));

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
