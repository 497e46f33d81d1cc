namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>A parsed expression of the Common Expression Language; each node knows where it begins in the text.</summary>
internal abstract record Expression(int Position);

internal sealed record Literal(int Position, object? Value) : Expression(Position);

internal sealed record Identifier(int Position, string Name) : Expression(Position);

/// <summary><c>target.field</c>; <c>has(target.field)</c> when it only tests; <c>target.?field</c> when it is optional.</summary>
internal sealed record Select(int Position, Expression Target, string Field, bool Tests, bool Optional) : Expression(Position);

internal sealed record Index(int Position, Expression Target, Expression Key, bool Optional) : Expression(Position);

/// <summary>A function, a method (with a target) or an operator (named as in the language's definition: <c>_+_</c>).</summary>
internal sealed record Call(int Position, string Function, Expression? Target, IReadOnlyList<Expression> Arguments) : Expression(Position);

internal sealed record ListOf(int Position, IReadOnlyList<Expression> Elements) : Expression(Position);

internal sealed record MapOf(int Position, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Position);

/// <summary>A macro that binds a variable to each element: all, exists, exists_one, filter, map; optMap for an optional.</summary>
internal sealed record Comprehension(int Position, string Macro, Expression Range, string Variable, Expression Body, Expression? Result)
    : Expression(Position);

/// <summary>Text that is no expression, or an expression that cannot be: what a definition is refused with.</summary>
internal sealed class CelSyntaxException(string expression, int position, string message) : Exception(message)
{
    /// <summary>As cel-go prints issues: line, column, and a caret under the place.</summary>
    public string Print()
    {
        var before = expression[..Math.Min(position, expression.Length)];
        var start = before.LastIndexOf('\n') + 1;
        var line = expression[start..].Split('\n')[0];
        var column = before.Length - start;
        return $"ERROR: <input>:{before.Count(c => c == '\n') + 1}:{column + 1}: {Message}\n | {line}\n | {new string('.', column)}^";
    }
}

/// <summary>An expression that has no value on this object, such as one that selects a field which is not there.</summary>
internal sealed class CelException(string message) : Exception(message);
