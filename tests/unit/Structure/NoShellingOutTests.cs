using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.Structure;

/// <summary>What ships talks to the kernel itself: no node needs a tool, and no tool's output is parsed.</summary>
public sealed partial class NoShellingOutTests
{
    private const string Completion = "cli/Completion/CompletionCommand.cs";

    public static TheoryData<string> Sources =>
        [
            .. Repository
                .Files("*.cs")
                .Where(path =>
                    path.Split('/')[0] is "cni" or "agent" or "operator" or "cli" or "lab" or "lib" or "probe"
                ),
        ];

    [Theory]
    [MemberData(nameof(Sources))]
    public void No_program_of_the_host_is_run(string path)
    {
        var source = Repository.Read(path);
        // The lab starts Weft's own programs and, as a runtime, CNI plugins; a kubeconfig may name the program that has
        // its user's credentials.
        var others = source
            .Replace("ProcessStartInfo(Programs.", "", StringComparison.Ordinal)
            .Replace("ProcessStartInfo(plugin.Command", "", StringComparison.Ordinal);
        Assert.DoesNotContain("ProcessStartInfo", others);
        Assert.DoesNotContain("Process.Start(\"", others);
        // To the lab's API server, ip is a field of documents and a function of rules; completion is written for shells.
        if (!path.StartsWith("lab/Weft.Lab.ApiServer/", StringComparison.Ordinal) && path != Completion)
        {
            Assert.DoesNotMatch(HostTool(), source);
        }
    }

    // A text that is a tool's name, alone or at the end of a path.
    [GeneratedRegex(
        """
            "([^" ]*/)?(ip|tc|nft|ss|bpftool|ethtool|ip6?tables|ipset|conntrack|sysctl|nsenter|sh|bash)"
            """
    )]
    private static partial Regex HostTool();
}
