using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>
/// A real etcd and kube-apiserver, from the folder that KUBEBUILDER_ASSETS names as for envtest, on a loopback address
/// and in a temporary folder. One for all tests of its collection; without the variable they are skipped and say so.
/// </summary>
public sealed class RealServer : ControlPlane
{
    private const string Variable = "KUBEBUILDER_ASSETS";
    private const string Token = "weft-test";

    /// <summary>A user that may do everything, as the recorded exchanges' user could.</summary>
    private const string Users = $"{Token},admin,admin,system:masters\n";

    private const string AuditPolicy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules: [{level: Metadata}]
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string? assets = Environment.GetEnvironmentVariable(Variable);
    private readonly List<(string Name, Process Process)> processes = [];
    private string? folder;
    private string[] apiServerFlags = [];

    public override string Kubeconfig => $"{folder}/kubeconfig";

    /// <summary>What it was asked for: an audit.k8s.io/v1 Event a line, of each request that has ended or is a watch.</summary>
    public string AuditLog => $"{folder}/audit.log";

    /// <summary>Starts the servers and waits until they are ready; does nothing without the variable.</summary>
    public override async ValueTask InitializeAsync()
    {
        if (string.IsNullOrEmpty(assets))
        {
            return;
        }

        folder = Directory.CreateTempSubdirectory("weft-kubernetes-").FullName;
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends both processes and removes the folder with all they stored.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var (_, process) in Enumerable.Reverse(processes))
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        processes.Clear();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Ends the API server and starts it again on the same data: watches are cut, and those that go on from a version of
    /// before are too old for it.
    /// </summary>
    public override async Task RestartAsync()
    {
        var (program, running) = processes[^1];
        running.Kill();
        await running.WaitForExitAsync();
        running.Dispose();
        processes.RemoveAt(processes.Count - 1);
        Start(program, apiServerFlags);
        await WaitUntilAsync("is ready", IsReadyAsync);
    }

    public override void SkipUnlessThere() =>
        Assert.SkipWhen(
            string.IsNullOrEmpty(assets),
            $"needs a real Kubernetes: set {Variable} to a folder with etcd and kube-apiserver"
        );

    private async Task StartAsync()
    {
        var (address, etcd, peers) = FreeEndPoints();
        Start("etcd", EtcdFlags($"http://{etcd}", $"http://{peers}"));

        using (var key = RSA.Create(2048))
        {
            await File.WriteAllTextAsync($"{folder}/service-accounts.pem", key.ExportPkcs8PrivateKeyPem());
        }

        await File.WriteAllTextAsync($"{folder}/users.csv", Users);
        await File.WriteAllTextAsync($"{folder}/audit.yaml", AuditPolicy);
        apiServerFlags = ApiServerFlags($"http://{etcd}", address);
        Start("kube-apiserver", apiServerFlags);

        var server = new Uri($"https://{address}");
        var authority = $"{folder}/certificates/apiserver.crt";
        // It writes the key after the certificate: that one is whole when the key is there.
        await WaitUntilAsync(
            "writes its certificate",
            () => Task.FromResult(File.Exists($"{folder}/certificates/apiserver.key"))
        );
        await File.WriteAllTextAsync(Kubeconfig, KubeconfigOf(server, authority));
        Connect(server, authority, Token);
        await WaitUntilAsync("is ready", IsReadyAsync);
    }

    private string[] EtcdFlags(string clients, string peers) =>
        [
            $"--data-dir={folder}/etcd",
            $"--listen-client-urls={clients}",
            $"--advertise-client-urls={clients}",
            $"--listen-peer-urls={peers}",
            // Its data end with the test.
            "--unsafe-no-fsync",
        ];

    private string[] ApiServerFlags(string etcd, IPEndPoint address) =>
        [
            $"--etcd-servers={etcd}",
            $"--bind-address={address.Address}",
            $"--secure-port={address.Port.ToString(CultureInfo.InvariantCulture)}",
            // What it would tell pods, of which there are none; a loopback address is refused.
            "--advertise-address=192.0.2.1",
            "--endpoint-reconciler-type=none",
            $"--cert-dir={folder}/certificates",
            $"--service-account-key-file={folder}/service-accounts.pem",
            $"--service-account-signing-key-file={folder}/service-accounts.pem",
            "--service-account-issuer=https://kubernetes.default.svc",
            // Pods are refused while their namespace has no service account, which a controller would make.
            "--disable-admission-plugins=ServiceAccount",
            "--authorization-mode=RBAC",
            $"--audit-policy-file={folder}/audit.yaml",
            $"--audit-log-path={AuditLog}",
            // What clusters have: without it the API server refuses privileged containers.
            "--allow-privileged",
            $"--token-auth-file={folder}/users.csv",
            "--service-cluster-ip-range=10.96.0.0/16",
        ];

    private void Start(string program, string[] flags)
    {
        // The shell is replaced by the program; it is there because .NET cannot direct output into a file.
        string[] arguments = ["-c", "exec \"$0\" \"$@\" >>\"$LOG\" 2>&1", $"{assets}/{program}", .. flags];
        var start = new ProcessStartInfo("sh", arguments) { Environment = { ["LOG"] = LogOf(program) } };
        processes.Add((program, Process.Start(start)!));
    }

    private async Task WaitUntilAsync(string what, Func<Task<bool>> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            var ended = processes.FirstOrDefault(running => running.Process.HasExited).Name;
            if (ended is not null || waited.Elapsed > Patience)
            {
                var name = ended ?? processes[^1].Name;
                var log = string.Join('\n', File.ReadLines(LogOf(name)).TakeLast(20));
                Assert.Fail($"{name} {(ended is null ? $"never {what}" : "ended while it started")}:\n{log}");
            }

            await Task.Delay(100);
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    private string LogOf(string program) => $"{folder}/{program}.log";

    private static string KubeconfigOf(Uri server, string authority) =>
        $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: real
              cluster:
                server: {server.OriginalString}
                certificate-authority: {authority}
            users:
            - name: admin
              user:
                token: {Token}
            contexts:
            - name: real
              context:
                cluster: real
                user: admin
            current-context: real

            """;

    /// <summary>Three that nobody listened at a moment ago: neither program can be told to choose one and say which.</summary>
    private static (IPEndPoint, IPEndPoint, IPEndPoint) FreeEndPoints()
    {
        using TcpListener first = new(IPAddress.Loopback, 0),
            second = new(IPAddress.Loopback, 0),
            third = new(IPAddress.Loopback, 0);
        return (Bound(first), Bound(second), Bound(third));

        static IPEndPoint Bound(TcpListener listener)
        {
            listener.Start();
            return (IPEndPoint)listener.LocalEndpoint;
        }
    }
}
