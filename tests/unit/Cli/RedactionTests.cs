using System.Text.Json.Nodes;
using Weft.Cli.Sysdump;

namespace Weft.Tests.Unit.Cli;

/// <summary>What a dump leaves out.</summary>
public sealed class RedactionTests
{
    [Fact]
    public void What_people_wrote_into_containers_and_annotations_is_taken_out()
    {
        var list = JsonNode.Parse(
            """
            {"items":[{
              "metadata":{"name":"a","managedFields":[{"manager":"x"}],
                "annotations":{"weft.dev/audit":"true","other":"SECRET"}},
              "spec":{"containers":[{"name":"c","image":"i","env":[{"name":"n","value":"SECRET"}],
                "command":["SECRET"],"args":["SECRET"],"envFrom":[{}],
                "livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"SECRET"}]}}}],
                "initContainers":[{"name":"d","lifecycle":{"preStop":{"exec":{"command":["SECRET"]}}}}]},
              "template":{"spec":{"ephemeralContainers":[{"name":"e","args":["SECRET"]}]}}
            }]}
            """
        );

        Redaction.Apply(list);

        var text = list!.ToJsonString();
        Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", text, StringComparison.Ordinal);
        Assert.Contains("\"weft.dev/audit\":\"true\"", text, StringComparison.Ordinal);
        Assert.Contains("\"image\":\"i\"", text, StringComparison.Ordinal);
    }
}
