using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>Kubernetes' own cases, in the lab: kubectl, real sockets, both families, same node and across.</summary>
public abstract class UpstreamCaseTests
{
    private readonly PolicyLab lab;

    private protected UpstreamCaseTests(PolicyLab lab) => this.lab = lab;

    public static TheoryData<string> Cases => [.. UpstreamCases.All.Select(found => found.Name)];

    [Fact]
    public void All_cases_are_there() =>
        Assert.Equal(48, UpstreamCases.All.Select(found => found.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string name)
    {
        lab.Reset();
        foreach (var step in UpstreamCases.All.Single(found => found.Name == name).Steps)
        {
            await step.DoAsync(lab);
        }
    }
}

[Collection(typeof(MachineWide))]
public sealed class UpstreamCasesByVxlanTests : UpstreamCaseTests, IClassFixture<UpstreamCasesByVxlanTests.Fixture>
{
    public UpstreamCasesByVxlanTests(Fixture fixture)
        : base(fixture.Lab) { }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new VxlanPolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}

[Collection(typeof(MachineWide))]
public sealed class UpstreamCasesByRoutesTests : UpstreamCaseTests, IClassFixture<UpstreamCasesByRoutesTests.Fixture>
{
    public UpstreamCasesByRoutesTests(Fixture fixture)
        : base(fixture.Lab) { }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new NativePolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}
