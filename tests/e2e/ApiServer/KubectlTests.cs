namespace Weft.Tests.EndToEnd.ApiServer;

/// <summary>Unmodified kubectl against the lab's API server.</summary>
public sealed class KubectlTests(ApiServerUnderTest server) : IClassFixture<ApiServerUnderTest>
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: host, command: [sleep, "1000"]}]}
        """;

    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: pools.example.dev}
        spec:
          group: example.dev
          scope: Cluster
          names: {plural: pools, singular: pool, kind: Pool, shortNames: [pl]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns: [{name: CIDR, type: string, jsonPath: .spec.cidr}]
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [cidr]
                    properties:
                      cidr: {type: string}
                      size: {type: integer, default: 24, minimum: 8}
                  status: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """;

    [Fact]
    public void Create_sends_protobuf_and_is_understood()
    {
        server.Do("create namespace create");
        server.Do("-n create create configmap c --from-literal=a=b");
        server.Do("-n create create secret generic s --from-literal=password=secret");
        server.Do("-n create create serviceaccount builder");
        server.Do("-n create create service clusterip plain --tcp=80:8080");
        server.Do("-n create create deployment web --image=host --replicas=2 --port=80");
        Assert.Equal("b", server.Do("-n create get configmap c -o jsonpath={.data.a}"));
        Assert.Equal("c2VjcmV0", server.Do("-n create get secret s -o jsonpath={.data.password}"));
        Assert.Equal("8080", server.Do("-n create get service plain -o jsonpath={.spec.ports[0].targetPort}"));
        Assert.Equal(
            "2 host",
            server.Do(
                "-n create get deployment web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[0].image}'"
            )
        );
        Assert.Contains("AlreadyExists", server.Kubectl("create namespace create").Error);
    }

    [Fact]
    public void An_applied_deployment_is_changed_by_every_verb_that_changes_one()
    {
        server.Do("create namespace change");
        Assert.Equal("deployment.apps/web created", server.Do("-n change apply -f -", Deployment));
        Assert.Equal("deployment.apps/web unchanged", server.Do("-n change apply -f -", Deployment));
        Assert.Equal(
            "deployment.apps/web configured",
            server.Do("-n change apply -f -", Deployment.Replace("1000", "2000", StringComparison.Ordinal))
        );
        server.Do("-n change label deployment web tier=front");
        server.Do("-n change annotate deployment web note=x");
        server.Do("-n change scale deployment web --replicas=5");
        server.Do("-n change patch deployment web -p '{\"spec\":{\"minReadySeconds\":3}}'");
        server.Do(
            "-n change patch deployment web --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/labels/tier\"}]'"
        );
        server.Do("-n change set image deployment/web c=other");
        Assert.Equal(
            "5 3 x other 2000",
            server.Do(
                "-n change get deployment web -o jsonpath='{.spec.replicas} {.spec.minReadySeconds} {.metadata.annotations.note} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].command[1]}'"
            )
        );
        Assert.Equal("deployment.apps/web", server.Do("-n change get deployment -l '!tier' -o name"));
        server.Do("-n change delete deployment web");
        Assert.Contains("NotFound", server.Kubectl("-n change get deployment web").Error);
    }

    [Fact]
    public void Objects_are_shown_in_every_output()
    {
        server.Do("create namespace show");
        server.Do("-n show apply -f -", Deployment);
        Assert.Contains("READY", server.Do("-n show get deployments"));
        Assert.Contains("CONTAINERS", server.Do("-n show get deployments -o wide"));
        Assert.Contains("kind: Deployment", server.Do("-n show get deployment web -o yaml"));
        Assert.Contains("\"kind\": \"Deployment\"", server.Do("-n show get deployment web -o json"));
        Assert.Contains("web", server.Do("-n show get deployments -o custom-columns=NAME:.metadata.name"));
        Assert.Contains("Selector:", server.Do("-n show describe deployment web"));
        Assert.Contains("deployments", server.Do("api-resources"));
        Assert.Contains("apps/v1", server.Do("api-versions"));
        Assert.Contains("strategy", server.Do("explain deployment.spec"));
    }

    [Fact]
    public void A_definition_makes_a_kind_with_columns_defaults_and_rules()
    {
        server.Do("apply -f -", Definition);
        server.Do("wait --for=condition=Established crd/pools.example.dev --timeout=60s");
        server.Do("apply -f -", Pool("10.0.0.0/16"));
        Assert.Equal("24", server.Do("get pool a -o jsonpath={.spec.size}"));
        Assert.Contains("10.0.0.0/16", server.Do("get pl"));
        Assert.Contains("spec.size", server.Kubectl("patch pool a --type=merge -p '{\"spec\":{\"size\":4}}'").Error);
        server.Do("apply --server-side --force-conflicts -f -", Pool("10.1.0.0/16"));
        Assert.Contains("10.1.0.0/16", server.Do("get pl"));
        server.Do("delete crd pools.example.dev");
        Assert.NotEqual(0, server.Kubectl("get pools").ExitCode);
    }

    [Fact]
    public async Task A_watch_and_a_wait_see_what_happens()
    {
        server.Do("create namespace watch");
        using var watch = server.StartKubectl("-n watch get configmaps -w -o name");
        using var wait = server.StartKubectl("-n watch wait --for=create configmap/seen --timeout=60s");
        server.Do("-n watch create configmap seen");
        Assert.Equal("configmap/seen", await watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await wait.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, wait.ExitCode);
        watch.Kill();
    }

    [Fact]
    public void A_deleted_namespace_takes_its_content_with_it()
    {
        server.Do("create namespace gone");
        server.Do("-n gone create configmap c");
        server.Do("delete namespace gone --timeout=60s");
        Assert.Contains("NotFound", server.Kubectl("-n gone get configmap c").Error);
        Assert.Contains("namespaces \"gone\" not found", server.Kubectl("-n gone create configmap c").Error);
    }

    [Fact]
    public void An_edited_object_is_what_the_editor_left()
    {
        server.Do("create namespace edit");
        server.Do("-n edit create configmap c --from-literal=a=before");
        // kubectl runs an editor on a file: sed is one.
        var edit = server.Kubectl("-n edit edit configmap c", editor: "sed -i s/before$/after/");
        Assert.Equal("configmap/c edited", edit.Succeeded());
        Assert.Equal("after", server.Do("-n edit get configmap c -o jsonpath={.data.a}"));
    }

    private static string Pool(string cidr) =>
        $"""
            apiVersion: example.dev/v1
            kind: Pool
            metadata:
              name: a
            spec:
              cidr: {cidr}
            """;
}
