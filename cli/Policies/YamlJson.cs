using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weft.Cli.Policies;

/// <summary>
/// YAML as kubectl understands it: what is not quoted is a number, a truth value or null where YAML 1.1 says so, so that
/// "yes" as the value of a label is found to be no text.
/// </summary>
internal static partial class YamlJson
{
    /// <summary>An alias costs a few bytes and stands for any number: more than this is no manifest.</summary>
    private const int LargestDocument = 64 << 20;

    /// <summary>The documents of a file; an empty one is null.</summary>
    /// <exception cref="YamlException">It is not YAML; the message has the line.</exception>
    public static IReadOnlyList<JsonElement?> Read(TextReader text)
    {
        var yaml = new YamlStream();
        yaml.Load(text);
        return [.. yaml.Documents.Select(document => Convert(document.RootNode))];
    }

    private static JsonElement? Convert(YamlNode root)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, root);
        }

        var value = JsonDocument.Parse(buffer.ToArray()).RootElement;
        return value.ValueKind == JsonValueKind.Null ? null : value;
    }

    private static void Write(Utf8JsonWriter json, YamlNode node)
    {
        if (json.BytesCommitted + json.BytesPending > LargestDocument)
        {
            throw new YamlException(node.Start, node.End, $"the document is larger than {LargestDocument} bytes");
        }

        switch (node)
        {
            case YamlMappingNode map:
                json.WriteStartObject();
                foreach (var (key, value) in Merged(map))
                {
                    json.WritePropertyName(key);
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var item in sequence)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                Write(json, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
        {
            json.WriteStringValue(text);
        }
        else if (text is "" or "~" or "null" or "Null" or "NULL")
        {
            json.WriteNullValue();
        }
        else if (Truth().IsMatch(text))
        {
            json.WriteBooleanValue(text[0] is 'y' or 'Y' or 't' or 'T' || text is "on" or "On" or "ON");
        }
        else if (Integer(text) is { } integer)
        {
            json.WriteNumberValue(integer);
        }
        else if (
            Fraction().IsMatch(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
        )
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    private static long? Integer(string text)
    {
        var match = Whole().Match(text.Replace("_", "", StringComparison.Ordinal));
        if (!match.Success)
        {
            return null;
        }

        var digits = match.Groups["digits"].Value;
        try
        {
            var value = match.Groups["base"].Value switch
            {
                "0x" => System.Convert.ToInt64(digits, 16),
                "0b" => System.Convert.ToInt64(digits, 2),
                "0" or "0o" => System.Convert.ToInt64(digits, 8),
                _ => long.Parse(digits, CultureInfo.InvariantCulture),
            };
            return match.Groups["sign"].Value == "-" ? -value : value;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>With what a "&lt;&lt;" key brings along; the mapping's own keys come first.</summary>
    private static Dictionary<string, YamlNode> Merged(YamlMappingNode map)
    {
        var members = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in map)
        {
            if (KeyOf(key) is var name && name != "<<")
            {
                members[name] = value;
            }
        }

        var merges = map.Where(member => KeyOf(member.Key) == "<<").Select(member => member.Value);
        foreach (var merged in merges.SelectMany(value => value is YamlSequenceNode list ? list : [value]))
        {
            foreach (var (key, value) in merged is YamlMappingNode from ? Merged(from) : [])
            {
                members.TryAdd(key, value);
            }
        }

        return members;
    }

    private static string KeyOf(YamlNode key) =>
        key is YamlScalarNode { Value: { } text }
            ? text
            : throw new YamlException(key.Start, key.End, "a key must be a text");

    [GeneratedRegex("^(y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")]
    private static partial Regex Truth();

    [GeneratedRegex(
        @"^(?<sign>[-+]?)((?<base>0x)(?<digits>[0-9a-fA-F]+)|(?<base>0b)(?<digits>[01]+)|(?<base>0o?)(?<digits>[0-7]+)|(?<digits>0|[1-9][0-9]*))$"
    )]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Fraction();
}
