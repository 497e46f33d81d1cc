using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.Chart;

/// <summary>
/// The part of Helm's template language that this chart uses: text, {{ expression }} with trim markers, if, else and
/// end. What is beyond it is refused, not guessed.
/// </summary>
internal sealed partial class ChartTemplate
{
    private readonly string name;
    private readonly List<(bool IsAction, string Text)> tokens = [];
    private int next;

    private ChartTemplate(string name, string text)
    {
        this.name = name;
        var at = 0;
        foreach (Match action in Action().Matches(text))
        {
            var before = text[at..action.Index];
            tokens.Add((false, Trimmed(before, action.Value.StartsWith("{{- ", StringComparison.Ordinal))));
            tokens.Add((true, action.Groups[1].Value));
            at = action.Index + action.Length;
            if (action.Value.EndsWith(" -}}", StringComparison.Ordinal))
            {
                throw new NotSupportedException($"{name}: a trim marker at an action's end");
            }
        }

        tokens.Add((false, text[at..]));
    }

    /// <summary>Renders a template on .Values, .Release and .Chart.</summary>
    public static string Render(string name, string text, JsonObject top)
    {
        var template = new ChartTemplate(name, text);
        var output = new StringBuilder();
        var end = template.Block(output, top, writes: true);
        return end is null ? output.ToString() : throw new NotSupportedException($"{name}: {end} without if");
    }

    /// <summary>Up to the else or end that closes this block, which is returned; null at the text's end.</summary>
    private string? Block(StringBuilder output, JsonObject top, bool writes)
    {
        while (next < tokens.Count)
        {
            var (isAction, text) = tokens[next++];
            if (!isAction)
            {
                output.Append(writes ? text : "");
            }
            else if (text is "else" or "end")
            {
                return text;
            }
            else if (text.StartsWith("if ", StringComparison.Ordinal))
            {
                If(output, top, text[3..], writes);
            }
            else if (writes)
            {
                output.Append(ChartExpression.Text(ChartExpression.Evaluate(text, top)));
            }
        }

        return null;
    }

    private void If(StringBuilder output, JsonObject top, string condition, bool writes)
    {
        var holds = ChartExpression.IsTrue(ChartExpression.Evaluate(condition, top));
        var end = Block(output, top, writes && holds);
        if (end == "else")
        {
            end = Block(output, top, writes && !holds);
        }

        if (end != "end")
        {
            throw new NotSupportedException($"{name}: if {condition} has no end");
        }
    }

    private static string Trimmed(string text, bool trims) => trims ? text.TrimEnd() : text;

    [GeneratedRegex(@"\{\{-? (.*?) -?\}\}")]
    private static partial Regex Action();
}
