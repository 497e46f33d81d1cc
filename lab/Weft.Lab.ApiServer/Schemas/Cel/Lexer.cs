using System.Globalization;
using System.Text;

namespace Weft.Lab.ApiServer.Schemas.Cel;

internal enum TokenKind
{
    End,
    Name,
    Value,
    Symbol,
}

/// <summary>A word of an expression.</summary>
internal readonly record struct Token(TokenKind Kind, int Position, string Text, object? Value = null);

/// <summary>Cuts an expression into words.</summary>
internal static class Lexer
{
    private static readonly string[] Symbols =
    [
        "<=", ">=", "==", "!=", "&&", "||", ".?", "[?", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}",
    ];

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var i = 0;
        while (true)
        {
            while (i < text.Length && (char.IsWhiteSpace(text[i]) || text.AsSpan(i).StartsWith("//")))
            {
                i = text[i] == '/' ? (text.IndexOf('\n', i) is >= 0 and var end ? end : text.Length) : i + 1;
            }
            if (i >= text.Length)
            {
                tokens.Add(new Token(TokenKind.End, i, "<EOF>"));
                return tokens;
            }
            var start = i;
            if (char.IsAsciiDigit(text[i]) || text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))
            {
                tokens.Add(new Token(TokenKind.Value, start, "", Number(text, ref i)));
            }
            else if (StringStart(text, i) is { } quote)
            {
                tokens.Add(new Token(TokenKind.Value, start, "", String(text, quote, ref i)));
            }
            else if (char.IsAsciiLetter(text[i]) || text[i] == '_')
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_'))
                {
                    i++;
                }
                tokens.Add(
                    text[start..i] switch
                    {
                        "true" => new Token(TokenKind.Value, start, "", true),
                        "false" => new Token(TokenKind.Value, start, "", false),
                        "null" => new Token(TokenKind.Value, start, ""),
                        var name => new Token(TokenKind.Name, start, name),
                    }
                );
            }
            else
            {
                var symbol = Symbols.FirstOrDefault(s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0)
                    ?? throw new CelSyntaxException(text, start, $"Syntax error: token recognition error at: '{text[start]}'");
                tokens.Add(new Token(TokenKind.Symbol, start, symbol));
                i += symbol.Length;
            }
        }
    }

    private static object Number(string text, ref int i)
    {
        var start = i;
        if (text.AsSpan(i).StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            i += 2;
            while (i < text.Length && char.IsAsciiHexDigit(text[i]))
            {
                i++;
            }
            return long.TryParse(text[(start + 2)..i], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) ? hex : throw Bad(text, start);
        }
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '.' or 'e' or 'E' || text[i] is '+' or '-' && text[i - 1] is 'e' or 'E'))
        {
            // The dot of "1.f()" is no part of a number.
            if (text[i] == '.' && (i + 1 >= text.Length || !char.IsAsciiDigit(text[i + 1])))
            {
                break;
            }
            i++;
        }
        var number = text[start..i];
        if (i < text.Length && text[i] is 'u' or 'U')
        {
            i++;
        }
        if (number.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : throw Bad(text, start);
        }
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : throw Bad(text, start);
    }

    private static CelSyntaxException Bad(string text, int position) => new(text, position, "invalid number literal");

    /// <summary>The prefix and the quotes of a string that begins here.</summary>
    private static (bool Raw, string Quote, int Length)? StringStart(string text, int i)
    {
        var raw = text[i] is 'r' or 'R';
        var at = raw ? i + 1 : i;
        if (at >= text.Length || text[at] is not ('"' or '\''))
        {
            return null;
        }
        var triple = new string(text[at], 3);
        var quote = string.CompareOrdinal(text, at, triple, 0, 3) == 0 ? triple : triple[..1];
        return (raw, quote, at - i + quote.Length);
    }

    private static string String(string text, (bool Raw, string Quote, int Length) start, ref int i)
    {
        var open = i;
        i += start.Length;
        var value = new StringBuilder();
        while (string.CompareOrdinal(text, i, start.Quote, 0, start.Quote.Length) != 0)
        {
            if (i >= text.Length || text[i] == '\n' && start.Quote.Length == 1)
            {
                throw new CelSyntaxException(text, open, "Syntax error: unterminated string");
            }
            if (text[i] != '\\' || start.Raw)
            {
                value.Append(text[i++]);
                continue;
            }
            var escape = i + 1 < text.Length ? text[i + 1] : '\0';
            i += 2;
            var (digits, style) = escape switch
            {
                'x' or 'X' => (2, NumberStyles.HexNumber),
                'u' => (4, NumberStyles.HexNumber),
                'U' => (8, NumberStyles.HexNumber),
                _ => (0, NumberStyles.None),
            };
            if (digits > 0)
            {
                if (i + digits > text.Length || !int.TryParse(text.AsSpan(i, digits), style, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                {
                    throw new CelSyntaxException(text, i, "Syntax error: invalid escape");
                }
                value.Append(new Rune(code));
                i += digits;
                continue;
            }
            value.Append(
                escape switch
                {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'a' => '\a',
                    'b' => '\b',
                    'f' => '\f',
                    'v' => '\v',
                    '\\' or '"' or '\'' or '`' or '?' => escape,
                    _ => throw new CelSyntaxException(text, i - 2, "Syntax error: invalid escape"),
                }
            );
        }
        i += start.Quote.Length;
        return value.ToString();
    }
}
