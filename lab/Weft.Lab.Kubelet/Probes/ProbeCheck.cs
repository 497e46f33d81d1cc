using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Containers;
using Weft.Lab.Linux;

namespace Weft.Lab.Kubelet.Probes;

/// <summary>Asks a container once. Requests and connections come from the node, where this process is.</summary>
internal static class ProbeCheck
{
    private const int SigKill = 9;

    // As the real one: a new connection each time, no redirect followed.
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
#pragma warning disable CA5359 // A probe asks whether somebody answers, not who (Kubernetes' documentation of probes).
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        }
    );

    /// <returns>What is wrong, or null.</returns>
    public static async Task<string?> RunAsync(
        Probe probe,
        Pod pod,
        Container container,
        ContainerPlace place,
        CancellationToken cancel
    )
    {
        var patience = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            return probe switch
            {
                { HttpGet: { } get } => await HttpAsync(get, container, place, limit.Token),
                { TcpSocket: { } socket } => await TcpAsync(socket, container, place, limit.Token),
                { Exec: { Command: { Count: > 0 } command } } => await ExecAsync(
                    command,
                    pod,
                    container,
                    place,
                    limit.Token
                ),
                _ => "the lab has probes of the kinds httpGet, tcpSocket and exec",
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"no answer within {patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s";
        }
        catch (Exception e)
            when (e
                    is HttpRequestException
                        or SocketException
                        or LabException
                        or SystemCallException
                        or UriFormatException
            )
        {
            return e.Message;
        }
    }

    private static async Task<string?> HttpAsync(
        HttpGetAction get,
        Container container,
        ContainerPlace place,
        CancellationToken cancel
    )
    {
        const int FirstFailure = 400;
        var path = get.Path is null or "" ? "/" : get.Path;
        var host = Bracketed(get.Host is null or "" ? place.PodAddresses[0] : get.Host);
        var uri = new Uri(
            $"{get.Scheme ?? "http"}://{host}:{PortOf(get.Port, container)}{(path[0] == '/' ? "" : "/")}{path}"
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kube-probe", "weft-lab"));
        request.Headers.ConnectionClose = true;
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return (int)response.StatusCode < FirstFailure ? null : $"HTTP status {(int)response.StatusCode}";
    }

    private static async Task<string?> TcpAsync(
        TcpSocketAction action,
        Container container,
        ContainerPlace place,
        CancellationToken cancel
    )
    {
        using var client = new TcpClient();
        var host = action.Host is null or "" ? place.PodAddresses[0] : action.Host;
        await client.ConnectAsync(host, PortOf(action.Port, container), cancel);
        return null;
    }

    private static async Task<string?> ExecAsync(
        IReadOnlyList<string> command,
        Pod pod,
        Container container,
        ContainerPlace place,
        CancellationToken cancel
    )
    {
        using var process = await Task.Run(() => ContainerStart.Beside(place, pod, container, command), cancel);
        try
        {
            var exitCode = await process.Ended.WaitAsync(cancel);
            return exitCode == 0 ? null : $"{command[0]} ended with exit code {exitCode}";
        }
        catch (OperationCanceledException)
        {
            process.Signal(SigKill);
            throw;
        }
    }

    private static int PortOf(IntOrString port, Container container) =>
        port.Text is not { } name ? port.Number
        : int.TryParse(name, CultureInfo.InvariantCulture, out var number) ? number
        : container.Ports?.FirstOrDefault(p => p.Name == name)?.Port
            ?? throw new LabException($"container {container.Name} has no port named {name}");

    private static string Bracketed(string host) => host.Contains(':') ? $"[{host}]" : host;
}
