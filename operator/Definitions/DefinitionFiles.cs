using Weft.Resources.Definitions;

namespace Weft.Operator.Definitions;

/// <summary>The definitions as YAML: on the terminal, or as the files of the chart.</summary>
internal static class DefinitionFiles
{
    public static void Write(TextWriter output, string? directory)
    {
        foreach (var definition in CustomResources.All)
        {
            var yaml = CustomResources.ToYaml(definition);
            if (directory is null)
            {
                output.Write($"---\n{yaml}");
            }
            else
            {
                File.WriteAllText(Path.Combine(directory, $"{definition.Metadata.Name}.yaml"), yaml);
            }
        }
    }
}
