using Weft.Lab.Linux;

namespace Weft.Lab;

/// <summary>One of the programs a lab keeps running, in a cgroup of its own by which it is found and ended.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Cgroup">Its own.</param>
/// <param name="Log">What it writes.</param>
/// <param name="Where">Its namespaces; null for the machine's own.</param>
/// <param name="Command">Program and arguments.</param>
internal sealed record LabProcess(
    string Name,
    Cgroup Cgroup,
    string Log,
    LabNamespaces? Where,
    IReadOnlyList<string> Command
)
{
    public bool IsRunning => Cgroup.IsPopulated;

    public DetachedProcess Start()
    {
        Cgroup.Create();
        return Cgroup.Run(() => Where is null ? Spawn() : Where.Run(Spawn));

        DetachedProcess Spawn() => DetachedProcess.Start(Command, Log);
    }

    /// <summary>By SIGKILL. Fine when it is not running.</summary>
    public void Kill() => Cgroup.Kill();

    /// <summary>Fails with what it wrote last.</summary>
    public LabException Failed(string how) =>
        new(
            $"{Name} {how}; its log says:\n{(File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(15)) : "(nothing)")}"
        );
}
