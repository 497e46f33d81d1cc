using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>Sets the defaults of a custom resource's schema.</summary>
public static class Defaulting
{
    /// <summary>In place. A null where null is no value counts as absent, as in the real server.</summary>
    public static void Apply(JsonNode? value, KindSchema schema)
    {
        switch (value)
        {
            case JsonObject members:
                foreach (var (name, field) in schema.Properties)
                {
                    if (field.Default is null || name is "metadata")
                    {
                        continue;
                    }
                    if (!members.TryGetPropertyValue(name, out var member) || member is null && !field.Nullable)
                    {
                        members[name] = field.Default.DeepClone();
                    }
                }
                foreach (var (name, member) in members)
                {
                    if (schema.Member(name) is { } field)
                    {
                        Apply(member, field);
                    }
                }
                break;
            case JsonArray elements when schema.Items is not null:
                foreach (var element in elements)
                {
                    Apply(element, schema.Items);
                }
                break;
        }
    }
}
