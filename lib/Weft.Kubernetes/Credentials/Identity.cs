using System.Net.Http.Headers;
using System.Text;

namespace Weft.Kubernetes.Credentials;

/// <summary>As whom requests are made: gives each its proof, and replaces proofs that the server refuses.</summary>
internal sealed class Identity : IDisposable
{
    private readonly ClusterConnection connection;
    private readonly TokenFile? file;
    private readonly ExecCredentials? plugin;

    public Identity(ClusterConnection connection, TimeProvider time)
    {
        this.connection = connection;
        if (connection.TokenFile is { } path)
        {
            file = new TokenFile(path, connection.Token, time);
        }
        else if (connection is { Exec: { } exec, Token: null, Username: null })
        {
            plugin = new ExecCredentials(exec, time);
        }
    }

    /// <summary>The proof to make a request with.</summary>
    public async ValueTask<Proof> ProveAsync(CancellationToken cancellation)
    {
        if (plugin is not null)
        {
            var status = await plugin.GetAsync(cancellation);
            return new Proof(status.Token is { } token ? Bearer(token) : null, status);
        }

        return new Proof(
            file is not null ? Bearer(file.Read())
                : connection.Token is { } text ? Bearer(text)
                : connection.Username is { } user ? Basic(user, connection.Password)
                : null,
            null
        );
    }

    /// <summary>The server refused a proof. Returns whether the next one may be another.</summary>
    public bool Expire(Proof refused)
    {
        file?.Expire();
        if (refused.Plugin is { } status)
        {
            plugin!.Expire(status);
        }

        return file is not null || plugin is not null || connection.ClientCertificate is { IsFile: true };
    }

    public void Dispose() => plugin?.Dispose();

    private static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    private static AuthenticationHeaderValue Basic(string user, string? password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
}

/// <summary>What a request is made with.</summary>
/// <param name="Header">Authorization, or null.</param>
/// <param name="Plugin">The plugin's credentials, which may have a client certificate.</param>
internal readonly record struct Proof(AuthenticationHeaderValue? Header, ExecCredentialStatus? Plugin);
