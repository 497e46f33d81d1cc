using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Weft.Tests.EndToEnd.Runtime;

/// <summary>A container image from files of this machine, as a docker-archive: what `docker save` writes.</summary>
internal static class ImageArchive
{
    /// <summary>busybox with its applets as the image's only programs, and a page for its web server.</summary>
    public static void Write(string path, string name, string busybox, string page) =>
        Write(path, name, Layer(busybox, page), new JsonObject { ["Env"] = new JsonArray("PATH=/bin") });

    /// <summary>The files of a folder, as they are.</summary>
    public static void Write(string path, string name, string folder, JsonObject config)
    {
        using var layer = new MemoryStream();
        TarFile.CreateFromDirectory(folder, layer, includeBaseDirectory: false);
        Write(path, name, layer.ToArray(), config);
    }

    private static void Write(string path, string name, byte[] layer, JsonObject settings)
    {
        var config = Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
                ["os"] = "linux",
                ["config"] = settings,
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(layer)) },
            }.ToJsonString()
        );
        var manifest = new JsonArray(
            new JsonObject
            {
                ["Config"] = "config.json",
                ["RepoTags"] = new JsonArray(name),
                ["Layers"] = new JsonArray("layer.tar"),
            }
        );
        using var archive = new TarWriter(File.Create(path));
        Add(archive, "config.json", config);
        Add(archive, "layer.tar", layer);
        Add(archive, "manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    private static byte[] Layer(string busybox, string page)
    {
        using var bytes = new MemoryStream();
        using (var layer = new TarWriter(bytes, leaveOpen: true))
        {
            Add(layer, "bin/busybox", File.ReadAllBytes(busybox));
            foreach (var applet in new[] { "httpd", "ip", "ping", "sh", "sleep", "wget" })
            {
                layer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            }

            Add(layer, "www/page", Encoding.UTF8.GetBytes(page));
        }

        return bytes.ToArray();
    }

    private static void Add(TarWriter archive, string name, byte[] content)
    {
        const UnixFileMode Everyone =
            UnixFileMode.UserRead
            | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;
        using var data = new MemoryStream(content);
        archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = Everyone });
    }

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
