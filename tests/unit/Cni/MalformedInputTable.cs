using System.Collections.Frozen;

namespace Weft.Tests.Cni;

/// <summary>Malformed environments and configurations, by what is wrong. Each differs from a good call in that alone.</summary>
public static class MalformedInputTable
{
    public const string Attachments = "cni.dev/valid-attachments";

    private static readonly Dictionary<string, MalformedInput> Rows = new()
    {
        ["unknown command"] = Env(4, ["CNI_COMMAND", "FROB"], ("CNI_COMMAND", "FROB")),
        ["command in lower case"] = Env(4, ["CNI_COMMAND", "add"], ("CNI_COMMAND", "add")),
        ["no container id"] = Env(4, ["CNI_CONTAINERID"], ("CNI_CONTAINERID", null)),
        ["empty container id"] = Env(4, ["CNI_CONTAINERID"], ("CNI_CONTAINERID", "")),
        ["container id starts with a dot"] = Env(4, ["CNI_CONTAINERID", ".a"], ("CNI_CONTAINERID", ".a")),
        ["container id starts with a dash"] = Env(4, ["CNI_CONTAINERID", "-a"], ("CNI_CONTAINERID", "-a")),
        ["container id with a slash"] = Env(4, ["CNI_CONTAINERID", "a/b"], ("CNI_CONTAINERID", "a/b")),
        ["container id with a space"] = Env(4, ["CNI_CONTAINERID", "a b"], ("CNI_CONTAINERID", "a b")),
        ["container id with a letter beyond ASCII"] = Env(4, ["CNI_CONTAINERID", "é"], ("CNI_CONTAINERID", "é")),
        ["no netns"] = Env(4, ["CNI_NETNS"], ("CNI_NETNS", null)),
        ["no interface name"] = Env(4, ["CNI_IFNAME"], ("CNI_IFNAME", null)),
        ["three variables missing"] = Env(
            4,
            ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
            ("CNI_CONTAINERID", null),
            ("CNI_NETNS", ""),
            ("CNI_IFNAME", null)
        ),
        ["CHECK without netns"] = Env(4, ["CHECK", "CNI_NETNS"], ("CNI_COMMAND", "CHECK"), ("CNI_NETNS", null)),
        ["DEL without container id and interface"] = Env(
            4,
            ["DEL", "CNI_CONTAINERID", "CNI_IFNAME"],
            ("CNI_COMMAND", "DEL"),
            ("CNI_CONTAINERID", null),
            ("CNI_IFNAME", null)
        ),
        ["interface name of 16 bytes"] = Env(4, ["CNI_IFNAME", "abcdefghijklmnop"], ("CNI_IFNAME", "abcdefghijklmnop")),
        ["interface name of one dot"] = Env(4, ["CNI_IFNAME", "\".\""], ("CNI_IFNAME", ".")),
        ["interface name of two dots"] = Env(4, ["CNI_IFNAME", "\"..\""], ("CNI_IFNAME", "..")),
        ["interface name with a slash"] = Env(4, ["CNI_IFNAME", "e/0"], ("CNI_IFNAME", "e/0")),
        ["interface name with a colon"] = Env(4, ["CNI_IFNAME", "eth0:1"], ("CNI_IFNAME", "eth0:1")),
        ["interface name with a space"] = Env(4, ["CNI_IFNAME", "eth 0"], ("CNI_IFNAME", "eth 0")),
        ["interface name with a tab"] = Env(4, ["CNI_IFNAME"], ("CNI_IFNAME", "eth\t0")),
        ["args with an unknown key"] = Env(4, ["CNI_ARGS", "FOO=1"], ("CNI_ARGS", "K8S_POD_UID=u;FOO=1")),
        ["args with an unknown key not ignored"] = Env(4, ["FOO=1"], ("CNI_ARGS", "FOO=1;IgnoreUnknown=0")),
        ["args without an equals sign"] = Env(4, ["CNI_ARGS", "K8S_POD_NAME"], ("CNI_ARGS", "K8S_POD_NAME")),
        ["args without a key"] = Env(4, ["CNI_ARGS", "=x"], ("CNI_ARGS", "=x")),
        ["args with a bad IgnoreUnknown"] = Env(4, ["IgnoreUnknown", "perhaps"], ("CNI_ARGS", "IgnoreUnknown=perhaps")),
        ["args with a pod but no namespace"] = Env(4, ["K8S_POD_NAMESPACE"], ("CNI_ARGS", "K8S_POD_NAME=p")),
        ["args with a namespace but no pod"] = Env(4, ["K8S_POD_NAME"], ("CNI_ARGS", "K8S_POD_NAMESPACE=n")),
        ["args with a bad IP"] = Env(4, ["CNI_ARGS", "10.0.0.256"], ("CNI_ARGS", "IP=10.0.0.1,10.0.0.256")),
        ["args with a bad MAC"] = Env(4, ["CNI_ARGS", "02:00:00"], ("CNI_ARGS", "MAC=02:00:00")),
        ["args with a multicast MAC"] = Env(4, ["01:00:5e:00:00:01"], ("CNI_ARGS", "MAC=01:00:5e:00:00:01")),
        ["netns missing"] = Env(8, ["CNI_NETNS", "/nonexistent/netns"], ("CNI_NETNS", "/nonexistent/netns")),
        ["netns is a plain file"] = Env(8, ["CNI_NETNS", "/proc/self/exe"], ("CNI_NETNS", "/proc/self/exe")),
        ["netns is a folder"] = Env(8, ["CNI_NETNS", "/proc/self/ns"], ("CNI_NETNS", "/proc/self/ns")),
        ["netns of another kind"] = Env(8, ["CNI_NETNS", "/proc/self/ns/uts"], ("CNI_NETNS", "/proc/self/ns/uts")),
        ["netns is the plugin's own"] = Env(8, ["CNI_NETNS_OVERRIDE"], ("CNI_NETNS_OVERRIDE", null)),
        ["netns is the plugin's own, override off"] = Env(8, ["CNI_NETNS_OVERRIDE"], ("CNI_NETNS_OVERRIDE", "0")),

        ["empty input"] = Text(6, ["empty"], ""),
        ["no JSON"] = Text(6, ["standard input"], "hello"),
        ["JSON cut off"] = Text(6, ["standard input"], """{"cniVersion":"1.1.0","name":"""),
        ["JSON with something after it"] = Text(6, ["standard input"], "{} {}"),
        ["a list"] = Text(6, ["object", "Array"], "[]"),
        ["null"] = Text(6, ["object", "Null"], "null"),
        ["nesting too deep"] = Text(6, ["standard input"], new string('[', 2000)),

        ["no version"] = Conf(1, ["0.1.0", "0.3.1", "1.1.0"], ("cniVersion", null)),
        ["version 0.2.0"] = Conf(1, ["0.2.0", "0.3.1", "1.1.0"], ("cniVersion", "\"0.2.0\"")),
        ["version 0.3.0"] = Conf(1, ["0.3.0"], ("cniVersion", "\"0.3.0\"")),
        ["version of the future"] = Conf(1, ["2.0.0"], ("cniVersion", "\"2.0.0\"")),
        ["version is a number"] = Conf(7, ["cniVersion", "1.1"], ("cniVersion", "1.1")),
        ["CHECK below 0.4.0"] = Conf("CHECK", 1, ["CHECK", "0.4.0", "0.3.1"], ("cniVersion", "\"0.3.1\"")),
        ["STATUS below 1.1.0"] = Conf("STATUS", 1, ["STATUS", "1.1.0", "1.0.0"], ("cniVersion", "\"1.0.0\"")),
        ["GC below 1.1.0"] = Conf("GC", 1, ["GC", "1.1.0", "0.4.0"], ("cniVersion", "\"0.4.0\"")),
        ["no name"] = Conf(7, ["name"], ("name", null)),
        ["empty name"] = Conf(7, ["name"], ("name", "\"\"")),
        ["name with a slash"] = Conf(7, ["name", "a/b"], ("name", "\"a/b\"")),
        ["name starts with a dash"] = Conf(7, ["name", "-a"], ("name", "\"-a\"")),
        ["name is a list"] = Conf(7, ["name", "[]"], ("name", "[]")),
        ["name with half a surrogate pair"] = Conf(6, ["surrogate", "byte 29"], ("name", "\"\\ud800\"")),
        ["key with half a surrogate pair"] = Conf(6, ["surrogate"], ("\\udc00", "1")),
        ["socket is relative"] = Conf(7, ["agentSocket", "run/x"], ("agentSocket", "\"run/x\"")),
        ["socket is empty"] = Conf(7, ["agentSocket"], ("agentSocket", "\"\"")),
        ["socket is too long"] = Conf(7, ["agentSocket", "107"], ("agentSocket", $"\"/{new string('s', 107)}\"")),
        ["socket is a number"] = Conf(7, ["agentSocket", "5"], ("agentSocket", "5")),
        ["a misspelt key"] = Conf(2, ["agentSoket", "/x.sock"], ("agentSoket", "\"/x.sock\"")),
        ["an unknown key for STATUS"] = Conf("STATUS", 2, ["mtu", "1400"], ("mtu", "1400")),
        ["ipam"] = Conf(2, ["ipam", "host-local"], ("ipam", """{"type":"host-local"}""")),
        ["ipam is text"] = Conf(7, ["ipam", "weft"], ("ipam", "\"weft\"")),
        ["ipMasq"] = Conf(2, ["ipMasq", "true"], ("ipMasq", "true")),
        ["dns is a list"] = Conf(7, ["dns", "object"], ("dns", "[]")),
        ["dns with an unknown key"] = Conf(2, ["dns.servers"], ("dns", """{"servers":[]}""")),
        ["dns server is a name"] = Conf(7, ["dns.nameservers[1]", "a.b"], ("dns", """{"nameservers":["::1","a.b"]}""")),
        ["dns search is text"] = Conf(7, ["dns.search", "list"], ("dns", """{"search":"a"}""")),
        ["dns option is a number"] = Conf(7, ["dns.options[0]", "2"], ("dns", """{"options":[2]}""")),
        ["requested IP is a number"] = Conf(7, ["runtimeConfig.ips[0]", "7"], ("runtimeConfig", """{"ips":[7]}""")),
        ["requested IPs are text"] = Conf(
            7,
            ["runtimeConfig.ips", "list"],
            ("runtimeConfig", """{"ips":"10.0.0.1"}""")
        ),
        ["requested IP is none"] = Conf(7, ["args.cni.ips[0]", "x"], ("args", """{"cni":{"ips":["x"]}}""")),
        ["requested MAC is none"] = Conf(7, ["runtimeConfig.mac", "zz"], ("runtimeConfig", """{"mac":"zz"}""")),
        ["requested MAC is zero"] = Conf(
            7,
            ["args.cni.mac", "00:00:00:00:00:00"],
            ("args", """{"cni":{"mac":"00:00:00:00:00:00"}}""")
        ),
        ["runtimeConfig is a list"] = Conf(7, ["runtimeConfig", "object"], ("runtimeConfig", "[]")),
        ["args is text"] = Conf(7, ["args", "object"], ("args", "\"x\"")),

        ["prevResult is text"] = Conf(7, ["prevResult", "object"], ("prevResult", "\"x\"")),
        ["prevResult of an unknown version"] = Conf(
            7,
            ["prevResult.cniVersion", "0.2.0"],
            ("prevResult", """{"cniVersion":"0.2.0"}""")
        ),
        ["prevResult with a nameless interface"] = Conf(
            7,
            ["prevResult.interfaces[0]", "name"],
            ("prevResult", """{"interfaces":[{"mac":"x"}]}""")
        ),
        ["prevResult with a bad index"] = Conf(
            7,
            ["prevResult.ips[0].interface", "2"],
            ("prevResult", """{"interfaces":[{"name":"a"}],"ips":[{"address":"10.0.0.1/24","interface":2}]}""")
        ),
        ["prevResult with a bad address"] = Conf(
            7,
            ["prevResult.ips[0].address", "10.0.0.1"],
            ("prevResult", """{"ips":[{"address":"10.0.0.1"}]}""")
        ),
        ["prevResult with a bad gateway"] = Conf(
            7,
            ["prevResult.ips[0].gateway", "gw"],
            ("prevResult", """{"ips":[{"address":"10.0.0.1/24","gateway":"gw"}]}""")
        ),
        ["prevResult with a route to nowhere"] = Conf(
            7,
            ["prevResult.routes[0]", "dst"],
            ("prevResult", """{"routes":[{}]}""")
        ),
        ["prevResult with our interface"] = Conf(
            100,
            ["prevResult", "eth0"],
            ("prevResult", """{"interfaces":[{"name":"eth0","sandbox":"/proc/self/ns/net"}]}""")
        ),
        ["CHECK without prevResult"] = Conf("CHECK", 7, ["prevResult"]),
        ["CHECK with prevResult null"] = Conf("CHECK", 7, ["prevResult"], ("prevResult", "null")),
        ["CHECK with our interface not listed"] = Conf("CHECK", 7, ["prevResult", "eth0"], ("prevResult", "{}")),

        ["GC without a list"] = Conf("GC", 7, [Attachments]),
        ["GC with text for a list"] = Conf("GC", 7, [Attachments, "list"], (Attachments, "\"x\"")),
        ["GC with an entry of text"] = Conf("GC", 7, [$"{Attachments}[0]", "object"], (Attachments, "[\"x\"]")),
        ["GC with an entry of no id"] = Conf(
            "GC",
            7,
            [$"{Attachments}[0]", "containerID"],
            (Attachments, """[{"ifname":"eth0"}]""")
        ),
        ["GC with an entry of no interface"] = Conf("GC", 7, ["ifname"], (Attachments, """[{"containerID":"a"}]""")),
        ["GC with a bad id"] = Conf(
            "GC",
            7,
            [$"{Attachments}[1].containerID", "../b"],
            (Attachments, """[{"containerID":"a","ifname":"eth0"},{"containerID":"../b","ifname":"eth0"}]""")
        ),
        ["GC with a bad interface"] = Conf("GC", 7, ["e/0"], (Attachments, """[{"containerID":"a","ifname":"e/0"}]""")),
    };

