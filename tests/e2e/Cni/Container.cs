using System.Security.Cryptography;
using System.Text.Json;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Tests.Cni;

/// <summary>A container as a runtime knows it: an ID, a network namespace, and the result of its ADD.</summary>
internal sealed class Container : IDisposable
{
    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/sbin:/usr/bin" };

    private readonly NodeUnderTest node;
    private NetworkNamespace? network;

    public Container(NodeUnderTest node)
    {
        this.node = node;
        Id = new AttachmentId(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), "eth0");
        NetnsPath = $"{node.Netns}/{Id.ContainerId[..16]}";
        network = NetworkNamespace.Create();
        network.PinTo(NetnsPath);
        Inside("ip", "link", "set", "lo", "up");
    }

    public AttachmentId Id { get; }

    public string NetnsPath { get; }

    public string HostInterface => Contracts.HostInterface.NameOf(Id);

    /// <summary>What ADD printed; null before.</summary>
    public PluginAnswer? Result { get; private set; }

    public JsonElement Json => Result!.Json;

    /// <summary>Addresses of the result without prefix lengths, IPv4 first.</summary>
    public string[] Addresses =>
        [.. Json.GetProperty("ips").EnumerateArray().Select(ip => Text(ip, "address").Split('/')[0])];

    public string[] Gateways => [.. Json.GetProperty("ips").EnumerateArray().Select(ip => Text(ip, "gateway"))];

    /// <summary>ADD that must succeed.</summary>
    public Container Added(params (string, string?)[] changes)
    {
        Result = Add(changes).Succeeded();
        return this;
    }

    public PluginAnswer Add(params (string, string?)[] changes) => Call("ADD", [], changes);

    /// <summary>As a runtime that has the result does; without one, as after a failed ADD.</summary>
    public PluginAnswer Del(params (string, string?)[] changes) => Call("DEL", [], WithResult(changes));

    public PluginAnswer Check(params (string, string?)[] changes) => Call("CHECK", [], WithResult(changes));

    /// <summary>Calls the plugin with changed variables of the environment and changed keys of the configuration.</summary>
    public PluginAnswer Call(string verb, (string, string?)[] variables, (string, string?)[] changes) =>
        node.Run(PluginBinary.Location, Variables(verb, variables), Configuration(changes));

    public Dictionary<string, string> Variables(string verb, params (string, string?)[] changes) =>
        MalformedInputTable.Environment(
            verb,
            [
                ("CNI_CONTAINERID", Id.ContainerId),
                ("CNI_IFNAME", Id.IfName),
                ("CNI_NETNS", NetnsPath),
                ("CNI_NETNS_OVERRIDE", null),
                ("CNI_PATH", "/usr/lib/cni"),
                ("PATH", "/usr/sbin:/usr/bin"),
                .. changes,
            ]
        );

    public static string Configuration(params (string, string?)[] changes) =>
        MalformedInputTable.Config([("agentSocket", null), .. changes]);

    /// <summary>What a command run in the container's network prints, after making sure that it succeeded.</summary>
    public string Inside(params string[] command) => TryInside(command).Succeeded().Output;

    public PluginAnswer TryInside(params string[] command) =>
        PluginBinary.Run("nsenter", [$"--net={NetnsPath}", .. command], Environment, "");

    public bool Reaches(string address) => TryInside("ping", "-c", "1", "-W", "2", address).ExitCode == 0;

    /// <summary>True when it has the result's addresses on its link and reaches the node by them.</summary>
    public bool Works() =>
        Addresses.All(address =>
            Inside("ip", "address", "show", Id.IfName).Contains($" {address}/", StringComparison.Ordinal)
        ) && Gateways.All(Reaches);

    /// <summary>Ends its namespace, without a word to the plugin.</summary>
    public void DestroyNamespace()
    {
        network?.Dispose();
        network = null;
        NetworkNamespace.Unpin(NetnsPath);
    }

    public void Dispose() => DestroyNamespace();

    private (string, string?)[] WithResult((string, string?)[] changes) => [("prevResult", Result?.Output), .. changes];

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;
}
