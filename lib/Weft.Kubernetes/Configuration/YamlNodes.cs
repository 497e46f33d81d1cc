using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weft.Kubernetes.Configuration;

/// <summary>Values of YAML mappings; empty texts and nulls count as absent.</summary>
internal static class YamlNodes
{
    public static YamlMappingNode? Map(this YamlMappingNode node, string key) => Value(node, key) as YamlMappingNode;

    public static string? Text(this YamlMappingNode node, string key) => Text(Value(node, key));

    public static bool Flag(this YamlMappingNode node, string key) =>
        Text(Value(node, key)) switch
        {
            null or "false" => false,
            "true" => true,
            var text => throw new ConfigurationException($"{key} is \"{text}\"; it must be true or false"),
        };

    public static IEnumerable<string> Texts(this YamlMappingNode node, string key) => Texts(Value(node, key));

    public static IEnumerable<YamlMappingNode> Maps(this YamlMappingNode node, string key) =>
        (Value(node, key) as YamlSequenceNode)?.OfType<YamlMappingNode>() ?? [];

    public static IEnumerable<string> Texts(YamlNode? node) =>
        (node as YamlSequenceNode)?.OfType<YamlScalarNode>().Select(item => item.Value ?? "") ?? [];

    public static string? Text(YamlNode? node) =>
        node switch
        {
            null or YamlScalarNode { Value: null or "" } => null,
            YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" } => null,
            YamlScalarNode scalar => scalar.Value,
            _ => throw new ConfigurationException($"the value at line {node.Start.Line} must be a text"),
        };

    private static YamlNode? Value(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
