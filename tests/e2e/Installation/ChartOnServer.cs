using System.Net;
using System.Net.Sockets;
using Weft.Tests.EndToEnd.Contract;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Installation;

/// <summary>
/// The chart's manifests, as the golden files have them, applied to a real API server, with a definition in the place of
/// each kind of the Prometheus operator.
/// </summary>
internal sealed class ChartOnServer : IDisposable
{
    private readonly RealServer server;
    private readonly string folder = Directory.CreateTempSubdirectory("weft-chart-").FullName;

    public ChartOnServer(RealServer server)
    {
        this.server = server;
        Kubectl(
            "apply",
            "-f",
            Write(
                "definitions.yaml",
                $"{Definition("ServiceMonitor", "servicemonitors")}---\n{Definition("PrometheusRule", "prometheusrules")}"
            )
        );
        Kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=120s");
    }

    public static string Golden(string name) => $"{WeftCommand.Repository}/tests/unit/Chart/Golden/{name}.yaml";

    public string Kubectl(params string[] arguments) =>
        WeftCommand.Run("kubectl", ["--kubeconfig", server.Kubeconfig, .. arguments]).Succeeded();

    /// <summary>The file's path, which goes with this.</summary>
    public string Write(string name, string text)
    {
        var path = $"{folder}/{name}";
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A kubeconfig of a component's service account, with a token as its pod has it.</summary>
    public string KubeconfigOf(string component, string kubeconfig)
    {
        var token = Kubectl("--namespace", "kube-system", "create", "token", component);
        var copy = $"{folder}/{component}.kubeconfig";
        File.Copy(kubeconfig, copy, overwrite: true);
        foreach (var words in new[] { "set-credentials chart --token " + token, "set-context --current --user chart" })
        {
            WeftCommand.Run("kubectl", ["--kubeconfig", copy, "config", .. words.Split(' ')]).Succeeded();
        }

        return copy;
    }

    /// <summary>A port that nobody listened at a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Definition(string kind, string plural) =>
        $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: {{plural}}.monitoring.coreos.com
            spec:
              group: monitoring.coreos.com
              scope: Namespaced
              names: {kind: {{kind}}, plural: {{plural}}}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true

            """;
}
