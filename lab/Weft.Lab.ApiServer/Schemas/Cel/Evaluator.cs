namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>The value of an expression, given those of its variables.</summary>
internal sealed class Evaluator
{
    /// <summary>A bound on the work of one rule on one object, as the real server has one.</summary>
    private const int MaxSteps = 1_000_000;

    private readonly Dictionary<string, object?> variables;
    private int steps;

    private Evaluator(Dictionary<string, object?> variables) => this.variables = variables;

    /// <exception cref="CelException">It has no value.</exception>
    public static object? Evaluate(Expression expression, Dictionary<string, object?> variables) => new Evaluator(new(variables)).Value(expression);

    public static object? Add(object? a, object? b) =>
        (a, b) switch
        {
            (long x, long y) => Checked(() => checked(x + y)),
            (double x, double y) => x + y,
            (long x, double y) => x + y,
            (double x, long y) => x + y,
            (string x, string y) => x + y,
            (CelList x, CelList y) => Concat(x, y),
            (DateTimeOffset x, TimeSpan y) => x + y,
            (TimeSpan x, DateTimeOffset y) => y + x,
            (TimeSpan x, TimeSpan y) => x + y,
            _ => throw NoOverload(),
        };

    private static CelException NoOverload() => new("no such overload");

    private static CelList Concat(CelList x, CelList y) =>
        // The elements of a set that are in both are there once.
        x.Unordered && y.Unordered ? new CelList(x.Concat(y.Where(e => !x.Any(f => Values.Equals(e, f)))), unordered: true) : new CelList(x.Concat(y));

