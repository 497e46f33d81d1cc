using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Manifests of the pods of a <see cref="ServiceLab"/>.</summary>
internal static class ServicePods
{
    /// <summary>A server with labels app=APP and pod=NAME.</summary>
    public static string Server(string name, int node, string app = "both", int port = ServiceLab.TargetPort) =>
        Pod(name, node, WeftCommand.Path, "probe", "serve", "--port", $"{port}", "--name", name)
            .Replace("labels: {}", $"labels: {{app: {app}, pod: {name}}}", StringComparison.Ordinal);

    /// <summary>A pod that only waits, whose sockets are left alone if so wished.</summary>
    public static string Client(string name, int node, bool isApart = false)
    {
        var pod = Pod(name, node, "sleep", "infinity");
        return isApart ? Annotated(pod) : pod;
    }

    /// <summary>The pod with one more field of its container.</summary>
    public static string WithContainer(string pod, string field) =>
        pod.Replace("    image: host", $"    image: host\n    {field}", StringComparison.Ordinal);

    /// <summary>The pod with one more field of its spec.</summary>
    public static string WithSpec(string pod, string field) =>
        pod.Replace("  nodeName:", $"  {field}\n  nodeName:", StringComparison.Ordinal);

    /// <summary>
    /// Four servers with a label app=NAME. One that is to end goes on for a while, as servers have to: nodes hear of it
    /// at the same time as the server does.
    /// </summary>
    public static string Deployment(string name) =>
        $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{name}}
              namespace: {{ServiceLab.Namespace}}
            spec:
              replicas: 4
              selector: {matchLabels: {app: {{name}} } }
              template:
                metadata: {labels: {app: {{name}} } }
                spec:
                  terminationGracePeriodSeconds: 30
                  containers:
                  - name: main
                    image: host
                    command:
                    - sh
                    - -c
                    - "{{WeftCommand.Path}} probe serve --port {{ServiceLab.TargetPort}} & server=$!; trap 'sleep 3; kill $server' TERM; wait; wait"
                    readinessProbe: {tcpSocket: {port: {{ServiceLab.TargetPort}}}, periodSeconds: 1}
            """;

    private static string Pod(string name, int node, params string[] command) =>
        $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{name}}
              namespace: {{ServiceLab.Namespace}}
              labels: {}
            spec:
              nodeName: node{{node}}
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: host
                command: [{{string.Join(", ", command.Select(word => $"\"{word}\""))}}]
            """;

    private static string Annotated(string pod) =>
        pod.Replace(
            "  labels: {}",
            "  labels: {}\n  annotations: {weft.dev/socket-lb: \"false\"}",
            StringComparison.Ordinal
        );
}
