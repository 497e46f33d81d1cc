using System.Text.Json;
using Weft.Policy.Cases;

namespace Weft.Tests.Unit.Policy;

public sealed class SharedCasesTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, SharedCase.All.Count)];

    [Fact]
    public void All_cases_are_there() => Assert.Equal(137, SharedCase.All.Count);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_verdict_of_a_case_is_right(int index)
    {
        var expected = SharedCase.All[index];
        var judged = CaseJudge.Judge(JsonSerializer.Deserialize(expected.Line, CaseJson.Default.PolicyCase)!);
        var wrong = expected
            .Verdicts.Where(verdict => judged.Verdicts.GetValueOrDefault(verdict.Key) != verdict.Value)
            .Select(verdict => $"{verdict.Key}: {judged.Verdicts.GetValueOrDefault(verdict.Key)}, not {verdict.Value}");
        Assert.NotEmpty(expected.Verdicts);
        Assert.True(!wrong.Any(), $"{expected}: {string.Join("; ", wrong)}");
    }
}
