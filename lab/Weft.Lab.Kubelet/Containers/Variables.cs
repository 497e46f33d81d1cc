using System.Text;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Containers;

/// <summary>A container's environment variables, and $(NAME) in its command.</summary>
internal static class Variables
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <param name="pod">Whose fields valueFrom means.</param>
    /// <param name="container">The container.</param>
    /// <param name="node">The node's addresses.</param>
    /// <param name="addresses">The pod's addresses.</param>
    /// <exception cref="LabException">A variable is meant to come from where the lab has nothing.</exception>
    public static IReadOnlyDictionary<string, string> Of(
        Pod pod,
        Container container,
        IReadOnlyList<string> node,
        IReadOnlyList<string> addresses
    )
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = DefaultPath,
            ["HOME"] = "/root",
            ["HOSTNAME"] = pod.Metadata.Name!,
        };
        foreach (var variable in container.Env ?? [])
        {
            variables[variable.Name] = variable.ValueFrom is { } source
                ? FromField(source.FieldRef?.FieldPath, pod, node, addresses)
                : Expand(variable.Value ?? "", variables);
        }

        return variables;
    }

    /// <summary>$(NAME) is the variable's value if there is one, $$ is a dollar sign; everything else stays.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is > 0 and var end)
            {
                var reference = text[i..(end + 1)];
                result.Append(variables.GetValueOrDefault(reference[2..^1], reference));
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    private static string FromField(
        string? path,
        Pod pod,
        IReadOnlyList<string> node,
        IReadOnlyList<string> addresses
    ) =>
        path switch
        {
            "metadata.name" => pod.Metadata.Name!,
            "metadata.namespace" => pod.Metadata.Namespace!,
            "metadata.uid" => pod.Metadata.Uid!,
            "spec.nodeName" => pod.Spec!.NodeName!,
            "spec.serviceAccountName" => pod.Spec!.ServiceAccountName ?? "default",
            "status.hostIP" => node[0],
            "status.hostIPs" => string.Join(',', node),
            "status.podIP" => addresses[0],
            "status.podIPs" => string.Join(',', addresses),
            _ when Key(path, "metadata.labels") is { } key => pod.Metadata.Labels?.GetValueOrDefault(key) ?? "",
            _ when Key(path, "metadata.annotations") is { } key => pod.Metadata.Annotations?.GetValueOrDefault(key)
                ?? "",
            null => throw new LabException("of valueFrom, the lab has only fieldRef: write the variable's value"),
            _ => throw new LabException($"the field {path} is not there for variables"),
        };

    private static string? Key(string? path, string map) =>
        path?.StartsWith($"{map}['", StringComparison.Ordinal) == true && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(map.Length + 2)..^2]
            : null;
}