    public static FrozenDictionary<string, MalformedInput> All { get; } = Rows.ToFrozenDictionary();

    public static TheoryData<string> Wrongs => [.. Rows.Keys];

    /// <summary>A configuration of raw JSON values by key; null takes a key away.</summary>
    public static string Config(params (string Key, string? Json)[] changes)
    {
        var members = new Dictionary<string, string?>
        {
            ["cniVersion"] = "\"1.1.0\"",
            ["name"] = "\"weft\"",
            ["type"] = "\"weft-cni\"",
            ["agentSocket"] = "\"/nonexistent/agent.sock\"",
        };
        foreach (var (key, json) in changes)
        {
            members[key] = json;
        }

        return "{"
            + string.Join(',', members.Where(m => m.Value is not null).Select(m => $"\"{m.Key}\":{m.Value}"))
            + "}";
    }

    /// <summary>The environment of a call; null takes a variable away.</summary>
    public static Dictionary<string, string> Environment(string verb, params (string Name, string? Value)[] changes)
    {
        var variables = new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = "c0ffee",
            ["CNI_NETNS"] = "/proc/self/ns/net",
            ["CNI_NETNS_OVERRIDE"] = "1",
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = "/opt/cni/bin",
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                variables.Remove(name);
            }
            else
            {
                variables[name] = value;
            }
        }

        return variables;
    }

    private static MalformedInput Env(int code, string[] names, params (string, string?)[] changes) =>
        new(code, names, Environment("ADD", changes), Config());

    private static MalformedInput Text(int code, string[] names, string text) =>
        new(code, names, Environment("ADD"), text);

    private static MalformedInput Conf(int code, string[] names, params (string, string?)[] changes) =>
        Conf("ADD", code, names, changes);

    private static MalformedInput Conf(string verb, int code, string[] names, params (string, string?)[] changes) =>
        new(code, names, Environment(verb), Config(changes));
}
