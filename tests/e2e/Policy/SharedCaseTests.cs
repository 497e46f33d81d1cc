using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;
using Weft.Tests.Unit.Policy;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>
/// Cases whose every verdict three other engines agree on, with real packets: a few of them each run, others every
/// time. All of them when WEFT_POLICY_CASES is "all"; one by its number when it is that.
/// </summary>
public abstract class SharedCaseTests
{
    private const string Variable = "WEFT_POLICY_CASES";
    private const int Sample = 8;
    private readonly PolicyLab lab;

    private protected SharedCaseTests(PolicyLab lab) => this.lab = lab;

    public static TheoryData<int> Cases
    {
        get
        {
            var all = Enumerable.Range(0, SharedCase.All.Count).ToArray();
            return Environment.GetEnvironmentVariable(Variable) switch
            {
                "all" => [.. all],
                { Length: > 0 } number => [int.Parse(number, null)],
                _ => [.. Random.Shared.GetItems(all, Sample).Distinct()],
            };
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Packets_meet_the_verdicts_of_the_case(int number)
    {
        var found = SharedCase.All[number];
        using var json = JsonDocument.Parse(found.Line);
        var addresses = json
            .RootElement.GetProperty("pods")
            .EnumerateArray()
            .ToDictionary(PodOf, pod => pod.GetProperty("ip").GetString()!);
        lab.Reset();
        lab.SetLabels(
            json.RootElement.GetProperty("pods")
                .EnumerateArray()
                .ToDictionary(PodOf, pod => Labels(pod.GetProperty("labels"))),
            json.RootElement.GetProperty("namespaces")
                .EnumerateObject()
                .ToDictionary(ns => ns.Name, ns => Labels(ns.Value))
        );
        foreach (var policy in json.RootElement.GetProperty("policies").EnumerateArray())
        {
            lab.Apply(CaseBlocks.Translate(JsonNode.Parse(policy.GetRawText())!, addresses, lab).ToJsonString());
        }

        await Reachability.BecomesAsync(
            [.. addresses.Keys.Select(pod => lab[pod])],
            [
                // Not every case asks about every port.
                .. from asked in found.Verdicts.Keys.Select(row => string.Join('/', row.Split('/')[^2..])).Distinct()
                select new Expectation(
                    Enum.Parse<PathProtocol>(asked.Split('/')[0], ignoreCase: true),
                    ushort.Parse(asked.Split('/')[1], CultureInfo.InvariantCulture),
                    (source, destination) => found.Verdicts[$"{source}>{destination}/{asked}"] == "IE"
                ),
            ]
        );
    }

    private static PodRef PodOf(JsonElement pod) =>
        new(pod.GetProperty("namespace").GetString()!, pod.GetProperty("name").GetString()!);

    private static IReadOnlyList<string> Labels(JsonElement labels) =>
        [.. labels.EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}")];
}

[Collection(typeof(MachineWide))]
public sealed class SharedCasesByVxlanTests : SharedCaseTests, IClassFixture<SharedCasesByVxlanTests.Fixture>
{
    public SharedCasesByVxlanTests(Fixture fixture)
        : base(fixture.Lab) { }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new VxlanPolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}

[Collection(typeof(MachineWide))]
public sealed class SharedCasesByRoutesTests : SharedCaseTests, IClassFixture<SharedCasesByRoutesTests.Fixture>
{
    public SharedCasesByRoutesTests(Fixture fixture)
        : base(fixture.Lab) { }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new NativePolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}
