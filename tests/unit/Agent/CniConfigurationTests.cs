using System.Text;
using System.Text.Json;
using Weft.Agent.Configuration;
using Weft.Agent.Readiness;

namespace Weft.Tests.Unit.Agent;

public sealed class CniConfigurationTests
{
    [Fact]
    public void The_list_has_weft_first_and_each_plugin_after_it_with_its_capability() =>
        Assert.Equal(
            """
            {
              "cniVersion": "1.0.0",
              "name": "weft",
              "plugins": [
                {
                  "type": "weft-cni",
                  "agentSocket": "/run/other/agent.sock",
                  "capabilities": {
                    "bandwidth": true
                  }
                },
                {
                  "type": "portmap",
                  "capabilities": {
                    "portMappings": true
                  }
                },
                {
                  "type": "bandwidth",
                  "capabilities": {
                    "bandwidth": true
                  }
                }
              ]
            }

            """,
            Encoding.UTF8.GetString(
                CniConfiguration.Content(["portmap", "bandwidth"], "/run/other/agent.sock", mapsPorts: false)
            )
        );

    [Fact]
    public void Without_other_plugins_runtimes_may_take_the_newest_version_and_old_ones_find_theirs() =>
        Assert.StartsWith(
            """
            {
              "cniVersion": "1.0.0",
              "cniVersions": [
                "1.0.0",
                "1.1.0"
              ],

            """,
            Encoding.UTF8.GetString(CniConfiguration.Content([], "/run/weft/agent.sock", mapsPorts: false))
        );

    [Theory]
    [InlineData(true, new string[0], true)]
    [InlineData(true, new[] { "bandwidth" }, true)]
    [InlineData(true, new[] { "portmap" }, false)]
    [InlineData(false, new string[0], false)]
    public void Host_ports_are_Wefts_where_it_serves_Services_and_portmap_does_not_follow(
        bool servesServices,
        string[] chain,
        bool mapsPorts
    )
    {
        using var scratch = new ScratchDirectory();
        var settings = new KubernetesSettings(null, "/var/lib/weft", scratch["net.d"], chain, CniExclusive: true);
        CniConfiguration.Write(settings, "/run/weft", servesServices);
        using var list = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(settings.CniConfigDirectory, CniConfiguration.FileName))
        );
        var weft = list.RootElement.GetProperty("plugins")[0];
        Assert.Equal(
            mapsPorts,
            weft.TryGetProperty("capabilities", out var own) && own.TryGetProperty("portMappings", out _)
        );
    }

    [Fact]
    public void The_usual_socket_is_not_mentioned() =>
        Assert.DoesNotContain(
            "agentSocket",
            Encoding.UTF8.GetString(CniConfiguration.Content([], "/run/weft/agent.sock", mapsPorts: false))
        );

    [Fact]
    public void The_file_is_replaced_whole_when_it_differs_and_left_alone_when_it_does_not()
    {
        using var scratch = new ScratchDirectory();
        var directory = scratch["net.d"];
        var settings = new KubernetesSettings(null, "/var/lib/weft", directory, [], CniExclusive: true);
        var path = Path.Combine(directory, CniConfiguration.FileName);
        CniConfiguration.Write(settings, "/run/weft", servesServices: true);
        var written = File.ReadAllBytes(path);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        CniConfiguration.Write(settings, "/run/weft", servesServices: true);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));

        File.WriteAllText(path, "{");
        CniConfiguration.Write(settings, "/run/weft", servesServices: true);
        Assert.Equal(written, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(directory));
    }
}