    private object? Value(Expression expression)
    {
        if (++steps > MaxSteps)
        {
            throw new CelException("validation failed due to running out of cost budget, no further validation rules will be run");
        }
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case Identifier identifier:
                return variables.TryGetValue(identifier.Name, out var bound) ? bound : throw new CelException($"no such attribute: {identifier.Name}");
            case Select select:
                return Member(select);
            case Index index:
                return Element(Value(index.Target), Value(index.Key), index.Optional);
            case ListOf list:
                return new CelList([.. list.Elements.Select(Value)]);
            case MapOf map:
                var made = new CelMap();
                foreach (var (key, value) in map.Entries)
                {
                    made[Value(key) ?? throw NoOverload()] = Value(value);
                }
                return made;
            case Comprehension comprehension:
                return Comprehend(comprehension);
            case Call call:
                return Result(call);
            default:
                throw new InvalidOperationException(expression.GetType().Name);
        }
    }

    private object? Member(Select select)
    {
        var target = Value(select.Target);
        if (target is Optional optional)
        {
            return optional.HasValue && optional.Value is CelMap inner && Find(inner, select.Field, out var found) ? new Optional(true, found) : new Optional(false, null);
        }
        if (target is not CelMap map)
        {
            throw select.Tests ? NoOverload() : new CelException($"no such key: {select.Field}");
        }
        var there = Find(map, select.Field, out var value);
        return select.Tests ? there
            : select.Optional ? new Optional(there, value)
            : there ? value
            : throw new CelException($"no such key: {select.Field}");
    }

    private static bool Find(CelMap map, string name, out object? value) =>
        map.TryGetValue(name, out value) || map.TryGetValue(Names.Unescape(name), out value);

    private static object? Element(object? target, object? key, bool optional)
    {
        if (target is Optional inner)
        {
            return inner.HasValue ? Element(inner.Value, key, optional: true) : inner;
        }
        object? value = null;
        var there = target switch
        {
            CelList list when key is long at => at >= 0 && at < list.Count && Got(list[(int)at], out value),
            CelMap map when key is not null => map.TryGetValue(key, out value),
            _ => throw NoOverload(),
        };
        return optional ? new Optional(there, value)
            : there ? value
            : throw new CelException(target is CelList ? $"index out of bounds: {key}" : $"no such key: {key}");

        static bool Got(object? element, out object? value)
        {
            value = element;
            return true;
        }
    }

    private object? Comprehend(Comprehension c)
    {
        var range = Value(c.Range);
        if (c.Macro == "optMap")
        {
            return range is not Optional optional ? throw NoOverload()
                : optional.HasValue ? new Optional(true, With(c.Variable, optional.Value, c.Body))
                : optional;
        }
        IEnumerable<object?> elements = range switch
        {
            CelList list => list,
            CelMap map => map.Keys,
            _ => throw NoOverload(),
        };
        switch (c.Macro)
        {
            case "all":
                return Fold(elements, c, until: false);
            case "exists":
                return Fold(elements, c, until: true);
            case "exists_one":
                return elements.Count(e => True(With(c.Variable, e, c.Body))) == 1;
            case "filter":
                return new CelList([.. elements.Where(e => True(With(c.Variable, e, c.Body)))]);
            default:
                // map(x, result), or map(x, condition, result).
                var chosen = c.Result is null ? elements : elements.Where(e => True(With(c.Variable, e, c.Body)));
                return new CelList([.. chosen.Select(e => With(c.Variable, e, c.Result ?? c.Body))]);
        }
    }

    /// <summary>An element that decides the result decides it also when others have no value.</summary>
    private bool Fold(IEnumerable<object?> elements, Comprehension c, bool until)
    {
        CelException? failure = null;
        foreach (var element in elements)
        {
            try
            {
                if (True(With(c.Variable, element, c.Body)) == until)
                {
                    return until;
                }
            }
            catch (CelException e)
            {
                failure = e;
            }
        }
        return failure is null ? !until : throw failure;
    }

    private object? With(string variable, object? value, Expression body)
    {
        var had = variables.TryGetValue(variable, out var outer);
        variables[variable] = value;
        try
        {
            return Value(body);
        }
        finally
        {
            if (had)
            {
                variables[variable] = outer;
            }
            else
            {
                variables.Remove(variable);
            }
        }
    }

    private static bool True(object? value) => value is bool flag ? flag : throw NoOverload();

    private object? Result(Call call)
    {
        switch (call.Function)
        {
            case "_&&_":
                return Logic(call, decisive: false);
            case "_||_":
                return Logic(call, decisive: true);
            case "_?_:_":
                return Value(True(Value(call.Arguments[0])) ? call.Arguments[1] : call.Arguments[2]);
            case "!_":
                return !True(Value(call.Arguments[0]));
            case "-_":
                return Value(call.Arguments[0]) switch
                {
                    long whole => -whole,
                    double real => -real,
                    TimeSpan duration => -duration,
                    _ => throw NoOverload(),
                };
        }
        if (call.Target is null && call.Arguments.Count == 2 && call.Function is ['_', .., '_'] or "@in")
        {
            return Operator(call.Function, Value(call.Arguments[0]), Value(call.Arguments[1]));
        }
        if (call.Target is Identifier space && Functions.Exists($"{space.Name}.{call.Function}", method: false) && !variables.ContainsKey(space.Name))
        {
            return Functions.Call($"{space.Name}.{call.Function}", method: false, [.. call.Arguments.Select(Value)]);
        }
        return call.Target is null
            ? Functions.Call(call.Function, method: false, [.. call.Arguments.Select(Value)])
            : Functions.Call(call.Function, method: true, [Value(call.Target), .. call.Arguments.Select(Value)]);
    }

    /// <summary>Either side decides, whatever the other is.</summary>
    private bool Logic(Call call, bool decisive)
    {
        CelException? failure = null;
        foreach (var side in call.Arguments)
        {
            try
            {
                if (True(Value(side)) == decisive)
                {
                    return decisive;
                }
            }
            catch (CelException e)
            {
                failure ??= e;
            }
        }
        return failure is null ? !decisive : throw failure;
    }

    private static object? Operator(string name, object? a, object? b) =>
        name switch
        {
            "_==_" => Values.Equals(a, b),
            "_!=_" => !Values.Equals(a, b),
            "_<_" => Values.Compare(a, b) < 0,
            "_<=_" => Values.Compare(a, b) <= 0,
            "_>_" => Values.Compare(a, b) > 0,
            "_>=_" => Values.Compare(a, b) >= 0,
            "@in" => b switch
            {
                CelList list => list.Any(e => Values.Equals(e, a)),
                CelMap map => a is not null && map.ContainsKey(a),
                _ => throw NoOverload(),
            },
            "_+_" => Add(a, b),
            _ => Arithmetic(name, a, b),
        };

    private static object? Arithmetic(string name, object? a, object? b) =>
        (name, a, b) switch
        {
            ("_-_", long x, long y) => Checked(() => checked(x - y)),
            ("_-_", double x, double y) => x - y,
            ("_-_", DateTimeOffset x, DateTimeOffset y) => x - y,
            ("_-_", DateTimeOffset x, TimeSpan y) => x - y,
            ("_-_", TimeSpan x, TimeSpan y) => x - y,
            ("_*_", long x, long y) => Checked(() => checked(x * y)),
            ("_*_", double x, double y) => x * y,
            ("_/_" or "_%_", long, 0L) => throw new CelException("division by zero"),
            ("_/_", long x, long y) => Checked(() => checked(x / y)),
            ("_/_", double x, double y) => x / y,
            ("_%_", long x, long y) => y == -1 ? 0L : x % y,
            _ => throw NoOverload(),
        };

    private static long Checked(Func<long> operation)
    {
        try
        {
            return operation();
        }
        catch (OverflowException)
        {
            throw new CelException("integer overflow");
        }
    }
}
