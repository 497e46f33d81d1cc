using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Cli.Agents;
using Weft.Cli.Status;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;
using Weft.Resources;

namespace Weft.Cli.Sysdump;

/// <summary>`weft sysdump`.</summary>
internal static class SysdumpCommand
{
    private const int SomethingMissing = 3;
    private const int LogLines = 10_000;

    public static Command Create()
    {
        var file = new Option<string?>("--file")
        {
            Description = "The archive; weft-sysdump-TIME.tar.gz unless given. It must not be there yet.",
            HelpName = "FILE",
        };
        var cluster = new ClusterOptions();
        var command = new Command(
            "sysdump",
            """
            Put all that tells how Weft does into one archive: objects, what the agents say, and the logs of Weft's programs.
            Secrets are not read; environments, command lines and others' annotations are taken out. Names of pods, addresses
            and policies are in it.

            Exit code: 0 when all is in it, 3 when something could not be had; missing.txt in it says what.
            """
        )
        {
            file,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var path =
                    parsed.GetValue(file)
                    ?? string.Create(
                        CultureInfo.InvariantCulture,
                        $"weft-sysdump-{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}.tar.gz"
                    );
                using var archive = new DumpArchive(path);
                await FillAsync(archive, lab, client, cancel);
                foreach (var problem in archive.Problems)
                {
                    await Console.Error.WriteLineAsync($"missing: {problem}");
                }

                Console.WriteLine(path);
                return archive.Problems.Count > 0 ? SomethingMissing : 0;
            }
        );
        return command;
    }

    private static async Task FillAsync(
        DumpArchive archive,
        LabDirectory? lab,
        KubernetesClient client,
        CancellationToken cancel
    )
    {
        await StatusAsync(archive, lab, client, cancel);
        foreach (var dump in Objects(client))
        {
            await dump(archive, cancel);
        }

        await AgentsAsync(archive, await LiveAgents.FindAsync(lab, client, cancel), cancel);
        if (lab is null)
        {
            await LogsAsync(archive, client, cancel);
        }
        else
        {
            Logs(archive, lab);
        }
    }

    private static async Task StatusAsync(
        DumpArchive archive,
        LabDirectory? lab,
        KubernetesClient client,
        CancellationToken cancel
    )
    {
        try
        {
            var read = await ClusterReading.TakeAsync(lab, client, cancel);
            var status = StatusOf.Make(client.Server.ToString(), read);
            archive.Add("status.json", JsonSerializer.Serialize(status, StatusJson.Plain.StatusResult));
            archive.Add("status.txt", StatusText.Of(status, read.At) + "\n");
        }
        catch (Exception e) when (e is KubernetesException or CommandException)
        {
            archive.Miss("status", e.Message);
        }
    }

    private static IEnumerable<Func<DumpArchive, CancellationToken, Task>> Objects(KubernetesClient client)
    {
        yield return Of(WeftResources.Nodes);
        yield return Of(WeftResources.Identities);
        yield return Of(WeftResources.EndpointSlices);
        yield return Of(WeftResources.IPPools);
        yield return Of(WeftResources.LoadBalancerPools);
        yield return Of(Kinds.Nodes);
        yield return Of(Kinds.Namespaces);
        yield return Of(Kinds.Pods);
        yield return Of(Kinds.Services);
        yield return Of(Kinds.EndpointSlices);
        yield return Of(Kinds.NetworkPolicies);
        yield return Of(Kinds.Leases);
        yield return Of(Kinds.DaemonSets, "app.kubernetes.io/part-of=weft");
        yield return Of(Kinds.Deployments, "app.kubernetes.io/part-of=weft");
        yield return Of(Kinds.Events);

        Func<DumpArchive, CancellationToken, Task> Of<T>(Resource<T> resource, string? labels = null)
            where T : class, IKubernetesObject =>
            (archive, cancel) => ObjectsAsync(archive, client, resource, labels, cancel);
    }

    private static async Task ObjectsAsync<T>(
        DumpArchive archive,
        KubernetesClient client,
        Resource<T> resource,
        string? labels,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject
    {
        var name = $"objects/{resource.Plural}{(resource.Group.Length > 0 ? $".{resource.Group}" : "")}.json";
        try
        {
            // Whole, with what Weft does not read.
            var whole = resource.Unstructured;
            var list = await client.ListAsync(whole, new ListOptions { LabelSelector = labels }, cancel);
            var json = JsonSerializer.SerializeToNode(list, whole.ListJson);
            Redaction.Apply(json);
            archive.Add(name, Text(json));
        }
        catch (KubernetesException e)
        {
            archive.Miss(name, e.Message);
        }
    }

    private static async Task AgentsAsync(
        DumpArchive archive,
        IReadOnlyList<LiveAgent> agents,
        CancellationToken cancel
    )
    {
        AgentRequest[] questions =
        [
            new(AgentVerb.State),
            new(AgentVerb.Denials),
            new(AgentVerb.Services, Services: new ServicesQuestion(null)),
        ];
        foreach (var question in questions)
        {
            foreach (var answer in await LiveAgents.AskAllAsync(agents, question, cancel))
            {
                var name = $"agents/{answer.Node}/{question.Verb.ToString().ToLowerInvariant()}.json";
                if (answer.Response is { } response)
                {
                    archive.Add(
                        name,
                        Text(JsonSerializer.SerializeToNode(response, ContractsJson.Default.AgentResponse))
                    );
                }
                else
                {
                    archive.Miss(name, answer.Problem!);
                }
            }
        }
    }

    private static async Task LogsAsync(DumpArchive archive, KubernetesClient client, CancellationToken cancel)
    {
        var pods = await client.ListAsync(
            Kinds.Pods,
            new ListOptions { LabelSelector = "app.kubernetes.io/part-of=weft" },
            cancel
        );
        foreach (var pod in pods.Items ?? [])
        {
            var containers = (pod.Spec?.InitContainers ?? []).Concat(pod.Spec?.Containers ?? []);
            foreach (var container in containers)
            {
                var name = $"logs/{pod.Spec!.NodeName}/{pod.Metadata.Name}.{container.Name}.log";
                try
                {
                    archive.Add(name, await client.LogAsync(ObjectKey.Of(pod), container.Name, LogLines, cancel));
                }
                catch (KubernetesException e)
                {
                    archive.Miss(name, e.Message);
                }
            }
        }
    }

    /// <summary>In a lab Weft's programs are processes, and their logs files.</summary>
    private static void Logs(DumpArchive archive, LabDirectory lab)
    {
        var logs = Directory
            .EnumerateFiles(lab.Root, "*.log")
            .Concat(lab.NodeNumbers().Select(number => lab.Node(number).Log).Where(File.Exists));
        foreach (var log in logs)
        {
            using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            archive.Add($"logs/{Path.GetRelativePath(lab.Root, log)}", reader.ReadToEnd());
        }
    }

    private static string Text(JsonNode? json) =>
        json?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
}
