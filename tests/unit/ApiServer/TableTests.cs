using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Tables;

namespace Weft.Tests.Unit.ApiServer;

public sealed class TableTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonArray PoolColumns = Exchange.Number(84).Response["spec"]!["versions"]![0]![
        "additionalPrinterColumns"
    ]!.AsArray();

    [Theory]
    [InlineData(12, "v1", "Namespace")]
    [InlineData(33, "apps/v1", "Deployment")]
    [InlineData(34, "apps/v1", "ReplicaSet")]
    [InlineData(35, "v1", "Pod")]
    [InlineData(60, "v1", "Service")]
    [InlineData(61, "discovery.k8s.io/v1", "EndpointSlice")]
    [InlineData(79, "networking.k8s.io/v1", "NetworkPolicy")]
    [InlineData(115, "example.dev/v1alpha1", "Pool")]
    [InlineData(130, "v1", "Event")]
    [InlineData(152, "v1", "Node")]
    public void Columns_are_those_of_a_real_server(int exchange, string apiVersion, string kind)
    {
        var recorded = Exchange.Rows("tables.jsonl").Single(row => (int)row["index"]! == exchange)[
            "columns"
        ]!.AsArray();
        var columns = Table.Render(apiVersion, kind, PoolColumns, [], null, Now)["columnDefinitions"]!.AsArray();
        foreach (var column in columns)
        {
            column!.AsObject().Remove("description");
        }
        Exchange.AssertSame(recorded, columns);
    }

    [Fact]
    public void A_deployment_shows_its_replicas_and_its_template() =>
        Assert.Equal("""["web","0/3",2,0,"AGE","c","host2","app=web,v=1"]""", Cells(Exchange.Number(31).Response));

    [Fact]
    public void A_service_shows_its_address_and_ports() =>
        Assert.Equal(
            """["web","ClusterIP","10.96.178.163","<none>","80/TCP,9090/TCP","AGE","app=web"]""",
            Cells(Exchange.Number(58).Response)
        );

    [Fact]
    public void A_service_of_type_NodePort_shows_both_ports() =>
        Assert.Contains("80:30656/TCP", Cells(Exchange.Number(203).Response), StringComparison.Ordinal);

    [Fact]
    public void A_policy_shows_its_pods() =>
        Assert.Equal("""["web","app=web","AGE"]""", Cells(Exchange.Number(72).Response));

    [Fact]
    public void A_custom_resource_shows_what_its_definition_names() =>
        Assert.Equal("""["a","10.0.0.0/16","True","AGE"]""", Cells(Exchange.Number(113).Response));

    [Fact]
    public void A_pending_pod_is_not_ready() =>
        Assert.Equal(
            """["web-0","0/1","Pending","0","AGE","<none>","<none>","<none>","<none>"]""",
            Cells(Exchange.Number(40).Response)
        );

    [Theory]
    [InlineData(
        """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"ready":true,"state":{"running":{}},"restartCount":0}]}""",
        "1/1",
        "Running",
        "0"
    )]
    [InlineData(
        """{"phase":"Running","containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":3,"lastState":{"terminated":{"finishedAt":"2025-12-31T23:58:00Z"}}}]}""",
        "0/1",
        "CrashLoopBackOff",
        "3 (2m ago)"
    )]
    [InlineData(
        """{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""",
        "0/1",
        "Completed",
        "0"
    )]
    [InlineData(
        """{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":2}}}]}""",
        "0/1",
        "ExitCode:2",
        "0"
    )]
    [InlineData(
        """{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"signal":9}}}]}""",
        "0/1",
        "Signal:9",
        "0"
    )]
    [InlineData("""{"phase":"Failed","reason":"Evicted"}""", "0/1", "Evicted", "0")]
    [InlineData(
        """{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}""",
        "0/1",
        "Init:0/1",
        "0"
    )]
    [InlineData(
        """{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"ErrImagePull"}}}]}""",
        "0/1",
        "Init:ErrImagePull",
        "0"
    )]
    public void A_pod_shows_what_holds_it_up(string status, string ready, string phase, string restarts)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "p" },
            ["spec"] = JsonNode.Parse("""{"containers":[{"name":"c"}],"initContainers":[{"name":"i"}]}"""),
            ["status"] = JsonNode.Parse(status),
        };
        var cells = Table.Render("v1", "Pod", null, [pod], "None", Now)["rows"]![0]!["cells"]!.AsArray();
        Assert.Equal([ready, phase, restarts], cells.Skip(1).Take(3).Select(cell => (string?)cell));
    }

    [Fact]
    public void A_pod_being_deleted_says_so()
    {
        var pod = Exchange.Number(40).Response;
        pod["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        Assert.Contains("Terminating", Cells(pod), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(3600, "60m")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(9 * 3600, "9h")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(400 * 86400, "400d")]
    [InlineData(800 * 86400, "2y70d")]
    public void Ages_have_two_units_at_most(long seconds, string text) =>
        Assert.Equal(text, Age.Print(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(".spec.list[1]", "\"b\"")]
    [InlineData(".spec['dotted.key']", "1")]
    [InlineData(""".spec.dotted\.key""", "1")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", "\"True\"")]
    [InlineData(".spec.list[*]", "\"a\" \"b\"")]
    [InlineData(".spec.none.deeper", "")]
    public void A_path_selects(string path, string found)
    {
        var doc = JsonNode.Parse(
            """{"spec":{"list":["a","b"],"dotted.key":1},"status":{"conditions":[{"type":"Other"},{"type":"Ready","status":"True"}]}}"""
        );
        Assert.Equal(found, string.Join(" ", JsonPath.Parse(path)!.Find(doc).Select(n => n!.ToJsonString())));
    }

    [Theory]
    [InlineData("spec")]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData("")]
    public void What_is_no_path_is_refused(string path) => Assert.Null(JsonPath.Parse(path));

    private static string Cells(JsonObject doc)
    {
        var table = Table.Render((string)doc["apiVersion"]!, (string)doc["kind"]!, PoolColumns, [doc], null, Now);
        var columns = table["columnDefinitions"]!.AsArray();
        var cells = table["rows"]![0]!["cells"]!.AsArray();
        for (var i = 0; i < columns.Count; i++)
        {
            if ((string?)columns[i]!["name"] == "Age")
            {
                cells[i] = "AGE";
            }
        }
        return cells.ToJsonString(
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
    }
}
