namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>
/// What can be told of an expression before it is evaluated: names and fields that do not exist, functions that do not
/// exist, operands of types that do not go together.
/// </summary>
internal sealed class Checker
{
    private readonly string text;
    private readonly Dictionary<string, Static> variables;

    private Checker(string text, Dictionary<string, Static> variables)
    {
        this.text = text;
        this.variables = variables;
    }

    /// <summary>What is known of a value: the name of its type (dyn for nothing) and the schema behind it.</summary>
    internal sealed record Static(string Type, KindSchema? Schema = null)
    {
        public static readonly Static Dyn = new("dyn");

        public static Static Of(KindSchema? schema) =>
            schema?.Type switch
            {
                "object" when schema.PreserveUnknown && schema.Properties.Count == 0 => Dyn,
                "object" => new("map", schema),
                "array" => new("list", schema),
                "string" when schema.Format is "date-time" or "date" => new("timestamp"),
                "string" when schema.Format is "duration" => new("duration"),
                "string" => new("string"),
                "integer" => new("int"),
                "number" => new("double"),
                "boolean" => new("bool"),
                _ => Dyn,
            };
    }

    /// <summary>The type of a rule over a value of the schema; throws <see cref="CelSyntaxException"/>.</summary>
    public static string Check(string text, KindSchema self, bool optionalOldSelf)
    {
        var type = Static.Of(self);
        var variables = new Dictionary<string, Static> { ["self"] = type, ["oldSelf"] = optionalOldSelf ? Static.Dyn : type };
        return new Checker(text, variables).Visit(Parser.Parse(text)).Type;
    }

    private CelSyntaxException Error(Expression at, string message) => new(text, at.Position, message);

    private Static Visit(Expression expression)
    {
        switch (expression)
        {
            case Literal literal:
                return new Static(
                    literal.Value switch
                    {
                        bool => "bool",
                        long => "int",
                        double => "double",
                        string => "string",
                        _ => "dyn",
                    }
                );
            case Identifier identifier:
                return variables.TryGetValue(identifier.Name, out var bound) ? bound
                    : identifier.Name is "int" or "string" or "bool" or "double" or "list" or "map" or "type" ? Static.Dyn
                    : throw Error(identifier, $"undeclared reference to '{identifier.Name}' (in container '')");
            case Select select:
                return Field(select);
            case Index index:
                var indexed = Visit(index.Target);
                Visit(index.Key);
                return index.Optional ? Static.Dyn : Inner(indexed);
            case ListOf list:
                foreach (var element in list.Elements)
                {
                    Visit(element);
                }
                return new Static("list");
            case MapOf map:
                foreach (var (key, value) in map.Entries)
                {
                    Visit(key);
                    Visit(value);
                }
                return new Static("map");
            case Comprehension comprehension:
                return Macro(comprehension);
            case Call call:
                return Function(call);
            default:
                return Static.Dyn;
        }
    }

    private Static Field(Select select)
    {
        var target = Visit(select.Target);
        if (target.Type is not ("map" or "dyn"))
        {
            throw Error(select, $"type '{target.Type}' does not support field selection");
        }
        if (target.Schema is not { } schema)
        {
            return Static.Dyn;
        }
        var known = schema.Member(select.Field) ?? schema.Member(Names.Unescape(select.Field));
        if (known is null && !schema.PreserveUnknown && schema.AdditionalProperties is null && !(schema.Embedded || select.Field is "apiVersion" or "kind" or "metadata"))
        {
            throw Error(select, $"undefined field '{select.Field}'");
        }
        return select.Tests ? new Static("bool")
            : select.Optional ? Static.Dyn
            : Static.Of(known);
    }

    private static Static Inner(Static target) =>
        target.Schema is { } schema ? Static.Of(schema.Items ?? schema.AdditionalProperties) : Static.Dyn;

