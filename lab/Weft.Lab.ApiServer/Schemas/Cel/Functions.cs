using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Defaults;

namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>The functions and methods of the language and of the Kubernetes libraries that rules of definitions use.</summary>
internal static class Functions
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A call's arguments, its target first.</summary>
    private delegate object? Body(object?[] arguments);

    private static readonly Dictionary<(string Name, bool Method, int Arguments), Body> All = new()
    {
        [("size", false, 1)] = a => Size(a[0]),
        [("size", true, 0)] = a => Size(a[0]),
        [("int", false, 1)] = a => Whole(a[0]),
        [("uint", false, 1)] = a =>
            Whole(a[0]) is >= 0 and var whole ? whole : throw new CelException("unsigned integer overflow"),
        [("double", false, 1)] = a => Real(a[0]),
        [("string", false, 1)] = a => Values.Print(a[0]),
        [("bool", false, 1)] = a =>
            a[0] is bool flag ? flag
            : bool.TryParse(a[0] as string, out flag) ? flag
            : throw NoOverload(),
        [("dyn", false, 1)] = a => a[0],
        [("duration", false, 1)] = a =>
            a[0] is TimeSpan d ? d : Values.Duration(Text(a[0])) ?? throw new CelException("invalid duration"),
        [("timestamp", false, 1)] = a =>
            a[0] is DateTimeOffset t ? t
            : DateTimeOffset.TryParse(Text(a[0]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out t)
                ? t
            : throw new CelException("invalid timestamp"),
        [("matches", true, 1)] = a => Matches(a),
        [("matches", false, 2)] = a => Matches(a),
        [("contains", true, 1)] = a => Text(a[0]).Contains(Text(a[1]), StringComparison.Ordinal),
        [("startsWith", true, 1)] = a => Text(a[0]).StartsWith(Text(a[1]), StringComparison.Ordinal),
        [("endsWith", true, 1)] = a => Text(a[0]).EndsWith(Text(a[1]), StringComparison.Ordinal),
        [("lowerAscii", true, 0)] = a => Text(a[0]).ToLowerInvariant(),
        [("upperAscii", true, 0)] = a => Text(a[0]).ToUpperInvariant(),
        [("trim", true, 0)] = a => Text(a[0]).Trim(),
        [("split", true, 1)] = a => Split(a, -1),
        [("split", true, 2)] = a => Split(a, (int)Whole(a[2])),
        [("replace", true, 2)] = a =>
            Text(a[1]).Length == 0 ? Text(a[0]) : Text(a[0]).Replace(Text(a[1]), Text(a[2]), StringComparison.Ordinal),
        [("charAt", true, 1)] = a => Part(Text(a[0]), Whole(a[1]), Math.Min(Whole(a[1]) + 1, Text(a[0]).Length)),
        [("substring", true, 1)] = a => Part(Text(a[0]), Whole(a[1]), Text(a[0]).Length),
        [("substring", true, 2)] = a => Part(Text(a[0]), Whole(a[1]), Whole(a[2])),
        [("indexOf", true, 1)] = a =>
            a[0] is CelList list
                ? list.FindIndex(e => Values.Equals(e, a[1]))
                : (long)Text(a[0]).IndexOf(Text(a[1]), StringComparison.Ordinal),
        [("lastIndexOf", true, 1)] = a =>
            a[0] is CelList list
                ? list.FindLastIndex(e => Values.Equals(e, a[1]))
                : (long)Text(a[0]).LastIndexOf(Text(a[1]), StringComparison.Ordinal),
        [("find", true, 1)] = a =>
            Regex.Match(Text(a[0]), Text(a[1]), RegexOptions.CultureInvariant, PatternTimeout).Value,
        [("findAll", true, 1)] = a => new CelList(
            Regex
                .Matches(Text(a[0]), Text(a[1]), RegexOptions.CultureInvariant, PatternTimeout)
                .Select(m => (object?)m.Value)
        ),
        [("join", true, 0)] = a => string.Concat(List(a[0]).Select(Text)),
        [("join", true, 1)] = a => string.Join(Text(a[1]), List(a[0]).Select(Text)),
        [("format", true, 1)] = a => Format(Text(a[0]), List(a[1])),
        [("sum", true, 0)] = a => List(a[0]).Aggregate((object?)0L, (sum, e) => Evaluator.Add(sum, e)),
        [("min", true, 0)] = a => Extreme(List(a[0]), -1),
        [("max", true, 0)] = a => Extreme(List(a[0]), 1),
        [("isSorted", true, 0)] = a =>
            List(a[0]).Zip(List(a[0]).Skip(1)).All(pair => Values.Compare(pair.First, pair.Second) <= 0),
        [("isIP", false, 1)] = a => !Formats.Ip(Text(a[0])).Any(),
        [("ip", false, 1)] = a =>
            Formats.Ip(Text(a[0])).FirstOrDefault() is { } problem
                ? throw new CelException($"IP Address {Text(a[0])} {problem}")
                : Formats.ParseIp(Text(a[0])),
        [("ip.isCanonical", false, 1)] = a => Formats.ParseIp(Text(a[0]))?.ToString() == Text(a[0]),
        [("family", true, 0)] = a => Ip(a[0]).AddressFamily == AddressFamily.InterNetwork ? 4L : 6L,
        [("isUnspecified", true, 0)] = a =>
            Ip(a[0]).Equals(System.Net.IPAddress.Any) || Ip(a[0]).Equals(System.Net.IPAddress.IPv6Any),
        [("isLoopback", true, 0)] = a => System.Net.IPAddress.IsLoopback(Ip(a[0])),
        [("isLinkLocalMulticast", true, 0)] = a => Ip(a[0]).GetAddressBytes() is [224, 0, 0, _] or [0xff, 0x02, ..],
        [("isLinkLocalUnicast", true, 0)] = a =>
            Ip(a[0]).GetAddressBytes() is [169, 254, _, _] || Ip(a[0]).IsIPv6LinkLocal,
        [("isGlobalUnicast", true, 0)] = a => IsGlobalUnicast(Ip(a[0])),
        [("isCIDR", false, 1)] = a => ParseCidr(Text(a[0])) is not null,
        [("cidr", false, 1)] = a =>
            ParseCidr(Text(a[0])) is { } c ? c : throw new CelException($"network address parse error: {Text(a[0])}"),
        [("containsIP", true, 1)] = a =>
            Contains(Net(a[0]), a[1] is string text ? Formats.ParseIp(text) ?? throw NoOverload() : Ip(a[1])),
        [("containsCIDR", true, 1)] = a =>
            (a[1] is string text ? ParseCidr(text) ?? throw NoOverload() : Net(a[1])) is var inner
            && Contains(Net(a[0]), inner.Network.BaseAddress)
            && inner.Network.PrefixLength >= Net(a[0]).Network.PrefixLength,
        [("ip", true, 0)] = a => Net(a[0]).Address,
        [("masked", true, 0)] = a => new Cidr(Net(a[0]).Network.BaseAddress, Net(a[0]).Network),
        [("prefixLength", true, 0)] = a => (long)Net(a[0]).Network.PrefixLength,
        [("sets.contains", false, 2)] = a => List(a[1]).All(e => List(a[0]).Any(f => Values.Equals(e, f))),
        [("sets.intersects", false, 2)] = a => List(a[1]).Any(e => List(a[0]).Any(f => Values.Equals(e, f))),
        [("sets.equivalent", false, 2)] = a =>
            List(a[1]).All(e => List(a[0]).Any(f => Values.Equals(e, f)))
            && List(a[0]).All(e => List(a[1]).Any(f => Values.Equals(e, f))),
        [("optional.of", false, 1)] = a => new Optional(true, a[0]),
        [("optional.none", false, 0)] = _ => new Optional(false, null),
        [("hasValue", true, 0)] = a => Maybe(a[0]).HasValue,
        [("value", true, 0)] = a =>
            Maybe(a[0]).HasValue ? Maybe(a[0]).Value : throw new CelException("optional.none() dereference"),
        [("orValue", true, 1)] = a => Maybe(a[0]).HasValue ? Maybe(a[0]).Value : a[1],
        [("or", true, 1)] = a => Maybe(a[0]).HasValue ? a[0] : a[1],
        [("getFullYear", true, 0)] = a => (long)Time(a[0]).Year,
        [("getMonth", true, 0)] = a => (long)Time(a[0]).Month - 1,
        [("getDate", true, 0)] = a => (long)Time(a[0]).Day,
        [("getHours", true, 0)] = a => a[0] is TimeSpan d ? (long)d.TotalHours : Time(a[0]).Hour,
        [("getMinutes", true, 0)] = a => a[0] is TimeSpan d ? (long)d.TotalMinutes : Time(a[0]).Minute,
        [("getSeconds", true, 0)] = a => a[0] is TimeSpan d ? (long)d.TotalSeconds : Time(a[0]).Second,
    };

    /// <summary>Whether anything has this name at all.</summary>
    public static bool Exists(string name, bool method) =>
        All.Keys.Any(key => key.Name == name && key.Method == method);

    public static bool Exists(string name, bool method, int arguments) => All.ContainsKey((name, method, arguments));

    /// <summary>Calls a function; the target of a method is the first argument.</summary>
    public static object? Call(string name, bool method, object?[] arguments) =>
        All.TryGetValue((name, method, method ? arguments.Length - 1 : arguments.Length), out var body)
            ? body(arguments)
            : throw NoOverload();

    private static CelException NoOverload() => new("no such overload");

    private static string Text(object? value) => value as string ?? throw NoOverload();

    private static CelList List(object? value) => value as CelList ?? throw NoOverload();

    private static Optional Maybe(object? value) => value as Optional ?? throw NoOverload();

    private static System.Net.IPAddress Ip(object? value) => value as System.Net.IPAddress ?? throw NoOverload();

    private static Cidr Net(object? value) => value as Cidr ?? throw NoOverload();

    private static DateTimeOffset Time(object? value) =>
        value is DateTimeOffset time ? time.ToUniversalTime() : throw NoOverload();

    private static long Size(object? value) =>
        value switch
        {
            string text => text.EnumerateRunes().Count(),
            CelList list => list.Count,
            CelMap map => map.Count,
            _ => throw NoOverload(),
        };

    private static long Whole(object? value) =>
        value switch
        {
            long whole => whole,
            double real when Math.Abs(real) < long.MaxValue => (long)real,
            string text
                when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) =>
                parsed,
            DateTimeOffset time => time.ToUnixTimeSeconds(),
            _ => throw NoOverload(),
        };

    private static double Real(object? value) =>
        value switch
        {
            long whole => whole,
            double real => real,
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) =>
                parsed,
            _ => throw NoOverload(),
        };

    private static bool Matches(object?[] a)
    {
        try
        {
            return Regex.IsMatch(Text(a[0]), Text(a[1]), RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw new CelException($"error parsing regexp: {e.Message}");
        }
    }

    private static CelList Split(object?[] a, int limit)
    {
        var (text, separator) = (Text(a[0]), Text(a[1]));
        var parts =
            separator.Length == 0 ? [.. text.EnumerateRunes().Select(r => r.ToString())]
            : limit < 0 ? text.Split(separator)
            : text.Split(separator, Math.Max(limit, 1));
        return new CelList(limit == 0 ? [] : parts);
    }

    private static string Part(string text, long from, long to) =>
        from >= 0 && from <= to && to <= text.Length
            ? text[(int)from..(int)to]
            : throw new CelException("index out of range");

    private static string Format(string format, CelList values)
    {
        var next = 0;
        return Regex.Replace(
            format,
            "%([sdfxb%])",
            match =>
                match.Value == "%%"
                    ? "%"
                    : Values.Print(next < values.Count ? values[next++] : throw new CelException("index out of range"))
        );
    }

    private static object? Extreme(CelList list, int sign) =>
        list.Count == 0
            ? throw new CelException("min and max need a list that is not empty")
            : list.Aggregate((best, e) => Values.Compare(e, best) * sign > 0 ? e : best);

    private static bool Contains(Cidr network, System.Net.IPAddress ip) =>
        ip.AddressFamily == network.Address.AddressFamily && network.Network.Contains(ip);

    /// <summary>As the real server's library, which takes no IPv4-mapped address.</summary>
    private static Cidr? ParseCidr(string text) =>
        Formats.ParseCidr(text) is { Address.IsIPv4MappedToIPv6: false } cidr
            ? new Cidr(cidr.Address, cidr.Network)
            : null;

    private static bool IsGlobalUnicast(System.Net.IPAddress ip)
    {
        var bytes = ip.GetAddressBytes();
        var special =
            bytes.Length == 4
                ? bytes[0] >= 224 || bytes is [169, 254, _, _] or [0, 0, 0, 0]
                : bytes[0] == 0xff || ip.IsIPv6LinkLocal || ip.Equals(System.Net.IPAddress.IPv6Any);
        return !special && !System.Net.IPAddress.IsLoopback(ip);
    }
}
