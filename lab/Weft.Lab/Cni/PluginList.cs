using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Lab.Cni;

/// <summary>A network configuration list (CNI spec 1.1.0, section 1), and the file it is read from as runtimes do.</summary>
internal sealed record PluginList(JsonObject Json)
{
    private static readonly string[] Lists = [".conflist"];
    private static readonly string[] Singles = [".conf", ".json"];

    public string Name => (string?)Json["name"] ?? "";

    /// <summary>The newest of those the list offers, all of which the lab speaks.</summary>
    public string CniVersion =>
        (Json["cniVersions"]?.AsArray() ?? [])
            .Append(Json["cniVersion"]?.DeepClone())
            .Select(version => (string?)version)
            .MaxBy(version => Version.TryParse(version, out var parsed) ? parsed : new Version())
        ?? "0.1.0";

    public IReadOnlyList<JsonObject> Plugins =>
        [
            .. (Json["plugins"] ?? throw new JsonException("\"plugins\" is missing"))
                .AsArray()
                .Select(p => p!.AsObject()),
        ];

    /// <summary>A list of one plugin that needs no configuration.</summary>
    public static PluginList Of(string name, string plugin) =>
        new(
            new JsonObject
            {
                ["cniVersion"] = "1.1.0",
                ["name"] = name,
                ["plugins"] = new JsonArray(new JsonObject { ["type"] = plugin }),
            }
        );

    /// <summary>The first by name of the files in a directory. A file of one plugin counts as a list of one.</summary>
    /// <returns>Null when there is none yet.</returns>
    /// <exception cref="LabException">It is not what such a file has to be.</exception>
    public static PluginList? Find(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return null;
        }

        var file = Directory
            .EnumerateFiles(directory)
            .Where(f => Lists.Concat(Singles).Contains(Path.GetExtension(f)))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
        return file is null ? null : Read(file);
    }

    private static PluginList Read(string file)
    {
        try
        {
            var json = (JsonNode.Parse(File.ReadAllText(file)) ?? throw new JsonException("it is null")).AsObject();
            var list = Lists.Contains(Path.GetExtension(file))
                ? new PluginList(json)
                : new PluginList(
                    new JsonObject
                    {
                        ["cniVersion"] = json["cniVersion"]?.DeepClone(),
                        ["name"] = json["name"]?.DeepClone(),
                        ["plugins"] = new JsonArray(json.DeepClone()),
                    }
                );
            return list.Plugins.Count > 0 ? list : throw new JsonException("\"plugins\" is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new LabException($"{file} is no CNI configuration: {e.Message}");
        }
    }
}