    private Static Macro(Comprehension c)
    {
        var range = Visit(c.Range);
        if (range.Type is not ("list" or "map" or "dyn"))
        {
            throw Error(c, $"expression of type '{range.Type}' cannot be range of a comprehension (must be list, map, or dynamic)");
        }
        var had = variables.TryGetValue(c.Variable, out var outer);
        variables[c.Variable] = c.Macro == "optMap" ? Static.Dyn : range.Type == "map" ? new Static("string") : Inner(range);
        var body = Visit(c.Body);
        var result = c.Result is null ? body : Visit(c.Result);
        if (had)
        {
            variables[c.Variable] = outer!;
        }
        else
        {
            variables.Remove(c.Variable);
        }
        if ((c.Macro is "all" or "exists" or "exists_one" or "filter" || c.Result is not null) && body.Type is not ("bool" or "dyn"))
        {
            throw Error(c.Body, $"expected type 'bool' but found '{body.Type}'");
        }
        return c.Macro switch
        {
            "filter" => range.Type == "list" ? range : new Static("list"),
            "map" => new Static("list"),
            "optMap" => result with { Type = "dyn", Schema = null },
            _ => new Static("bool"),
        };
    }

    private Static Function(Call call)
    {
        var arguments = call.Arguments.Select(Visit).ToArray();
        if (call.Target is Identifier space && !variables.ContainsKey(space.Name) && Functions.Exists($"{space.Name}.{call.Function}", method: false))
        {
            return Static.Dyn;
        }
        switch (call.Function)
        {
            case "_?_:_":
                Need(call, arguments[0].Type is "bool" or "dyn", arguments);
                return arguments[1].Type == arguments[2].Type ? arguments[1] : Static.Dyn;
            case "_&&_" or "_||_" or "!_":
                Need(call, arguments.All(a => a.Type is "bool" or "dyn"), arguments);
                return new Static("bool");
            case "-_":
                Need(call, arguments[0].Type is "int" or "double" or "duration" or "dyn", arguments);
                return arguments[0];
            case "@in":
                Need(call, arguments[1].Type is "list" or "map" or "dyn", arguments);
                return new Static("bool");
            case "_==_" or "_!=_":
                Need(call, Same(arguments), arguments);
                return new Static("bool");
            case "_<_" or "_<=_" or "_>_" or "_>=_":
                Need(call, (Same(arguments) || arguments.All(a => a.Type is "int" or "double")) && !arguments.Any(a => a.Type is "list" or "map"), arguments);
                return new Static("bool");
            case "_+_" or "_-_" or "_*_" or "_/_" or "_%_":
                Need(call, Same(arguments) && !arguments.Any(a => a.Type is "bool" or "map") || arguments.Any(a => a.Type is "timestamp" or "duration"), arguments);
                return arguments[0].Type == arguments[1].Type ? arguments[0] : Static.Dyn;
        }
        var method = call.Target is not null;
        var target = method ? Visit(call.Target!) : null;
        if (!Functions.Exists(call.Function, method))
        {
            throw Error(call, $"undeclared reference to '{call.Function}' (in container '')");
        }
        Need(call, Functions.Exists(call.Function, method, call.Arguments.Count), method ? [target!, .. arguments] : arguments);
        if (call.Function is "startsWith" or "endsWith" or "contains" or "matches" or "lowerAscii" or "upperAscii" or "split" or "trim" or "replace" or "substring")
        {
            Need(call, (target ?? arguments[0]).Type is "string" or "dyn" && arguments.Where((_, i) => call.Function is not ("split" or "substring") || i == 0 && call.Function == "split").All(a => a.Type is "string" or "dyn"), method ? [target!, .. arguments] : arguments);
        }
        return new Static(
            call.Function switch
            {
                "size" or "int" or "uint" or "indexOf" or "lastIndexOf" or "family" or "prefixLength" => "int",
                "double" => "double",
                "string" or "lowerAscii" or "upperAscii" or "trim" or "replace" or "substring" or "charAt" or "join" or "find" or "format" => "string",
                "startsWith" or "endsWith" or "contains" or "matches" or "isIP" or "isCIDR" or "containsIP" or "containsCIDR" or "isSorted" or "hasValue" or "bool" => "bool",
                "split" or "findAll" => "list",
                "duration" => "duration",
                "timestamp" => "timestamp",
                _ => "dyn",
            }
        );
    }

    private static bool Same(Static[] arguments) => arguments.Any(a => a.Type == "dyn") || arguments.All(a => a.Type == arguments[0].Type);

    private void Need(Call call, bool holds, Static[] arguments)
    {
        if (!holds)
        {
            throw Error(call, $"found no matching overload for '{call.Function}' applied to '({string.Join(", ", arguments.Select(a => a.Type))})'");
        }
    }
}
