namespace Weft.Lab.Linux;

/// <summary>
/// A control group of version 2: a set of processes that whatever its members start belongs to, so none gets away from
/// it. Serves to find and end them, and is where BPF programs for sockets attach; no controllers are used.
/// </summary>
internal sealed record Cgroup(string Path)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Lock OneMoveAtATime = new();
    private static readonly Lazy<Cgroup> Mounted = new(() =>
        MountTable
            .Below("/sys/fs/cgroup")
            .Where(m => m.Type == "cgroup2")
            .Select(m => new Cgroup(m.Target))
            .FirstOrDefault()
        ?? throw new LabException(
            "no cgroup2 file system is mounted below /sys/fs/cgroup: `mount -t cgroup2 none /sys/fs/cgroup/unified`"
        )
    );

    /// <summary>The one all others are in.</summary>
    public static Cgroup Root => Mounted.Value;

    public bool Exists => Directory.Exists(Path);

    /// <summary>Whether a process is in it or in one below.</summary>
    public bool IsPopulated => Exists && File.ReadLines($"{Path}/cgroup.events").Contains("populated 1");

    public Cgroup Child(string name) => new($"{Path}/{name}");

    public void Create() => Directory.CreateDirectory(Path);

    /// <summary>
    /// What <paramref name="start"/> starts is in this group from its first instruction. This process is in it too for
    /// so long: moving a process after it was started takes milliseconds, in which it may have started others.
    /// </summary>
    public T Run<T>(Func<T> start)
    {
        lock (OneMoveAtATime)
        {
            var own = Own();
            Enter();
            try
            {
                return start();
            }
            finally
            {
                own.Enter();
            }
        }
    }

    /// <summary>Moves this process for good.</summary>
    public void Enter() => File.WriteAllText($"{Path}/cgroup.procs", "0");

    /// <summary>Ends every process in it and in those below, and returns once they are gone. Fine when it is not there.</summary>
    /// <exception cref="LabException">One did not end.</exception>
    public void Kill()
    {
        if (!Exists)
        {
            return;
        }

        File.WriteAllText($"{Path}/cgroup.kill", "1");
        var giveUp = DateTime.UtcNow + Patience;
        while (IsPopulated)
        {
            if (DateTime.UtcNow > giveUp)
            {
                throw new LabException($"a process of {Path} does not end: see its cgroup.procs");
            }

            Thread.Sleep(2);
        }
    }

    /// <summary>Removes it and those below; its processes must be gone. Fine when it is not there.</summary>
    public void Remove()
    {
        if (!Exists)
        {
            return;
        }

        // The files of a cgroup cannot be deleted; they go with the directory.
        foreach (var child in Directory.EnumerateDirectories(Path))
        {
            new Cgroup(child).Remove();
        }

        Directory.Delete(Path);
    }

    /// <summary>The one this process is in.</summary>
    private static Cgroup Own()
    {
        const string Version2 = "0::";
        var line = File.ReadLines("/proc/self/cgroup").First(l => l.StartsWith(Version2, StringComparison.Ordinal));
        return new Cgroup(Root.Path + line[Version2.Length..].TrimEnd('/'));
    }
}
