using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Weft.Kubernetes;
using Weft.Kubernetes.Configuration;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-tls-");
    private readonly Authority authority = new("cluster");
    private readonly Authority other = new("other");

    public void Dispose()
    {
        authority.Dispose();
        other.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_server_of_any_authority_of_the_bundle_is_believed()
    {
        await using var server = Serve(authority.Issue("127.0.0.1"));
        Assert.True(await IsBelieved(server, PemText.Of(other.Pem + "\n" + authority.Pem)));
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_believed_unless_any_is()
    {
        await using var server = Serve(other.Issue("127.0.0.1"));
        Assert.False(await IsBelieved(server, PemText.Of(authority.Pem)));
        Assert.False(await IsBelieved(server, null));
        Assert.True(await IsBelieved(server, null, insecure: true));
    }

    [Fact]
    public async Task The_certificate_must_have_the_servers_name_or_the_one_that_is_configured()
    {
        await using var server = Serve(authority.Issue("kubernetes"));
        Assert.False(await IsBelieved(server, PemText.Of(authority.Pem)));
        Assert.True(await IsBelieved(server, PemText.Of(authority.Pem), name: "kubernetes"));
        Assert.False(await IsBelieved(server, PemText.Of(authority.Pem), name: "elsewhere"));
    }

    [Fact]
    public async Task An_authority_that_was_replaced_is_read_again()
    {
        var file = Path.Combine(folder.FullName, "ca.crt");
        File.WriteAllText(file, other.Pem);
        await using var server = Serve(authority.Issue("127.0.0.1"));
        using var client = Clients.Of(new() { Server = server.Address, CertificateAuthority = PemText.File(file) });
        await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        File.WriteAllText(file, authority.Pem);
        await GetAsync(client);
    }

    [Fact]
    public async Task A_client_certificate_that_is_refused_is_read_again_for_a_new_connection()
    {
        var (certificate, key) = (Path.Combine(folder.FullName, "tls.crt"), Path.Combine(folder.FullName, "tls.key"));
        Write("old");
        await using var server = Serve(
            authority.Issue("127.0.0.1"),
            x =>
                x.Peer?.Subject == "CN=new"
                    ? x.AnswerAsync(200, Clients.ConfigMap("a", 1))
                    : x.RefuseAsync(401, "Unauthorized", "who are you")
        );
        using var client = Clients.Of(
            new()
            {
                Server = server.Address,
                CertificateAuthority = PemText.Of(authority.Pem),
                ClientCertificate = PemText.File(certificate),
                ClientKey = PemText.File(key),
            }
        );
        var e = await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        Assert.True(e.IsUnauthorized);
        Write("new");
        await GetAsync(client);

        void Write(string name)
        {
            using var issued = authority.Issue(name);
            File.WriteAllText(certificate, issued.ExportCertificatePem());
            File.WriteAllText(key, issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }
    }

    [Theory]
    [InlineData("no pem")]
    [InlineData("")]
    public async Task An_authority_that_is_none_is_told(string pem)
    {
        using var client = Clients.Of(
            new() { Server = new Uri("https://127.0.0.1:1"), CertificateAuthority = PemText.Of(pem) }
        );
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => GetAsync(client));
        Assert.Contains("certificate authority", e.Message, StringComparison.Ordinal);
    }

    private static ScriptedServer Serve(X509Certificate2 certificate, Func<Exchange, Task>? answer = null) =>
        new(
            answer ?? (x => x.AnswerAsync(200, Clients.ConfigMap("a", 1))),
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = answer is not null,
#pragma warning disable CA5359 // The tests judge it.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            }
        );

    private static async Task<bool> IsBelieved(
        ScriptedServer server,
        PemText? authority,
        bool insecure = false,
        string? name = null
    )
    {
        var before = server.Requests.Count;
        using var client = Clients.Of(
            new()
            {
                Server = server.Address,
                CertificateAuthority = authority,
                Insecure = insecure,
                TlsServerName = name,
            },
            Clients.Quick with
            {
                Retries = 1,
            }
        );
        try
        {
            await GetAsync(client);
            return true;
        }
        catch (KubernetesException e) when (e.IsUnreachable)
        {
            Assert.Equal(before, server.Requests.Count);
            return false;
        }
    }

    private static Task<ConfigMap> GetAsync(KubernetesClient client) =>
        client.GetAsync(Kinds.ConfigMaps, new ObjectKey("default", "a"), TestContext.Current.CancellationToken);
}
