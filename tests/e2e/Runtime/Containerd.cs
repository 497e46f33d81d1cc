using System.Diagnostics;
using System.Globalization;
using Weft.Tests.Cni;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Runtime;

/// <summary>
/// Debian's containerd and runc on a node of a lab, with Weft as `ctr run --cni` finds it. They have a process and a
/// mount namespace of their own on the node: all of it ends with the first process, and the fixed places of go-cni
/// (/etc/cni/net.d, /opt/cni/bin, /var/lib/cni) exist nowhere else.
/// </summary>
internal sealed class Containerd : IDisposable
{
    public const string Page = "from a container\n";

    private const string Image = "docker.io/library/weft-test:1";

    // What is not needed, or needs what the machine may lack.
    private static string Configuration(string folder) =>
        $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = [
              "io.containerd.grpc.v1.cri",
              "io.containerd.internal.v1.opt",
              "io.containerd.snapshotter.v1.aufs",
              "io.containerd.snapshotter.v1.btrfs",
              "io.containerd.snapshotter.v1.devmapper",
              "io.containerd.snapshotter.v1.zfs",
            ]
            [grpc]
            address = "{folder}/containerd.sock"
            """;

    /// <summary>
    /// $0 is the plugin, $1 containerd's configuration, $2 the list of plugins. containerd stays a child: the first
    /// process reaps.
    /// </summary>
    private const string Start = """
        set -e
        mount -t tmpfs tmpfs /opt
        mkdir -p /opt/cni/bin
        ln -s "$0" /opt/cni/bin/weft-cni
        for place in /etc /var/lib; do
          mkdir -p "/run/upper$place" "/run/work$place"
          mount -t overlay -o "lowerdir=$place,upperdir=/run/upper$place,workdir=/run/work$place" overlay $place
        done
        mkdir -p /etc/cni/net.d
        cp "$2" /etc/cni/net.d/
        containerd --config "$1"
        echo "containerd ended" >&2
        """;

    private const string ByHand = """{"cniVersion":"1.0.0","name":"weft","plugins":[{"type":"weft-cni"}]}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string folder;
    private readonly string cgroup;
    private readonly Process process;
    private readonly int firstProcess;

    public Containerd(LabUnderTest lab, int node)
    {
        foreach (var program in new[] { "containerd", "ctr", "runc", "busybox", "nsenter", "unshare" })
        {
            Assert.True(Find(program) is not null, $"{program} is missing: run `make setup`");
        }

        // Not below the lab's directory, which may be gone first.
        folder = Directory.CreateTempSubdirectory("weft-containerd-").FullName;
        cgroup = Path.GetFileName(folder);
        var config = $"{folder}/config.toml";
        File.WriteAllText(config, Configuration(folder));
        var list = $"{lab.Directory}/nodes/node{node}/net.d/05-weft.conflist";
        if (!File.Exists(list))
        {
            // Without Kubernetes it is for people to write.
            list = $"{folder}/10-weft.conflist";
            File.WriteAllText(list, ByHand);
        }

        string[] arguments =
        [
            $"--net={lab.Directory}/netns/node{node}",
            $"--mount={lab.Directory}/mntns/node{node}",
            .. (string[])["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
            .. (string[])["sh", "-c", Start, PluginBinary.Location, config, list],
        ];
        process = Process.Start(new ProcessStartInfo("nsenter", arguments) { RedirectStandardError = true })!;
        var log = process.StandardError.ReadToEndAsync();
        try
        {
            firstProcess = WaitForFirstProcess();
            WaitUntilItServes();
            Import(archive => ImageArchive.Write(archive, Image, Find("busybox")!, Page));
        }
        catch
        {
            Dispose();
            TestContext.Current.TestOutputHelper?.WriteLine(log.Result);
            throw;
        }
    }

    /// <summary>Takes up an image from an archive that is written to the path given.</summary>
    public void Import(Action<string> write)
    {
        var archive = $"{folder}/image.tar";
        write(archive);
        Ctr("image", "import", archive).Succeeded();
        File.Delete(archive);
    }

    /// <summary>Starts a container of any image, with options of `ctr run`, and leaves it running.</summary>
    public void StartDetached(string image, string container, string[] options, params string[] command) =>
        Ctr(["run", "--detach", .. OptionsOf(image, container, options), .. command]).Succeeded();

    /// <summary>Runs a container of any image, with options of `ctr run`, until its command ends.</summary>
    public Outcome Run(string image, string container, string[] options, params string[] command) =>
        Ctr(["run", "--rm", .. OptionsOf(image, container, options), .. command]);

    /// <summary>Runs a container until its command ends: CNI ADD before, CNI DEL after.</summary>
    public Outcome Run(string container, params string[] command) =>
        Ctr(["run", "--rm", "--cni", .. Options(container), .. command]);

    /// <summary>Starts a container and leaves it running. Nobody will call DEL: ctr does that only at the end of `run`.</summary>
    public void StartDetached(string container, params string[] command) =>
        Ctr(["run", "--detach", "--cni", .. Options(container), .. command]).Succeeded();

    /// <summary>Starts `ctr run --rm --cni`, which stays until the container ends.</summary>
    public Process StartAttached(string container, params string[] command) =>
        Process.Start("nsenter", CtrArguments(["run", "--rm", "--cni", .. Options(container), .. command]));

    public Outcome Exec(string container, params string[] command) =>
        Ctr(["task", "exec", "--exec-id", Guid.NewGuid().ToString("N"), container, .. command]);

    public Outcome Ctr(params string[] arguments) => WeftCommand.Run("nsenter", CtrArguments(arguments));

    /// <summary>By the first process's end, which ends every container too.</summary>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);

        // Version 1 has a tree for each controller, version 2 one for all.
        foreach (var tree in (string[])["/sys/fs/cgroup", .. Directory.GetDirectories("/sys/fs/cgroup")])
        {
            RemoveCgroup($"{tree}/{cgroup}");
        }
    }

    private static void RemoveCgroup(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        foreach (var child in Directory.GetDirectories(path))
        {
            RemoveCgroup(child);
        }

        // A cgroup's files cannot be removed, and need not be: rmdir(2) takes it as it is.
        Directory.Delete(path);
    }

    private string[] Options(string container) => OptionsOf(Image, container);

    private string[] OptionsOf(string image, string container, params string[] options) =>
        ["--cgroup", $"/{cgroup}/{container}", .. options, image, container];

    private string[] CtrArguments(string[] arguments) =>
        [
            $"--target={firstProcess}",
            .. (string[])["--mount", "--pid", "--net", "ctr", "--address", $"{folder}/containerd.sock"],
            .. arguments,
        ];

    private int WaitForFirstProcess()
    {
        var children = $"/proc/{process.Id}/task/{process.Id}/children";
        var pid = "";
        WaitUntil(() => (pid = File.ReadAllText(children).Trim()).Length > 0);
        return int.Parse(pid, CultureInfo.InvariantCulture);
    }

    private void WaitUntilItServes() => WaitUntil(() => Ctr("version").ExitCode == 0);

    private void WaitUntil(Func<bool> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.False(process.HasExited, "containerd ended while it started");
            Assert.True(waited.Elapsed < Patience, "containerd does not serve");
            Thread.Sleep(50);
        }
    }

    private static string? Find(string program) =>
        "/usr/sbin:/usr/bin:/sbin:/bin"
            .Split(':')
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
