using System.Text.Json;

namespace Weft.Tests.EndToEnd.Lab;

/// <summary>Pods of a lab with Kubernetes, seen by kubectl and from inside.</summary>
[Collection(typeof(MachineWide))]
public sealed class LabKubernetesTests
{
    [Fact]
    public void What_is_applied_runs_is_rolled_over_and_goes_without_a_trace()
    {
        var before = Traces.Now();
        using var lab = LabUnderTest.UpWithKubernetes(nodes: 2);
        lab.Apply(
            """
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"}, "spec": {
              "replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "host", "command": ["sleep", "infinity"]}]}}}}
            """
        );
        lab.Kubectl("rollout", "status", "deployment/web", "--timeout=120s").Succeeded();
        lab.Kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s").Succeeded();
        lab.Kubectl(
                "patch",
                "deployment",
                "web",
                "--type=merge",
                "-p",
                """{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}"""
            )
            .Succeeded();
        lab.Kubectl("rollout", "status", "deployment/web", "--timeout=120s").Succeeded();
        // The rollout is over when the last of the former ones ends, not when it has ended.
        Waiting.Eventually(
            "only the new pods are left",
            () => lab.Kubectl("get", "pods", "-l", "app=web", "-o", "name").Succeeded().Split('\n').Length == 3
        );
        lab.Weft("matrix").Succeeded();
        lab.Weft("down").Succeeded();
        Assert.Equal(before, Traces.Now());
    }

    [Fact]
    public void A_kubelet_that_was_killed_finds_its_pods_as_they_are()
    {
        using var lab = LabUnderTest.UpWithKubernetes(nodes: 1);
        lab.RunPod("default/a", 1, "sleep", "1000");
        var container = lab.Status("a").GetProperty("containerStatuses")[0].GetProperty("containerID").GetString();
        lab.Weft("kubelet", "kill", "--node", "1").Succeeded();
        lab.Weft("kubelet", "start", "--node", "1").Succeeded();

        // It looks after pods again: it sees this one's end, and starts it again.
        lab.Exec("default/a", "pkill", "-x", "sleep");
        lab.Kubectl("wait", "pod/a", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "--timeout=60s")
            .Succeeded();
        var last = lab.Status("a")
            .GetProperty("containerStatuses")[0]
            .GetProperty("lastState")
            .GetProperty("terminated");
        Assert.Equal(container, last.GetProperty("containerID").GetString());
    }

    [Fact]
    public void A_container_that_cannot_start_says_why()
    {
        using var lab = LabUnderTest.UpWithKubernetes(nodes: 1);
        var failed = lab.Weft("run", "default/a", "--node", "1", "--", "/no/such/program");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("/no/such/program", failed.Error, StringComparison.Ordinal);
        lab.RunPod("default/a", 1);
        Assert.Equal(7, lab.Exec("default/a", "sh", "-c", "exit 7").ExitCode);
    }

    [Fact]
    public void Pods_come_up_after_the_api_server_was_away()
    {
        using var lab = LabUnderTest.UpWithKubernetes(nodes: 1);
        lab.RunPod("default/a", 1);
        lab.Weft("apiserver", "kill").Succeeded();
        Assert.Equal(1, lab.Weft("status").ExitCode);
        lab.Exec("default/a", "true").Succeeded();
        lab.Weft("apiserver", "start").Succeeded();
        lab.Kubectl("get", "pods").Succeeded();
        lab.RunPod("default/b", 1);
    }
}

file static class Cluster
{
    public static Outcome Kubectl(this LabUnderTest lab, params string[] arguments) =>
        WeftCommand.Run("kubectl", ["--kubeconfig", $"{lab.Directory}/kubeconfig", .. arguments]);

    public static void Apply(this LabUnderTest lab, string manifest)
    {
        var file = $"{lab.Directory}/manifest.json";
        File.WriteAllText(file, manifest);
        lab.Kubectl("apply", "-f", file).Succeeded();
    }

    public static JsonElement Status(this LabUnderTest lab, string pod) =>
        JsonDocument.Parse(lab.Kubectl("get", "pod", pod, "-o", "json").Succeeded()).RootElement.GetProperty("status");
}
