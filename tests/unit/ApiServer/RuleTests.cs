using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Schemas.Cel;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>Rules of definitions (CEL).</summary>
public sealed class RuleTests
{
    private const string Schema = """
        {"type":"object","properties":{
          "n":{"type":"integer"},"r":{"type":"number"},"s":{"type":"string"},"t":{"type":"string","format":"date-time"},"b":{"type":"boolean"},
          "list":{"type":"array","items":{"type":"string"}},
          "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer"}}}},
          "labels":{"type":"object","additionalProperties":{"type":"string"}},
          "pod-cidr":{"type":"string"},"any":{"x-kubernetes-preserve-unknown-fields":true}}}
        """;

    private const string Value = """
        {"n":5,"r":2.5,"s":"Hello","t":"2026-01-02T03:04:05Z","b":true,"list":["a","b"],"set":["x","y"],
         "ports":[{"name":"http","port":80},{"name":"dns","port":53}],"labels":{"app":"web"},"pod-cidr":"10.0.0.0/16","any":{"deep":[1,"two"]}}
        """;

    [Theory]
    [InlineData("self.n == 5 && self.n + 1 == 6 && self.n % 2 == 1 && -self.n < 0 && self.n / 2 == 2")]
    [InlineData("self.r > 2.0 && self.r * 2.0 == 5.0 && self.n > 2.5")]
    [InlineData("self.s.startsWith('He') && self.s.endsWith(\"lo\") && self.s.contains('ell') && self.s.matches('^H[a-z]+$')")]
    [InlineData("self.s.lowerAscii() == 'hello' && self.s.size() == 5 && size(self.s) == 5 && self.s.substring(1, 3) == 'el'")]
    [InlineData("'a,b'.split(',') == self.list && self.list.join('-') == 'a-b'")]
    [InlineData("has(self.n) && !has(self.ports[0].none) || true")]
    [InlineData("self.n > 3 ? self.b : false")]
    [InlineData("'a' in self.list && !('z' in self.list) && 'app' in self.labels && self.labels['app'] == 'web'")]
    [InlineData("self.list.all(x, x.size() == 1) && self.list.exists(x, x == 'b') && self.list.exists_one(x, x == 'a')")]
    [InlineData("self.ports.filter(p, p.port < 60).map(p, p.name) == ['dns']")]
    [InlineData("self.ports.map(p, p.port > 60, p.name) == ['http']")]
    [InlineData("self.labels.all(k, k == 'app')")]
    [InlineData("self.set == ['y', 'x'] || self.set.all(x, x in ['x', 'y'])")]
    [InlineData("cidr(self.pod__dash__cidr).containsIP('10.0.1.2') && cidr(self.pod__dash__cidr).containsCIDR('10.0.8.0/24')")]
    [InlineData("isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && isIP('::1') && !isIP('10.0.0.256') && !isIP('127.1')")]
    [InlineData("ip('fd00::1').family() == 6 && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').prefixLength() == 8")]
    [InlineData("!cidr('10.0.0.0/8').containsIP('fd00::1') && ip.isCanonical('fd00::1') && !ip.isCanonical('fd00::0001')")]
    [InlineData("self.t < timestamp('2027-01-01T00:00:00Z') && duration('1h') > duration('59m') && self.t.getFullYear() == 2026")]
    [InlineData("self.any.deep[0] == 1 && self.any.deep[1] == 'two'")]
    [InlineData("self.none == 1 || true")]
    [InlineData("[1, 2, 3].sum() == 6 && {'a': 1}['a'] == 1 && [1, 2].max() == 2 && [1, 2].isSorted()")]
    [InlineData("self.?none.orValue(7) == 7 && self.?n.orValue(7) == 5 && !self.?none.hasValue()")]
    [InlineData("'%s-%d'.format(['a', 1]) == 'a-1' && string(1) == '1' && int('7') == 7 && double('1.5') == 1.5")]
    [InlineData("r'\\d' == '\\\\d' && '\\u0041' == 'A' && '''a'b''' == \"a'b\"")]
    [InlineData("sets.contains(self.list, ['a']) && sets.equivalent(['a', 'b'], ['b', 'a'])")]
    [InlineData("true || 1 / 0 == 1")]
    public void A_rule_that_holds(string expression) => Assert.Empty(Evaluate(expression));

