using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Lab;
using Weft.Lab.Linux;

namespace Weft.Bench.ControlPlane;

/// <summary>An operator beside the lab's own, on the outside host, with its metrics on a port of its own.</summary>
internal sealed class OperatorProcess
{
    private const int FirstPort = 19_967;
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly LabNamespaces where;
    private readonly int port;
    private readonly DetachedProcess process;

    private OperatorProcess(LabNamespaces where, int port, DetachedProcess process)
    {
        (this.where, this.port, this.process) = (where, port, process);
        Numbers = new DaemonProcess(process.Pid);
    }

    public DaemonProcess Numbers { get; }

    /// <summary>Starts one. Each needs another number.</summary>
    public static OperatorProcess Start(BenchLab lab, int number)
    {
        var port = FirstPort + number;
        var config = $"{lab.Lab.Root}/operator{number}.json";
        File.WriteAllText(config, $$"""{"listen": "127.0.0.1:{{port}}"}""");
        var where = LabNamespaces.Outside(lab.Lab);
        var started = new LabProcess(
            $"operator {number}",
            lab.Lab.Cgroup.Child($"operator{number}"),
            $"{lab.Lab.Root}/operator{number}.log",
            where,
            [Programs.Operator, "--config", config, "--kubeconfig", lab.Lab.NodesKubeconfig]
        ).Start();
        return new OperatorProcess(where, port, started);
    }

    /// <summary>Ends the one that the lab has started, so that it gives its Lease up.</summary>
    public static void EndOfLab(BenchLab lab)
    {
        var inside = MountTable.Below(lab.Lab.OutsideNetns).Select(m => m.Root).ToHashSet();
        foreach (var pid in ProcessTable.Inside(inside))
        {
            if (new FileInfo($"/proc/{pid}/exe").LinkTarget == Programs.Operator)
            {
                using var running = RunningProcess.Find(pid);
                running?.Signal(SigTerm);
            }
        }
    }

    /// <summary>Ends it: by SIGTERM, upon which it gives its Lease up, or by SIGKILL.</summary>
    public void End(bool politely)
    {
        using var running = RunningProcess.Find(process.Pid);
        running?.Signal(politely ? SigTerm : SigKill);
    }

    /// <summary>Returns when its caches have so many pods.</summary>
    public async Task UntilFollowsAsync(int pods, CancellationToken cancel)
    {
        while (Metric("weft_operator_pods") < pods)
        {
            if (process.HasEnded())
            {
                throw new BenchException("the operator has ended while it started");
            }

            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>A number of its metrics; 0 while it does not serve.</summary>
    private double Metric(string name)
    {
        try
        {
            var text = where.Run(Scrape);
            var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private string Scrape()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        socket.Send("GET /metrics HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n"u8);
        using var answer = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        return answer.ReadToEnd();
    }
}
