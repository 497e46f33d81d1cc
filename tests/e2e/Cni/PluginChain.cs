using System.Text.Json.Nodes;

namespace Weft.Tests.Cni;

/// <summary>
/// Weft with plugins after it, called as libcni calls a list: ADD in order, each told what the one before it made; CHECK
/// in order and DEL in reverse order with what the last one made.
/// </summary>
internal sealed class PluginChain(NodeUnderTest node, Container pod, params JsonObject[] others)
{
    /// <summary>The newest version that Debian 12's plugins speak.</summary>
    private const string Version = "1.0.0";
    private const string Folder = "/usr/lib/cni";

    private JsonNode? result;

    /// <summary>What the last plugin printed.</summary>
    public JsonNode Result => result!;

    private IEnumerable<JsonObject> Plugins => [Weft, .. others];

    /// <summary>As docs/configuration.md says: with the bandwidth plugin in the list, Weft's entry has its capability.</summary>
    private JsonObject Weft
    {
        get
        {
            var weft = new JsonObject { ["type"] = "weft-cni" };
            if (others.Any(plugin => plugin["type"]!.GetValue<string>() == "bandwidth"))
            {
                weft["capabilities"] = new JsonObject { ["bandwidth"] = true };
            }

            return weft;
        }
    }

    public void Add()
    {
        foreach (var plugin in Plugins)
        {
            result = JsonNode.Parse(Call("ADD", plugin).Succeeded().Output);
        }
    }

    /// <param name="but">A plugin to leave out: Debian 12's portmap looks for IPv4's rules among IPv6's.</param>
    public void Check(string? but = null)
    {
        foreach (var plugin in Plugins.Where(plugin => plugin["type"]!.GetValue<string>() != but))
        {
            Call("CHECK", plugin).SucceededSilently();
        }
    }

    public void Del()
    {
        foreach (var plugin in Plugins.Reverse())
        {
            Call("DEL", plugin).SucceededSilently();
        }
    }

    private PluginAnswer Call(string verb, JsonObject plugin)
    {
        var config = plugin.DeepClone().AsObject();
        config["cniVersion"] = Version;
        config["name"] = "weft";
        if (result is not null)
        {
            config["prevResult"] = result.DeepClone();
        }

        var type = plugin["type"]!.GetValue<string>();
        var program = type == "weft-cni" ? PluginBinary.Location : Path.Combine(Folder, type);
        Assert.True(File.Exists(program), $"{program} is missing: run `make setup`");
        return node.Run(program, pod.Variables(verb), config.ToJsonString());
    }
}
