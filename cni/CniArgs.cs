using Weft.Contracts;

namespace Weft.Cni;

/// <summary>CNI_ARGS: `K=V;K=V`, in any order.</summary>
/// <param name="Pod">K8S_POD_NAMESPACE, K8S_POD_NAME and K8S_POD_UID, when the runtime is Kubernetes'.</param>
/// <param name="Ip">Comma-separated addresses to give.</param>
/// <param name="Mac">MAC to give.</param>
internal sealed record CniArgs(PodReference? Pod, string? Ip, string? Mac)
{
    public static CniArgs Parse(string? text)
    {
        string? podNamespace = null;
        string? podName = null;
        string? podUid = null;
        string? ip = null;
        string? mac = null;
        string? ignoreUnknown = null;
        List<string> unknown = [];

        foreach (var pair in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                throw Invalid($"\"{pair}\" is not of the form KEY=VALUE");
            }

            var value = pair[(equals + 1)..];
            switch (pair[..equals])
            {
                case "K8S_POD_NAMESPACE":
                    podNamespace = value;
                    break;
                case "K8S_POD_NAME":
                    podName = value;
                    break;
                case "K8S_POD_UID":
                    podUid = value;
                    break;
                case "K8S_POD_INFRA_CONTAINER_ID":
                    break;
                case "IP":
                    ip = value;
                    break;
                case "MAC":
                    mac = value;
                    break;
                case "IgnoreUnknown":
                    ignoreUnknown = value;
                    break;
                default:
                    unknown.Add(pair);
                    break;
            }
        }

        // Only now: IgnoreUnknown may stand anywhere in the list.
        return IsTrue(ignoreUnknown) || unknown.Count == 0
            ? new CniArgs(PodOf(podNamespace, podName, podUid), ip, mac)
            : throw Invalid($"unknown {string.Join(", ", unknown)}; remove it or add IgnoreUnknown=1");
    }

    private static PodReference? PodOf(string? podNamespace, string? name, string? uid) =>
        (string.IsNullOrEmpty(podNamespace), string.IsNullOrEmpty(name)) switch
        {
            (true, true) => null,
            (false, false) => new PodReference(podNamespace!, name!, string.IsNullOrEmpty(uid) ? null : uid),
            (true, _) => throw Invalid("K8S_POD_NAME is given without K8S_POD_NAMESPACE"),
            _ => throw Invalid("K8S_POD_NAMESPACE is given without K8S_POD_NAME"),
        };

    private static bool IsTrue(string? value) =>
        value?.ToUpperInvariant() switch
        {
            "1" or "TRUE" => true,
            null or "" or "0" or "FALSE" => false,
            _ => throw Invalid($"IgnoreUnknown=\"{value}\" must be 1 or 0"),
        };

    private static CniException Invalid(string complaint) =>
        new(CniErrorCode.InvalidEnvironment, $"CNI_ARGS: {complaint}");
}
