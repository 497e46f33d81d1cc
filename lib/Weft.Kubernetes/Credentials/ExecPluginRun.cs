using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Weft.Kubernetes.Credentials;

/// <summary>One run of a credential plugin.</summary>
internal static class ExecPluginRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Runs it and returns what it prints.</summary>
    /// <exception cref="ConfigurationException">It cannot be run, fails, or prints something else.</exception>
    public static async Task<ExecCredentialStatus> RunAsync(ExecPlugin plugin, CancellationToken cancellation)
    {
        if (plugin.NeedsTerminal)
        {
            throw new ConfigurationException(
                $"credential plugin {plugin} has interactiveMode Always, and there is no terminal; use another one"
            );
        }

        using var process = Start(plugin);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            process.StandardInput.Close();
            // Both at once: a program that fills one pipe must not wait for the other to be read.
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? Parse(plugin, output)
                : throw new ConfigurationException(
                    $"credential plugin {plugin} failed with exit code {process.ExitCode}: {(await errors).Trim()}"
                );
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new ConfigurationException(
                $"credential plugin {plugin} did not end within {Patience.TotalSeconds} s"
            );
        }
    }

    private static Process Start(ExecPlugin plugin)
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Info(plugin);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ConfigurationException(
                $"credential plugin {plugin} cannot be run: {e.Message}. {plugin.InstallHint}".TrimEnd(),
                e
            );
        }
    }

    private static string Info(ExecPlugin plugin)
    {
        var cluster = plugin.Cluster is { } known
            ? new ExecCluster
            {
                Server = known.Server,
                TlsServerName = known.TlsServerName,
                Insecure = known.Insecure ? true : null,
                CertificateAuthorityData = known.CertificateAuthority is { } authority
                    ? Encoding.UTF8.GetBytes(authority.Read())
                    : null,
                ProxyUrl = known.ProxyUrl,
            }
            : null;
        var info = new ExecCredential
        {
            ApiVersion = plugin.ApiVersion,
            Kind = "ExecCredential",
            Spec = new ExecCredentialSpec(Interactive: false, cluster),
        };
        return JsonSerializer.Serialize(info, ExecCredentialJson.Default.ExecCredential);
    }

    private static ExecCredentialStatus Parse(ExecPlugin plugin, string output)
    {
        ExecCredential? printed;
        try
        {
            printed = JsonSerializer.Deserialize(output, ExecCredentialJson.Default.ExecCredential);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"credential plugin {plugin} did not print an ExecCredential", e);
        }

        if (printed is not { Kind: "ExecCredential", Status: { } status } || printed.ApiVersion != plugin.ApiVersion)
        {
            throw new ConfigurationException(
                $"credential plugin {plugin} must print an ExecCredential of {plugin.ApiVersion} with a status"
            );
        }

        var hasCertificate = status.ClientCertificateData is not null && status.ClientKeyData is not null;
        return status.Token is not null || hasCertificate
            ? status
            : throw new ConfigurationException(
                $"credential plugin {plugin} printed neither a token nor a certificate with its key"
            );
    }
}
