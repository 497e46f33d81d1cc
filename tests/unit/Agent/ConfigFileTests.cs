using System.Net;
using System.Text;
using Weft.Agent.Configuration;
using Weft.Configuration;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class ConfigFileTests
{
    private const string Least = """ "nodeName": "n1", "podCidrs": ["10.244.1.0/24"] """;

    [Fact]
    public void Two_keys_are_enough_and_the_others_have_defaults()
    {
        var settings = Parse(Least);
        Assert.Equal("n1", settings.NodeName);
        Assert.Equal([Prefix.Parse("10.244.1.0/24")], settings.PodCidrs);
        Assert.Equal(RoutingMode.Vxlan, settings.RoutingMode);
        Assert.Equal(8472, settings.TunnelPort);
        Assert.Null(settings.Devices);
        Assert.Null(settings.Mtu);
        Assert.True(settings.Masquerade);
        Assert.Equal(new PortRange(1024, 29999), settings.MasqueradePorts);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.AddressCoolDown);
        Assert.Null(settings.PeersDirectory);
        Assert.Equal("/run/weft", settings.RunDirectory);
        Assert.Equal("/sys/fs/bpf/weft", settings.BpfDirectory);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 9968), settings.Listen);
    }

    [Fact]
    public void Every_key_is_taken_up()
    {
        var settings = ConfigFile.Parse(
            """
            {
              // Comments are allowed.
              "nodeName": "n2",
              "podCidrs": ["10.244.2.7/24", "fd00:10:244:2::/64", "10.99.0.0/30"],
              "routingMode": "vxlan",
              "tunnelPort": 4789,
              "devices": ["eth0", "eth1"],
              "mtu": 1400,
              "masquerade": true,
              "masqueradePorts": "2000-2999",
              "addressCoolDownSeconds": 0,
              "peersDirectory": "/etc/weft/nodes",
              "runDirectory": "/run/other",
              "bpfDirectory": "/sys/fs/bpf/other",
              "listen": "127.0.0.1:0"
            }
            """u8
        );
        Assert.Equal("n2", settings.NodeName);
        Assert.Equal(
            ["10.244.2.0/24", "fd00:10:244:2::/64", "10.99.0.0/30"],
            settings.PodCidrs.Select(prefix => prefix.ToString())
        );
        Assert.Equal(RoutingMode.Vxlan, settings.RoutingMode);
        Assert.Equal(4789, settings.TunnelPort);
        Assert.Equal(["eth0", "eth1"], settings.Devices);
        Assert.Equal(1400, settings.Mtu);
        Assert.True(settings.Masquerade);
        Assert.Equal(("2000-2999", 1000), (settings.MasqueradePorts.ToString(), settings.MasqueradePorts.Count));
        Assert.Equal(TimeSpan.Zero, settings.AddressCoolDown);
        Assert.Equal("/etc/weft/nodes", settings.PeersDirectory);
        Assert.Equal("/run/other", settings.RunDirectory);
        Assert.Equal("/sys/fs/bpf/other", settings.BpfDirectory);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), settings.Listen);
    }

    [Theory]
    [InlineData(""" "routingMode": "native" """)]
    [InlineData(""" "masquerade": false """)]
    [InlineData(""" "mtu": 1280 """)]
    [InlineData(""" "mtu": 65535, "tunnelPort": 65535, "addressCoolDownSeconds": 86400 """)]
    [InlineData(""" "masqueradePorts": "1-65535" """)]
    [InlineData(""" "mtu": null, "devices": null, "routingMode": null """)]
    public void What_is_just_inside_of_its_bounds_is_fine(string keys) => Parse($"{Least}, {keys}");

    [Theory]
    [InlineData("", "key \"nodeName\" is missing; give it, or start the agent with --node-name")]
    [InlineData(""" "nodeName": "n1" """, "key \"podCidrs\" is missing; give it, or \"kubernetes\"")]
    [InlineData(""" "nodeName": "", "podCidrs": ["10.0.0.0/24"] """, "\"nodeName\" is empty; give this node's name")]
    [InlineData(""" "nodeName": 1, "podCidrs": ["10.0.0.0/24"] """, "\"nodeName\" must be a text")]
    [InlineData(""" "nodeName": "n1", "podCidrs": "10.0.0.0/24" """, "\"podCidrs\" must be a list of texts")]
    [InlineData(""" "nodeName": "n1", "podCidrs": [5] """, "\"podCidrs\" must be a list of texts")]
    [InlineData(
        """ "nodeName": "n1", "podCidrs": [] """,
        "\"podCidrs\" is empty; give at least one prefix such as 10.244.1.0/24"
    )]
    [InlineData(
        """ "nodeName": "n1", "podCidrs": ["10.0.0.0"] """,
        "\"podCidrs\": \"10.0.0.0\" is not a prefix such as 10.244.1.0/24"
    )]
    [InlineData(
        """ "nodeName": "n1", "podCidrs": ["10.0.0.0/31"] """,
        "\"podCidrs\": 10.0.0.0/31 has no room for a pod; use /30 or shorter"
    )]
    [InlineData(
        """ "nodeName": "n1", "podCidrs": ["fd00::/127"] """,
        "\"podCidrs\": fd00::/127 has no room for a pod; use /126 or shorter"
    )]
    [InlineData(
        """ "nodeName": "n1", "podCidrs": ["10.0.0.0/8", "10.1.0.0/16"] """,
        "\"podCidrs\": 10.1.0.0/16 and 10.0.0.0/8 overlap; remove one of them"
    )]
    public void What_a_node_cannot_do_without_is_asked_for_by_name(string keys, string complaint) =>
        Assert.Equal(complaint, Refused($"{{{keys}}}"));

    [Theory]
    [InlineData(
        """ "listen": "::1" """,
        "\"listen\": \"::1\" is not an address and a port such as 127.0.0.1:9967, or [::]:9967 for all addresses"
    )]
    [InlineData(""" "routingMode": "tunnel" """, "\"routingMode\": \"tunnel\" is neither vxlan nor native")]
    [InlineData(""" "routingMode": "VXLAN" """, "\"routingMode\": \"VXLAN\" is neither vxlan nor native")]
    [InlineData(""" "routingMode": 1 """, "\"routingMode\" must be a text")]
    [InlineData(""" "tunnelPort": 0 """, "\"tunnelPort\": 0 is not between 1 and 65535")]
    [InlineData(""" "tunnelPort": 65536 """, "\"tunnelPort\": 65536 is not between 1 and 65535")]
    [InlineData(""" "tunnelPort": "8472" """, "\"tunnelPort\" must be a whole number")]
    [InlineData(""" "tunnelPort": 1.5 """, "\"tunnelPort\" must be a whole number")]
    [InlineData(""" "tunnelPort": 99999999999 """, "\"tunnelPort\" must be a whole number")]
    [InlineData(""" "devices": [] """, "\"devices\" is empty; name a device, or leave the key out")]
    [InlineData(""" "devices": [""] """, "\"devices\" has an empty name")]
    [InlineData(""" "devices": [null] """, "\"devices\" has an empty name")]
    [InlineData(""" "devices": ["e", "e"] """, "\"devices\" names one device twice; remove one of them")]
    [InlineData(""" "devices": "eth0" """, "\"devices\" must be a list of texts")]
    [InlineData(""" "mtu": 1279 """, "\"mtu\": 1279 is not between 1280 and 65535")]
    [InlineData(""" "mtu": true """, "\"mtu\" must be a whole number")]
    [InlineData(""" "masquerade": "yes" """, "\"masquerade\" must be true or false")]
    [InlineData(
        """ "masqueradePorts": "1024" """,
        "\"masqueradePorts\": \"1024\" is not a range of ports such as 1024-29999"
    )]
    [InlineData(
        """ "masqueradePorts": "0-9" """,
        "\"masqueradePorts\": \"0-9\" is not a range of ports such as 1024-29999"
    )]
    [InlineData(
        """ "masqueradePorts": "9-8" """,
        "\"masqueradePorts\": \"9-8\" is not a range of ports such as 1024-29999"
    )]
    [InlineData(
        """ "masqueradePorts": "1-65536" """,
        "\"masqueradePorts\": \"1-65536\" is not a range of ports such as 1024-29999"
    )]
    [InlineData(""" "addressCoolDownSeconds": -1 """, "\"addressCoolDownSeconds\": -1 is not between 0 and 86400")]
    [InlineData(""" "peersDirectory": "nodes" """, "\"peersDirectory\": \"nodes\" is not an absolute path")]
    [InlineData(""" "runDirectory": "" """, "\"runDirectory\": \"\" is not an absolute path")]
    [InlineData(""" "bpfDirectory": "./bpf" """, "\"bpfDirectory\": \"./bpf\" is not an absolute path")]
    [InlineData(
        """ "routingMode": "native", "tunnelPort": 8472 """,
        "\"tunnelPort\" contradicts \"routingMode\": native routing has no tunnel; remove one of them"
    )]
    [InlineData(
        """ "masquerade": false, "masqueradePorts": "1-2" """,
        "\"masqueradePorts\" contradicts \"masquerade\": false; remove one of them"
    )]
    [InlineData(""" "mtu": 1400, "mtu": 1400 """, "key \"mtu\" is given twice")]
    public void What_is_wrong_is_refused_by_name(string keys, string complaint) =>
        Assert.Equal(complaint, Refused($"{{{Least}, {keys}}}"));

    [Fact]
    public void A_node_of_a_cluster_needs_its_name_alone()
    {
        var settings = Parse(""" "nodeName": "n1", "kubernetes": {} """);
        Assert.Equal(
            new KubernetesSettings(null, "/var/lib/weft", "/etc/cni/net.d", [], CniExclusive: true),
            settings.Kubernetes! with
            {
                CniChain = [],
            }
        );
        Assert.Empty(settings.PodCidrs);
        Assert.Null(Parse(Least).Kubernetes);
    }

    [Fact]
    public void The_keys_of_a_node_of_a_cluster_are_taken()
    {
        var kubernetes = Parse(
            """
            "nodeName": "n1", "kubernetes": { "kubeconfig": "/etc/weft/kubeconfig" }, "stateDirectory": "/state",
            "cniConfigDirectory": "/cni", "cniChain": ["portmap", "bandwidth"]
            """
        ).Kubernetes!;
        Assert.Equal(
            ("/etc/weft/kubeconfig", "/state", "/cni"),
            (kubernetes.Kubeconfig, kubernetes.StateDirectory, kubernetes.CniConfigDirectory)
        );
        Assert.Equal(["portmap", "bandwidth"], kubernetes.CniChain);
    }

    [Theory]
    [InlineData(
        """ "podCidrs": ["10.0.0.0/24"] """,
        "\"podCidrs\" cannot be used: a node with \"kubernetes\" gets them from its WeftNode; remove one of the two"
    )]
    [InlineData(
        """ "peersDirectory": "/etc/weft/nodes" """,
        "\"peersDirectory\" cannot be used: a node with \"kubernetes\" learns of the others from their WeftNodes; remove one of the two"
    )]
    [InlineData(""" "cniChain": ["tuning"] """, "\"cniChain\": \"tuning\" is none of bandwidth, portmap")]
    [InlineData(""" "cniChain": ["portmap", "portmap"] """, "\"cniChain\" names one plugin twice; remove one of them")]
    [InlineData(""" "stateDirectory": "state" """, "\"stateDirectory\": \"state\" is not an absolute path")]
    public void What_contradicts_kubernetes_is_refused(string keys, string complaint) =>
        Assert.Equal(complaint, Refused($"{{ \"nodeName\": \"n1\", \"kubernetes\": {{}}, {keys} }}"));

    [Theory]
    [InlineData("stateDirectory", "\"/s\"")]
    [InlineData("cniConfigDirectory", "\"/s\"")]
    [InlineData("cniChain", "[]")]
    [InlineData("cniExclusive", "true")]
    [InlineData("kubeProxyReplacement", "false")]
    [InlineData("serviceCidrs", "[]")]
    [InlineData("cgroupRoot", "\"/c\"")]
    [InlineData("xdp", "true")]
    [InlineData("loadBalancerMode", "\"dsr\"")]
    public void What_needs_kubernetes_is_refused_without(string key, string value) =>
        Assert.Equal(
            $"\"{key}\" cannot be used: it is for a node with \"kubernetes\"; add that, or remove it",
            Refused($"{{{Least}, \"{key}\": {value}}}")
        );

    [Theory]
    [InlineData("true", "\"kubernetes\" must be an object such as {}")]
    [InlineData("""{ "kubconfig": "/k" }""", "unknown key \"kubernetes.kubconfig\"; the keys are kubeconfig")]
    [InlineData("""{ "kubeconfig": "k" }""", "\"kubernetes.kubeconfig\": \"k\" is not an absolute path")]
    public void The_way_to_the_api_server_is_checked(string value, string complaint) =>
        Assert.Equal(complaint, Refused($"{{ \"nodeName\": \"n1\", \"kubernetes\": {value} }}"));

    [Theory]
    [InlineData("tunelPort")]
    [InlineData("NodeName")]
    [InlineData("")]
    public void An_unknown_key_is_named_and_the_known_ones_are_listed(string key)
    {
        var complaint = Refused($"{{{Least}, \"{key}\": 1}}");
        Assert.StartsWith($"unknown key \"{key}\"; the keys are nodeName, kubernetes, podCidrs, ", complaint);
        Assert.EndsWith(", bpfDirectory", complaint);
    }

    [Theory]
    [InlineData("[]", "the configuration must be a JSON object")]
    [InlineData("null", "the configuration must be a JSON object")]
    [InlineData("", "the configuration is not JSON: ")]
    [InlineData("nodeName: n1", "the configuration is not JSON: ")]
    [InlineData("""{ "nodeName": "n1", }""", "the configuration is not JSON: ")]
    [InlineData("""{ "nodeName": "n1", "podCidrs": ["10.0.0.0/24"] } {}""", "the configuration is not JSON: ")]
    public void What_is_not_an_object_is_refused(string text, string complaint) =>
        Assert.StartsWith(complaint, Refused(text));

    [Fact]
    public void A_file_that_is_missing_or_wrong_is_named()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch["agent.json"];
        Assert.StartsWith(
            $"the configuration {path} cannot be read: ",
            Assert.Throws<ConfigException>(() => ConfigFile.Read(path)).Message
        );
        File.WriteAllText(path, "{}");
        Assert.StartsWith($"{path}: key ", Assert.Throws<ConfigException>(() => ConfigFile.Read(path)).Message);
    }

    [Fact]
    public void Services_are_served_on_a_cluster_unless_the_configuration_says_otherwise()
    {
        var settings = Parse(""" "nodeName": "n1", "kubernetes": {} """).Services!;
        Assert.Empty(settings.Cidrs);
        Assert.Null(settings.CgroupRoot);
        Assert.True(settings.ReplacesKubeProxy);
        var beside = Parse(""" "nodeName": "n1", "kubernetes": {}, "kubeProxyReplacement": false """).Services!;
        Assert.False(beside.ReplacesKubeProxy);
        Assert.Null(Parse(Least).Services);
    }

    [Fact]
    public void Keys_about_Services_are_taken_up()
    {
        var settings = Parse(
            """
            "nodeName": "n1", "kubernetes": {}, "kubeProxyReplacement": true,
            "serviceCidrs": ["10.96.0.7/16", "fd00:10:96::/112"], "cgroupRoot": "/cgroup", "xdp": true, "loadBalancerMode": "dsr"
            """
        ).Services!;
        Assert.Equal(["10.96.0.0/16", "fd00:10:96::/112"], settings.Cidrs.Select(prefix => prefix.ToString()));
        Assert.Equal("/cgroup", settings.CgroupRoot);
        Assert.Equal((true, true), (settings.Xdp, settings.DirectReturn));
    }

    [Theory]
    [InlineData(
        """ "serviceCidrs": ["10.96.0.0/16", "10.96.1.0/24"] """,
        "\"serviceCidrs\": 10.96.1.0/24 and 10.96.0.0/16 overlap; remove one of them"
    )]
    [InlineData(
        """ "serviceCidrs": ["services"] """,
        "\"serviceCidrs\": \"services\" is not a prefix such as 10.96.0.0/16"
    )]
    [InlineData(""" "cgroupRoot": "cgroup" """, "\"cgroupRoot\": \"cgroup\" is not an absolute path")]
    [InlineData(""" "loadBalancerMode": "ipip" """, "\"loadBalancerMode\": \"ipip\" is neither snat nor dsr")]
    [InlineData(
        """ "kubeProxyReplacement": false, "xdp": true """,
        "\"xdp\" cannot be used: it contradicts \"kubeProxyReplacement\": false; remove one of them"
    )]
    public void Keys_about_Services_that_make_no_sense_are_refused(string keys, string complaint) =>
        Assert.Equal(complaint, Refused($"{{ \"nodeName\": \"n1\", \"kubernetes\": {{}}, {keys} }}"));

    private static NodeSettings Parse(string keys) => ConfigFile.Parse(Encoding.UTF8.GetBytes($"{{{keys}}}"));

    private static string Refused(string text) =>
        Assert.Throws<ConfigException>(() => ConfigFile.Parse(Encoding.UTF8.GetBytes(text))).Message;
}
