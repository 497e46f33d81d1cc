using System.Net;
using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>The cases of Kubernetes' test/e2e/network/netpol that are about the API, under their names there.</summary>
public abstract class NetworkPolicyTests(ControlPlane cluster) : ContractTests(cluster)
{
    private const string Label = "weft-test";
    private readonly ControlPlane cluster = cluster;

    private string Policies => $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/networkpolicies";

    [Fact(DisplayName = "should support creating NetworkPolicy API operations")]
    public async Task All_operations()
    {
        var groups = await GetAsync("/apis");
        var group = groups["groups"]!.AsArray().Single(found => (string)found!["name"]! == "networking.k8s.io")!;
        Assert.Contains(group["versions"]!.AsArray(), version => (string)version!["version"]! == "v1");
        var versions = (await GetAsync("/apis/networking.k8s.io"))["versions"]!.AsArray();
        Assert.Contains(versions, version => (string)version!["version"]! == "v1");
        var kinds = (await GetAsync("/apis/networking.k8s.io/v1"))["resources"]!.AsArray();
        Assert.Contains(kinds, kind => (string)kind!["name"]! == "networkpolicies");

        await CreateAsync(Policy());
        await CreateAsync(Policy());
        var made = await CreateAsync(Policy());
        var key = ObjectKey.Of(made);
        Assert.Equal(made.Metadata.Uid, (await Client.GetAsync(Kinds.NetworkPolicies, key, Cancellation)).Metadata.Uid);
        var list = await ListAsync(Namespace);
        Assert.Equal(3, list.Items!.Count);
        Assert.Equal(3, (await ListAsync(null)).Items!.Count);

        var watches = new[] { Namespace, null }
            .Select(ns =>
                Client
                    .WatchAsync(
                        Kinds.NetworkPolicies,
                        new WatchOptions
                        {
                            Namespace = ns,
                            LabelSelector = Selector,
                            ResourceVersion = list.Metadata!.ResourceVersion,
                        },
                        Cancellation
                    )
                    .Take(2)
                    .ToListAsync(Cancellation)
                    .AsTask()
            )
            .ToList();
        var patched = await Client.PatchAsync(
            Kinds.NetworkPolicies,
            key,
            Patch.Merge("""{"metadata": {"annotations": {"patched": "true"}}}"""u8.ToArray()),
            Cancellation
        );
        Assert.Equal("true", patched.Metadata.Annotations!["patched"]);
        var replaced = await Client.ReplaceAsync(
            Kinds.NetworkPolicies,
            patched with
            {
                Metadata = patched.Metadata with
                {
                    Annotations = new Dictionary<string, string>(patched.Metadata.Annotations) { ["updated"] = "true" },
                },
            },
            Cancellation
        );
        Assert.Equal("true", replaced.Metadata.Annotations!["updated"]);
        foreach (var events in await Task.WhenAll(watches))
        {
            Assert.All(events, found => Assert.Equal(WatchEventType.Modified, found.Type));
            Assert.Equal(["patched", "updated"], events[1].Object!.Metadata.Annotations!.Keys.Order());
        }

        await Client.DeleteAsync(Kinds.NetworkPolicies, key, null, Cancellation);
        var gone = await RefusedAsync(() => Client.GetAsync(Kinds.NetworkPolicies, key, Cancellation));
        Assert.True(gone.IsNotFound);
        Assert.Equal(2, (await ListAsync(Namespace)).Items!.Count);
        await DeleteAllAsync();
    }

    [Fact(DisplayName = "should support creating NetworkPolicy API with endport field")]
    public async Task Ends_of_ranges()
    {
        foreach (
            var (port, message) in new[]
            {
                ("""{"endPort": 20000}""", "may not be specified when `port` is not specified"),
                ("""{"port": "serve-80", "endPort": 20000}""", "may not be specified when `port` is non-numeric"),
                ("""{"port": 30000, "endPort": 20000}""", "must be greater than or equal to `port`"),
            }
        )
        {
            var refused = (await PostAsync(port)).Refused();
            Assert.Contains(message, Assert.Single(refused), StringComparison.Ordinal);
        }

        (await PostAsync("""{"port": 20000, "endPort": 20000}""")).Succeeded();
        (await PostAsync("""{"port": 10000, "endPort": 20000}""")).Succeeded();
        Assert.Equal(2, (await ListAsync(Namespace)).Items!.Count);
        await DeleteAllAsync();
    }

    private string Selector => $"{Label}={Namespace}";

    private async Task<JsonNode> GetAsync(string path) =>
        (await cluster.Client.AskAsync(HttpMethod.Get, path)).Succeeded();

    private Task<Answer> PostAsync(string port) =>
        cluster.Client.AskAsync(
            HttpMethod.Post,
            Policies,
            $$$"""
            {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
             "metadata": {"generateName": "weft-test-", "labels": {"{{{Label}}}": "{{{Namespace}}}"}},
             "spec": {"podSelector": {"matchLabels": {"pod-name": "test-pod"}}, "egress": [{"ports": [{{{port}}}]}]}}
            """
        );

    private async Task DeleteAllAsync()
    {
        var answer = await cluster.Client.AskAsync(HttpMethod.Delete, $"{Policies}?labelSelector={Selector}");
        Assert.Equal(HttpStatusCode.OK, answer.Code);
        Assert.Empty((await ListAsync(Namespace)).Items!);
    }

    private Task<NetworkPolicy> CreateAsync(NetworkPolicy policy) =>
        Client.CreateAsync(Kinds.NetworkPolicies, policy, Cancellation);

    private Task<ObjectList<NetworkPolicy>> ListAsync(string? ns) =>
        Client.ListAsync(
            Kinds.NetworkPolicies,
            new ListOptions { Namespace = ns, LabelSelector = Selector },
            Cancellation
        );

    private NetworkPolicy Policy() =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = Namespace,
                GenerateName = "weft-test-",
                Labels = new Dictionary<string, string> { [Label] = Namespace },
            },
            Spec = new NetworkPolicySpec
            {
                PodSelector = Of("pod-name", "test-pod"),
                Ingress =
                [
                    new NetworkPolicyIngressRule
                    {
                        From =
                        [
                            new NetworkPolicyPeer
                            {
                                PodSelector = Of("pod-name", "client-a"),
                                NamespaceSelector = Of("ns-name", "pod-b"),
                            },
                        ],
                    },
                ],
            },
        };

    private static LabelSelector Of(string key, string value) =>
        new() { MatchLabels = new Dictionary<string, string> { [key] = value } };
}
