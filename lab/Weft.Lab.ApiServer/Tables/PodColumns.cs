using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>What kubectl's users read in the columns of pods.</summary>
internal static class PodColumns
{
    public static Column[] All() =>
        [
            BuiltInColumns.Name,
            new("Ready", "string", 0, (pod, now) => State.Of(pod, now).Ready),
            new("Status", "string", 0, (pod, now) => State.Of(pod, now).Status),
            new("Restarts", "string", 0, (pod, now) => State.Of(pod, now).Restarts),
            BuiltInColumns.Age,
            new(
                "IP",
                "string",
                1,
                (pod, _) => BuiltInColumns.OrNone(pod["status"].At("podIPs").Objects().FirstOrDefault()?["ip"])
            ),
            new("Node", "string", 1, (pod, _) => BuiltInColumns.OrNone(pod["spec"].At("nodeName"))),
            new(
                "Nominated Node",
                "string",
                1,
                (pod, _) => BuiltInColumns.OrNone(pod["status"].At("nominatedNodeName"))
            ),
            new("Readiness Gates", "string", 1, (pod, _) => Gates(pod)),
        ];

    /// <summary>The condition of the row of a pod that has ended.</summary>
    public static JsonObject? Completion(JsonObject pod) =>
        pod["status"].At("phase").Text() switch
        {
            "Succeeded" => Condition("Succeeded", "The pod has completed successfully."),
            "Failed" => Condition("Failed", "The pod failed."),
            _ => null,
        };

    private static JsonObject Condition(string reason, string message) =>
        new()
        {
            ["type"] = "Completed",
            ["status"] = "True",
            ["reason"] = reason,
            ["message"] = message,
        };

    private static string Gates(JsonObject pod)
    {
        var gates = pod["spec"].At("readinessGates").Objects().Select(gate => gate["conditionType"].Text()).ToArray();
        return gates.Length == 0
            ? "<none>"
            : $"{gates.Count(gate => gate is not null && HasCondition(pod, gate))}/{gates.Length}";
    }

    private static bool HasCondition(JsonObject pod, string type) =>
        pod["status"].At("conditions").Objects().Any(c => c["type"].Text() == type && c["status"].Text() == "True");

    private sealed record State(string Ready, string Status, string Restarts)
    {
        public static State Of(JsonObject pod, DateTimeOffset now)
        {
            var (spec, status) = (pod["spec"], pod["status"]);
            var phase = status.At("phase").Text() ?? "";
            var reason = status.At("reason").Text() is { Length: > 0 } given ? given : phase;
            if (
                status
                    .At("conditions")
                    .Objects()
                    .Any(c => c["type"].Text() == "PodScheduled" && c["reason"].Text() == "SchedulingGated")
            )
            {
                reason = "SchedulingGated";
            }
            var sidecars = spec.At("initContainers")
                .Objects()
                .Where(c => c["restartPolicy"].Text() == "Always")
                .Select(c => c["name"].Text())
                .ToHashSet();
            var total = spec.At("containers").Objects().Count() + sidecars.Count;
            var inits = status.At("initContainerStatuses").Objects().ToArray();
            var ready = inits.Count(c =>
                sidecars.Contains(c["name"].Text()) && c["started"].Flag() == true && c["ready"].Flag() == true
            );

            var waiting = inits
                .Index()
                .Where(c => !IsPast(c.Item))
                .Select(c => Initializing(c.Item, c.Index))
                .FirstOrDefault();
            IEnumerable<JsonObject> counted = inits;
            if (waiting is not null)
            {
                reason = waiting;
            }
            if (waiting is null || HasCondition(pod, "Initialized"))
            {
                var containers = status.At("containerStatuses").Objects().ToArray();
                counted = inits.Where(c => sidecars.Contains(c["name"].Text())).Concat(containers);
                (reason, var running) = Running(containers, reason, HasCondition(pod, "Ready"));
                ready += running;
            }
            if (pod.At("metadata", "deletionTimestamp") is not null)
            {
                reason =
                    status.At("reason").Text() == "NodeLost" ? "Unknown"
                    : phase is "Succeeded" or "Failed" ? reason
                    : "Terminating";
            }
            return new State($"{ready}/{total}", reason, Restarted(counted, now));

            // An init container that has ended well, or a sidecar that has started, no longer holds up the pod.
            bool IsPast(JsonObject c) =>
                c.At("state", "terminated") is { } ended && (ended["exitCode"].Integer() ?? 0) == 0
                || sidecars.Contains(c["name"].Text()) && c["started"].Flag() == true;

            string Initializing(JsonObject c, int index) =>
                c.At("state", "terminated") is JsonObject ended ? "Init:" + Ended(ended)
                : c.At("state", "waiting", "reason").Text() is { Length: > 0 } why && why != "PodInitializing"
                    ? "Init:" + why
                : $"Init:{index}/{spec.At("initContainers").Objects().Count()}";
        }

        private static (string Reason, int Ready) Running(JsonObject[] containers, string reason, bool podReady)
        {
            int ready = 0;
            var running = false;
            var failure = "";
            foreach (var c in Enumerable.Reverse(containers))
            {
                if (c.At("state", "waiting", "reason").Text() is { Length: > 0 } why)
                {
                    reason = why;
                }
                else if (c.At("state", "terminated") is JsonObject ended)
                {
                    reason = Ended(ended);
                    if (ended["exitCode"].Integer() is not (null or 0))
                    {
                        failure = reason;
                    }
                }
                else if (c["ready"].Flag() == true && c.At("state", "running") is not null)
                {
                    running = true;
                    ready++;
                }
            }
            if (reason == "Completed")
            {
                reason =
                    running && podReady ? "Running"
                    : failure.Length > 0 ? failure
                    : running ? "NotReady"
                    : reason;
            }
            return (reason, ready);
        }

        private static string Ended(JsonObject ended) =>
            ended["reason"].Text() is { Length: > 0 } reason ? reason
            : ended["signal"].Integer() is not (null or 0) ? $"Signal:{ended["signal"].Integer()}"
            : $"ExitCode:{ended["exitCode"].Integer() ?? 0}";

        private static string Restarted(IEnumerable<JsonObject> containers, DateTimeOffset now)
        {
            var all = containers.ToArray();
            var restarts = all.Sum(c => c["restartCount"].Integer() ?? 0);
            var last = all.Max(c => Age.Parse(c.At("lastState", "terminated", "finishedAt")));
            return restarts != 0 && last is { } time ? $"{restarts} ({Age.Print(now - time)} ago)" : $"{restarts}";
        }
    }
}
