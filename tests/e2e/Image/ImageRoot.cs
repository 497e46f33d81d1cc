using System.Text.Json.Nodes;
using Weft.Tests.EndToEnd.Lab;
using Weft.Tests.EndToEnd.Runtime;

namespace Weft.Tests.EndToEnd.Image;

/// <summary>The image's root file system, made by the script that the Dockerfile uses.</summary>
internal sealed class ImageRoot : IDisposable
{
    /// <summary>The image as containers of root see it.</summary>
    public const string Name = "docker.io/library/weft-image-test:1";

    /// <summary>The same under the operator's user.</summary>
    public const string NameForOperator = "docker.io/library/weft-image-test:operator";

    public ImageRoot() => WeftCommand.Run($"{WeftCommand.Repository}/scripts/image-root.sh", [Folder]).Succeeded();

    public string Folder { get; } = Directory.CreateTempSubdirectory("weft-image-").FullName;

    public void ImportTo(Containerd containerd)
    {
        containerd.Import(archive => ImageArchive.Write(archive, Name, Folder, []));
        containerd.Import(archive =>
            ImageArchive.Write(archive, NameForOperator, Folder, new JsonObject { ["User"] = "65532:65532" })
        );
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
