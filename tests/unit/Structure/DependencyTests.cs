namespace Weft.Tests.Unit.Structure;

/// <summary>Dependencies point one way: programs to libraries, libraries down to the pure ones.</summary>
public sealed class DependencyTests
{
    /// <summary>All that each folder may reference. A new project gets its line here, where a reader sees it.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        // Referenced by all, through Directory.Build.props.
        ["lib/Weft.Linq"] = [],
        ["lib/Weft.Net"] = [],
        ["lib/Weft.Bpf"] = [],
        ["lib/Weft.Configuration"] = [],
        ["lib/Weft.Contracts"] = ["lib/Weft.Net"],
        ["lib/Weft.Netlink"] = ["lib/Weft.Net"],
        ["lib/Weft.Datapath"] = ["lib/Weft.Bpf", "lib/Weft.Net"],
        ["lib/Weft.Kubernetes.Objects"] = ["lib/Weft.Net"],
        ["lib/Weft.Metrics"] = [],
        ["lib/Weft.Kubernetes"] = ["lib/Weft.Kubernetes.Objects", "lib/Weft.Metrics"],
        ["lib/Weft.Connectivity"] = ["lib/Weft.Kubernetes", "lib/Weft.Kubernetes.Objects"],
        ["lib/Weft.Resources"] = ["lib/Weft.Kubernetes.Objects", "lib/Weft.Net"],
        ["lib/Weft.Policy"] = ["lib/Weft.Kubernetes.Objects", "lib/Weft.Net", "lib/Weft.Resources"],
        ["lib/Weft.Services"] = ["lib/Weft.Kubernetes.Objects", "lib/Weft.Net"],
        ["cni"] = ["lib/Weft.Contracts", "lib/Weft.Net", "lib/Weft.Netlink"],
        ["agent"] =
        [
            "lib/Weft.Bpf",
            "lib/Weft.Configuration",
            "lib/Weft.Contracts",
            "lib/Weft.Datapath",
            "lib/Weft.Kubernetes",
            "lib/Weft.Kubernetes.Objects",
            "lib/Weft.Metrics",
            "lib/Weft.Net",
            "lib/Weft.Netlink",
            "lib/Weft.Policy",
            "lib/Weft.Resources",
            "lib/Weft.Services",
        ],
        ["operator"] =
        [
            "lib/Weft.Configuration",
            "lib/Weft.Kubernetes",
            "lib/Weft.Kubernetes.Objects",
            "lib/Weft.Metrics",
            "lib/Weft.Net",
            "lib/Weft.Policy",
            "lib/Weft.Resources",
        ],
        ["lab/Weft.Lab"] =
        [
            "lib/Weft.Contracts",
            "lib/Weft.Kubernetes",
            "lib/Weft.Kubernetes.Objects",
            "lib/Weft.Net",
            "lib/Weft.Netlink",
        ],
        ["lab/Weft.Lab.ApiServer"] = [],
        ["lab/Weft.Lab.Controllers"] = ["lib/Weft.Kubernetes", "lib/Weft.Kubernetes.Objects"],
        ["lab/Weft.Lab.Kubelet"] =
        [
            "lab/Weft.Lab",
            "lib/Weft.Contracts",
            "lib/Weft.Kubernetes",
            "lib/Weft.Kubernetes.Objects",
            "lib/Weft.Netlink",
        ],
        ["lab/Weft.Lab.Daemon"] =
        [
            "lab/Weft.Lab.ApiServer",
            "lab/Weft.Lab.Controllers",
            "lab/Weft.Lab.Kubelet",
            "lib/Weft.Netlink",
        ],
        ["probe"] = [],
        ["cli"] =
        [
            "lab/Weft.Lab",
            "lib/Weft.Connectivity",
            "lib/Weft.Contracts",
            "lib/Weft.Kubernetes",
            "lib/Weft.Kubernetes.Objects",
            "lib/Weft.Net",
            "lib/Weft.Policy",
            "lib/Weft.Services",
            "lib/Weft.Resources",
        ],
    };

    private static readonly string[] Checks = ["tests/", "bench"];

    public static TheoryData<string> Projects => [.. Repository.Files("*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_layer_may(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        if (Checks.Any(check => folder.StartsWith(check, StringComparison.Ordinal)))
        {
            return;
        }

        Assert.True(Allowed.ContainsKey(folder), $"{folder} has no line in the table of layers");
        Assert.Empty(Repository.References(project).Except(Allowed[folder]));
    }

    [Fact]
    public void Every_line_of_the_table_is_a_project_that_is_there() =>
        Assert.Empty(Allowed.Keys.Except(Repository.Files("*.csproj").Select(path => Path.GetDirectoryName(path)!)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_is_in_the_solution(string project) =>
        Assert.Contains($"\"{project.Replace('/', '\\')}\"", Repository.Read("Cni.sln"));
}
