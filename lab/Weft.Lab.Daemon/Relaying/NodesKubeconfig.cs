using System.Net;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weft.Lab.Daemon.Relaying;

/// <summary>A kubeconfig that leads to the same API server by another address.</summary>
internal static class NodesKubeconfig
{
    private static readonly string[] Files = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

    /// <param name="source">The kubeconfig; its current context counts.</param>
    /// <param name="target">The file to write, whole or not at all.</param>
    /// <param name="address">Where the server is reached.</param>
    /// <param name="name">The server's own, which its certificate is for.</param>
    /// <exception cref="InvalidDataException">The source is no kubeconfig.</exception>
    public static void Write(string source, string target, IPEndPoint address, string name)
    {
        var document = Read(source);
        var directory = Path.GetDirectoryName(source)!;
        foreach (var cluster in Entries(document, "clusters", "cluster"))
        {
            cluster.Children["server"] = $"https://{address}";
            cluster.Children.TryAdd("tls-server-name", name);
            MakeAbsolute(cluster, directory);
        }

        foreach (var user in Entries(document, "users", "user"))
        {
            MakeAbsolute(user, directory);
        }

        var temporary = target + ".tmp";
        using (var writer = new StreamWriter(temporary))
        {
            new YamlStream(new YamlDocument(document)).Save(writer, assignAnchors: false);
        }

        File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(temporary, target, overwrite: true);
    }

    private static YamlMappingNode Read(string path)
    {
        try
        {
            var yaml = new YamlStream();
            using var reader = new StreamReader(path);
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? root
                : throw new InvalidDataException($"{path} is no kubeconfig");
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{path} is no kubeconfig: {e.Message}");
        }
    }

    private static IEnumerable<YamlMappingNode> Entries(YamlMappingNode document, string list, string entry) =>
        (document.Children.TryGetValue(list, out var found) ? found as YamlSequenceNode : null)
            ?.Children.OfType<YamlMappingNode>()
            .Select(item => item.Children.TryGetValue(entry, out var value) ? value as YamlMappingNode : null)
            .OfType<YamlMappingNode>()
        ?? [];

    /// <summary>Paths in a kubeconfig are relative to it.</summary>
    private static void MakeAbsolute(YamlMappingNode entry, string directory)
    {
        foreach (var key in Files)
        {
            if (entry.Children.TryGetValue(key, out var path) && path is YamlScalarNode { Value: { } text })
            {
                entry.Children[key] = Path.GetFullPath(text, directory);
            }
        }
    }
}
