using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Selectors;

/// <summary>Reads the text form of a label selector, token by token, with the real server's messages.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private int position;

    public IEnumerable<Requirement> Parse()
    {
        while (true)
        {
            yield return Next();
            switch (Token())
            {
                case "":
                    yield break;
                case ",":
                    break;
                case var other:
                    throw Unexpected(other, "',' or 'end of string'");
            }
        }
    }

    private Requirement Next()
    {
        var key = Token();
        if (key == "!")
        {
            return new(Identifier(), Operator.DoesNotExist, []);
        }

        if (key is "" or "," or "(" or ")" || IsOperator(key))
        {
            throw Unexpected(key, "!, identifier, or 'end of string'");
        }

        var start = position;
        switch (Token())
        {
            case "":
                return new(key, Operator.Exists, []);
            case ",":
                position = start;
                return new(key, Operator.Exists, []);
            case "=" or "==":
                return new(key, Operator.In, [Value()]);
            case "!=":
                return new(key, Operator.NotIn, [Value()]);
            case ">":
                return new(key, Operator.GreaterThan, [Value()]);
            case "<":
                return new(key, Operator.LessThan, [Value()]);
            case "in":
                return new(key, Operator.In, Values());
            case "notin":
                return new(key, Operator.NotIn, Values());
            case var other:
                throw Unexpected(other, "in, notin, =, ==, !=, gt, lt");
        }
    }

    private string Identifier()
    {
        var token = Token();
        return token is "" or "," or "!" or "(" or ")" || IsOperator(token)
            ? throw Unexpected(token, "identifier")
            : token;
    }

    /// <summary>A value may be missing: `a=` asks for the empty one.</summary>
    private string Value()
    {
        var start = position;
        var token = Token();
        if (token is "" or ",")
        {
            position = start;
            return "";
        }

        return token is "!" or "(" or ")" || IsOperator(token) ? throw Unexpected(token, "identifier") : token;
    }

    private List<string> Values()
    {
        var open = Token();
        if (open != "(")
        {
            throw Unexpected(open, "'('");
        }

        var values = new List<string>();
        while (true)
        {
            values.Add(ListValue());
            var next = Token();
            if (next == ")")
            {
                return values;
            }

            if (next != ",")
            {
                throw Unexpected(next, "',' or ')'");
            }
        }
    }

    private string ListValue()
    {
        var start = position;
        var token = Token();
        if (token is "," or ")")
        {
            position = start;
            return "";
        }

        return token is "" or "!" or "(" || IsOperator(token)
            ? throw Unexpected(token, "',', ')' or identifier")
            : token;
    }

    private string Token()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        var start = position;
        if (position == text.Length)
        {
            return "";
        }

        if (IsSpecial(text[position]))
        {
            var two = position + 2 <= text.Length ? text.Substring(position, 2) : "";
            position += two is "==" or "!=" ? 2 : 1;
            return text[start..position];
        }

        while (position < text.Length && !char.IsWhiteSpace(text[position]) && !IsSpecial(text[position]))
        {
            position++;
        }

        return text[start..position];
    }

    private static bool IsSpecial(char character) => character is '=' or '!' or '(' or ')' or ',' or '<' or '>';

    private static bool IsOperator(string token) => token is "=" or "==" or "!=" or "<" or ">";

    private static StatusException Unexpected(string found, string expected) =>
        Failures.BadRequest($"unable to parse requirement: found '{found}', expected: {expected}");
}
