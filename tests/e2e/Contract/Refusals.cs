namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Changes that the rules of our definitions refuse: what people get wrong.</summary>
internal static class Refusals
{
    private const string Pool = """{"spec": {"ranges": [{"cidr": "10.1.0.0/16", "blockSize": 24}]}}""";
    private const string Identity = """{"spec": {"id": 300, "namespace": "default", "labels": {"app": "web"}}}""";
    private const string Node =
        """{"spec": {"podCIDRs": ["10.1.1.0/24"], "addresses": ["192.0.2.1", "2001:db8::1"]}}""";
    private const string RangesStay = "ranges can be added, not changed or taken away";
    private const string HostBits = "must be a prefix with host bits clear";
    private const string EachHostBits = "each must be a prefix with host bits clear";
    private const string NotAnAddress = "each must be an IPv4 or IPv6 address";
    private const string Immutable = "an identity never changes";

    /// <summary>
    /// The kind's plural name; a valid object without apiVersion, kind and metadata; a JSON merge patch of it; how the
    /// message of the rule that the patch breaks begins.
    /// </summary>
    public static TheoryData<string, string, string, string> All =>
        [
            ("weftippools", Pool, Ranges("10.2.0.0/16", 24), RangesStay),
            ("weftippools", Pool, Ranges("10.1.0.0/16", 25), RangesStay),
            ("weftippools", Pool, AndRange("10.1.0.1/16", 24), HostBits),
            ("weftippools", Pool, AndRange("10.300.0.0/16", 24), HostBits),
            ("weftippools", Pool, AndRange("10.2.0.0", 24), HostBits),
            ("weftippools", Pool, AndRange("2001:DB8::/48", 64), HostBits),
            ("weftippools", Pool, AndRange("2001:db8::1/48", 64), HostBits),
            ("weftippools", Pool, AndRange("::ffff:10.2.0.0/112", 120), HostBits),
            ("weftippools", Pool, AndRange("10.2.0.0/16", 15), "blockSize must not be less than the length of cidr"),
            ("weftippools", Pool, AndRange("10.0.0.0/8", 25), "blockSize must be at most 16 more"),
            ("weftippools", Pool, AndRange("2001:db8::/48", 65), "blockSize must be at most 16 more"),
            ("weftippools", Pool, AndRange("10.2.0.0/16", 31), "blockSize of IPv4 must be at most 30"),
            ("weftidentities", Identity, """{"spec": {"id": 301}}""", Immutable),
            ("weftidentities", Identity, """{"spec": {"labels": {"app": "db"}}}""", Immutable),
            ("weftidentities", Identity, """{"spec": {"labels": null}}""", Immutable),
            ("weftidentities", Identity, """{"spec": {"absentLabels": ["tier"]}}""", Immutable),
            ("weftnodes", Node, """{"spec": {"podCIDRs": ["10.1.1.0/24", "10.1.1.1/24"]}}""", EachHostBits),
            ("weftnodes", Node, """{"spec": {"podCIDRs": ["10.1.1.0"]}}""", EachHostBits),
            ("weftnodes", Node, """{"spec": {"addresses": ["192.0.2.1/24"]}}""", NotAnAddress),
            ("weftnodes", Node, """{"spec": {"addresses": ["node1"]}}""", NotAnAddress),
        ];

    private static string Ranges(string cidr, int blockSize) =>
        $$$"""{"spec": {"ranges": [{{{Range(cidr, blockSize)}}}]}}""";

    private static string AndRange(string cidr, int blockSize) =>
        $$$"""{"spec": {"ranges": [{{{Range("10.1.0.0/16", 24)}}}, {{{Range(cidr, blockSize)}}}]}}""";

    private static string Range(string cidr, int blockSize) =>
        $$"""{"cidr": "{{cidr}}", "blockSize": {{blockSize}} }""";
}
