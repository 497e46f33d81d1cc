namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>Reads an expression, by recursive descent: ternary, or, and, relation, sum, product, sign, member.</summary>
internal sealed class Parser
{
    private const int MaxDepth = 100;

    private static readonly string[] Macros = ["all", "exists", "exists_one", "filter", "map", "optMap"];

    private readonly string text;
    private readonly List<Token> tokens;
    private int next;
    private int depth;

    private Parser(string text)
    {
        this.text = text;
        tokens = Lexer.Read(text);
    }

    /// <exception cref="CelSyntaxException">It is no expression.</exception>
    public static Expression Parse(string text)
    {
        var parser = new Parser(text);
        var expression = parser.Ternary();
        return parser.Peek.Kind == TokenKind.End ? expression : throw parser.Unexpected();
    }

    private Token Peek => tokens[next];

    private Expression Ternary()
    {
        if (++depth > MaxDepth)
        {
            throw new CelSyntaxException(text, Peek.Position, "expression nests too deeply");
        }
        var condition = Left(Or, "||");
        if (Peek is { Kind: TokenKind.Symbol, Text: "?" })
        {
            var position = Take("?");
            var yes = Left(Or, "||");
            Take(":");
            condition = new Call(position, "_?_:_", null, [condition, yes, Ternary()]);
        }
        depth--;
        return condition;
    }

    private Expression Or() => Left(Relation, "&&");

    private Expression Relation() => Left(Sum, "<=", ">=", "==", "!=", "<", ">", "in");

    private Expression Sum() => Left(Product, "+", "-");

    private Expression Product() => Left(Unary, "*", "/", "%");

    private Expression Left(Func<Expression> operand, params string[] operators)
    {
        var left = operand();
        while (Peek.Kind is TokenKind.Symbol or TokenKind.Name && operators.Contains(Peek.Text))
        {
            var op = tokens[next++];
            left = new Call(op.Position, op.Text == "in" ? "@in" : $"_{op.Text}_", null, [left, operand()]);
        }
        return left;
    }

    private Expression Unary()
    {
        if (Peek is not { Kind: TokenKind.Symbol, Text: "!" or "-" })
        {
            return Member();
        }
        if (++depth > MaxDepth)
        {
            throw new CelSyntaxException(text, Peek.Position, "expression nests too deeply");
        }
        var op = tokens[next++];
        var operand = Unary();
        depth--;
        return (op.Text, operand) switch
        {
            ("-", Literal { Value: long whole }) => new Literal(op.Position, -whole),
            ("-", Literal { Value: double real }) => new Literal(op.Position, -real),
            _ => new Call(op.Position, op.Text + "_", null, [operand]),
        };
    }

    private Expression Member()
    {
        var target = Primary();
        while (Peek.Kind == TokenKind.Symbol)
        {
            switch (Peek.Text)
            {
                case "." or ".?":
                {
                    var optional = Peek.Text == ".?";
                    var position = tokens[next++].Position;
                    var name = Peek.Kind == TokenKind.Name ? tokens[next++].Text : throw Unexpected();
                    target =
                        !optional && Peek is { Kind: TokenKind.Symbol, Text: "(" }
                            ? Method(position, target, name)
                            : new Select(position, target, name, Tests: false, optional);
                    break;
                }
                case "[" or "[?":
                {
                    var open = tokens[next++];
                    target = new Index(open.Position, target, Ternary(), open.Text == "[?");
                    Take("]");
                    break;
                }
                default:
                    return target;
            }
        }
        return target;
    }

    private Expression Method(int position, Expression target, string name)
    {
        var arguments = Arguments();
        if (!Macros.Contains(name) || arguments.Count is < 2 or > 3)
        {
            return new Call(position, name, target, arguments);
        }
        if (arguments[0] is not Identifier variable)
        {
            throw new CelSyntaxException(text, arguments[0].Position, "argument must be a simple name");
        }
        return new Comprehension(position, name, target, variable.Name, arguments[1], arguments.ElementAtOrDefault(2));
    }

    private Expression Primary()
    {
        var token = tokens[next++];
        switch (token)
        {
            case { Kind: TokenKind.Value }:
                return new Literal(token.Position, token.Value);
            case { Kind: TokenKind.Name } when token.Text != "in":
                if (Peek is not { Kind: TokenKind.Symbol, Text: "(" })
                {
                    return new Identifier(token.Position, token.Text);
                }
                var arguments = Arguments();
                if (token.Text != "has")
                {
                    return new Call(token.Position, token.Text, null, arguments);
                }
                return arguments is [Select { Optional: false } field]
                    ? field with
                    {
                        Tests = true,
                    }
                    : throw new CelSyntaxException(text, token.Position, "invalid argument to has() macro");
            case { Kind: TokenKind.Symbol, Text: "(" }:
                var inner = Ternary();
                Take(")");
                return inner;
            case { Kind: TokenKind.Symbol, Text: "[" }:
                return new ListOf(token.Position, Separated("]", Ternary));
            case { Kind: TokenKind.Symbol, Text: "{" }:
                return new MapOf(
                    token.Position,
                    Separated(
                        "}",
                        () =>
                        {
                            var key = Ternary();
                            Take(":");
                            return (key, Ternary());
                        }
                    )
                );
            default:
                next--;
                throw Unexpected();
        }
    }

    private List<Expression> Arguments()
    {
        Take("(");
        return Separated(")", Ternary);
    }

    private List<T> Separated<T>(string close, Func<T> element)
    {
        var elements = new List<T>();
        while (!(Peek.Kind == TokenKind.Symbol && Peek.Text == close))
        {
            elements.Add(element());
            if (Peek is not { Kind: TokenKind.Symbol, Text: "," })
            {
                break;
            }
            next++;
        }
        Take(close);
        return elements;
    }

    private int Take(string symbol) => Peek.Kind == TokenKind.Symbol && Peek.Text == symbol ? tokens[next++].Position : throw Unexpected();

    private CelSyntaxException Unexpected() =>
        new(text, Peek.Position, $"Syntax error: unexpected '{(Peek.Kind == TokenKind.Value ? Peek.Value : Peek.Text)}'");
}