    [Theory]
    [InlineData("self.n > 5", "Invalid value: failed rule: self.n > 5")]
    [InlineData("self.list.all(x, x == 'a')", "Invalid value: failed rule: self.list.all(x, x == 'a')")]
    [InlineData("self.n / 0 == 1", "Invalid value: \"object\": division by zero evaluating rule: self.n / 0 == 1")]
    [InlineData("self.list[7] == 'a'", "Invalid value: \"object\": index out of bounds: 7 evaluating rule: self.list[7] == 'a'")]
    public void A_rule_that_does_not_hold(string expression, string message) => Assert.Equal(message, Assert.Single(Evaluate(expression)).Message);

    [Theory]
    [InlineData("self.none", "undefined field 'none'")]
    [InlineData("self.ports.all(p, p.nam == 'x')", "undefined field 'nam'")]
    [InlineData("other.n == 1", "undeclared reference to 'other' (in container '')")]
    [InlineData("self.s.foo()", "undeclared reference to 'foo' (in container '')")]
    [InlineData("self.n == 'a'", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("self.s > 3", "found no matching overload for '_>_' applied to '(string, int)'")]
    [InlineData("self.n && true", "found no matching overload for '_&&_' applied to '(int, bool)'")]
    [InlineData("self.n.startsWith('a')", "found no matching overload for 'startsWith' applied to '(int, string)'")]
    [InlineData("self.n >= ", "Syntax error: unexpected '<EOF>'")]
    [InlineData("self.n = 1", "Syntax error: token recognition error at: '='")]
    [InlineData("'abc", "Syntax error: unterminated string")]
    [InlineData("(self.n", "Syntax error: unexpected '<EOF>'")]
    public void A_rule_that_cannot_be_is_refused(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<CelSyntaxException>(() => Checker.Check(expression, Read(Schema), false)).Message);

    [Fact]
    public void A_refusal_points_at_the_place() =>
        Assert.Equal(
            "ERROR: <input>:1:5: undefined field 'none'\n | self.none == 1\n | ....^",
            Assert.Throws<CelSyntaxException>(() => Checker.Check("self.none == 1", Read(Schema), false)).Print()
        );

    [Fact]
    public void A_rule_about_the_change_counts_only_when_there_was_something()
    {
        var schema = Read("""{"type":"object","properties":{"n":{"type":"integer","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"immutable"}]}}}""");
        Assert.Empty(Validation.Validate(Object("""{"n":1}"""), null, schema));
        Assert.Empty(Validation.Validate(Object("""{"n":1}"""), Object("""{"n":1}"""), schema));
        var error = Assert.Single(Validation.Validate(Object("""{"n":2}"""), Object("""{"n":1}"""), schema));
        Assert.Equal(("n", "Invalid value: 2: immutable"), (error.Field, error.Message));
    }

    [Fact]
    public void An_optional_old_self_is_there_on_creation_too()
    {
        var schema = Read("""{"type":"object","x-kubernetes-validations":[{"rule":"oldSelf.hasValue() || self.n == 0","optionalOldSelf":true,"message":"starts at 0"}],"properties":{"n":{"type":"integer"}}}""");
        Assert.Empty(Validation.Validate(Object("""{"n":0}"""), null, schema));
        Assert.NotEmpty(Validation.Validate(Object("""{"n":1}"""), null, schema));
        Assert.Empty(Validation.Validate(Object("""{"n":1}"""), Object("""{"n":0}"""), schema));
    }

    [Fact]
    public void A_rule_names_its_message_its_reason_and_its_field()
    {
        var schema = Read("""{"type":"object","x-kubernetes-validations":[{"rule":"self.n > 3","messageExpression":"'n is ' + string(self.n)","reason":"FieldValueForbidden","fieldPath":".n"}],"properties":{"n":{"type":"integer"}}}""");
        var error = Assert.Single(Validation.Validate(Object("""{"n":1}"""), null, schema));
        Assert.Equal(new FieldError("FieldValueForbidden", "n", "Forbidden: n is 1"), error);
    }

    [Fact]
    public void A_rule_that_takes_too_long_stops()
    {
        var schema = Read("""{"type":"object","x-kubernetes-validations":[{"rule":"self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a + b + c + d >= 0))))"}],"properties":{"l":{"type":"array","items":{"type":"integer"}}}}""");
        var list = new JsonArray([.. Enumerable.Range(0, 100).Select(i => (JsonNode)i)]);
        Assert.Contains("cost budget", Assert.Single(Validation.Validate(new JsonObject { ["l"] = list }, null, schema)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<FieldError> Evaluate(string expression)
    {
        var schema = Object(Schema);
        schema["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = expression });
        return Validation.Validate(Object(Value), null, CustomSchema.Read(schema));
    }

    private static KindSchema Read(string schema) => CustomSchema.Read(Object(schema));

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
