using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>The answers that differ from the recorded ones, by where they differ, and why.</summary>
internal static class DeliberateDifferences
{
    /// <param name="Exchanges">Numbers of exchanges, or null for all.</param>
    /// <param name="Where">What the difference reads like.</param>
    /// <param name="Reason">Why it is meant to be so.</param>
    public sealed record Rule(int[]? Exchanges, Regex Where, string Reason);

    public static IReadOnlyList<Rule> All { get; } =
    [
        new(null, new(@"^\.(gitVersion|gitCommit|goVersion|compiler): "), "it says that it is not the real server"),
        new(
            [1, 2, 89],
            new(@"^\.items(\[0\]\.versions\[0\]\.resources)?: "),
            "the kinds of the lab, not all there are"
        ),
        new(
            [7, 8, 23, 88],
            new("^status 304 -> 200"),
            "the recorded clients sent ETags, which are not in the recording"
        ),
        new(
            [.. OpenApi],
            new("^status 200 -> 404|OpenAPI document"),
            "OpenAPI documents were left out of the recording; it has hashes of its own"
        ),
        new(null, new(@"\.columnDefinitions\[\d+\]\.description: "), "nothing prints the descriptions of columns"),
        new(
            null,
            new(
                @"\.spec\.(volumes|serviceAccountName|serviceAccount|tolerations|priority|preemptionPolicy|containers\[0\]\.volumeMounts|taints): "
            ),
            "admission plugins of the real server: there are none"
        ),
        new(null, new(@"\.status\.qosClass: "), "nothing of the lab looks at it"),
        new(
            null,
            new(@"f:spec: null -> \{""f:finalizers"":\{\}\}"),
            "who makes a namespace owns the finalizer that it gets with it"
        ),
        new(
            [
                21,
                30,
                31,
                33,
                34,
                35,
                39,
                40,
                42,
                43,
                45,
                46,
                48,
                49,
                61,
                65,
                124,
                127,
                128,
                130,
                132,
                136,
                138,
                139,
                140,
                143,
                152,
                201,
            ],
            new(@"\.(status|managedFields|rows|cells|spec\.taints)|deployment\.kubernetes\.io/revision"),
            "the scheduler and the controllers of the recorded cluster had written this"
        ),
        new(
            [37, 125],
            new(@"^\.items: 0 items -> 1 items"),
            "the recording lost the pod of these lists: a real server that is asked again finds it"
        ),
        new([139], new("."), "the recording of this watch is cut off"),
        new([149], new(@"\.metadata\.managedFields: 2 items -> 1"), "what the server writes by itself has no owner"),
        new(
            [158, 159],
            new(@"remainingItemCount|^\.items: 1 items -> 2"),
            "the recording lost an item of these pages, which its own remainingItemCount still counts"
        ),
        new([169], new("^: 13 items"), "its history also had what others wrote before the recording"),
        new(
            [210, 211],
            new("^status 200 -> 404|1 items -> 0 items"),
            "a deleted namespace without content is gone before the answer"
        ),
    ];

    private static IEnumerable<int> OpenApi =>
        RecordedExchange
            .All.Where(recorded => recorded.Path.StartsWith("/openapi/", StringComparison.Ordinal))
            .Select(recorded => recorded.Number);

    /// <summary>The rule that a difference is meant by.</summary>
    public static Rule? Find(int number, string difference) =>
        All.FirstOrDefault(rule => rule.Exchanges?.Contains(number) != false && rule.Where.IsMatch(difference));
}
