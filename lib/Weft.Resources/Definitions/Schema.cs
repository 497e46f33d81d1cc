using System.Text.Json.Nodes;

namespace Weft.Resources.Definitions;

/// <summary>
/// Words to write a structural schema with. Every text, list and map has a bound: without one the API server assumes the
/// largest there can be when it estimates what a CEL rule costs, and refuses the rule.
/// </summary>
internal static class Schema
{
    public static JsonObject Object(string description, params IEnumerable<Property> properties)
    {
        var all = properties.ToList();
        var schema = new JsonObject { ["type"] = "object", ["description"] = description };
        if (all.Exists(property => property.Required))
        {
            schema["required"] = Texts(all.Where(property => property.Required).Select(property => property.Name));
        }

        schema["properties"] = new JsonObject(
            all.Select(property => KeyValuePair.Create<string, JsonNode?>(property.Name, property.Schema))
        );
        return schema;
    }

    public static JsonObject Text(string description, int most, int least = 0)
    {
        var schema = new JsonObject { ["type"] = "string", ["description"] = description };
        if (least > 0)
        {
            schema["minLength"] = least;
        }

        schema["maxLength"] = most;
        return schema;
    }

    public static JsonObject Choice(string description, params IEnumerable<string> values) =>
        new()
        {
            ["type"] = "string",
            ["description"] = description,
            ["enum"] = Texts(values),
        };

    public static JsonObject Time(string description) =>
        new()
        {
            ["type"] = "string",
            ["format"] = "date-time",
            ["description"] = description,
        };

    /// <summary>A number that is bounded by its 64 bits alone.</summary>
    public static JsonObject Count(string description) =>
        new()
        {
            ["type"] = "integer",
            ["format"] = "int64",
            ["description"] = description,
            ["minimum"] = 0,
        };

    public static JsonObject Number(string description, int least, int most) =>
        new()
        {
            ["type"] = "integer",
            ["format"] = "int32",
            ["description"] = description,
            ["minimum"] = least,
            ["maximum"] = most,
        };

    public static JsonObject List(string description, JsonObject items, int most, int least = 0)
    {
        var schema = new JsonObject { ["type"] = "array", ["description"] = description };
        if (least > 0)
        {
            schema["minItems"] = least;
        }

        schema["maxItems"] = most;
        schema["items"] = items;
        return schema;
    }

    public static JsonObject Map(string description, JsonObject values, int most) =>
        new()
        {
            ["type"] = "object",
            ["description"] = description,
            ["maxProperties"] = most,
            ["additionalProperties"] = values,
        };

    /// <summary>Owned as a whole in server-side apply.</summary>
    public static JsonObject Atomic(this JsonObject list)
    {
        list["x-kubernetes-list-type"] = "atomic";
        return list;
    }

    /// <summary>Items are told apart by this field: each can have its own owner, and no two are alike in it.</summary>
    public static JsonObject KeyedBy(this JsonObject list, string field)
    {
        list["x-kubernetes-list-type"] = "map";
        list["x-kubernetes-list-map-keys"] = Texts([field]);
        return list;
    }

    /// <summary>A CEL rule and what to say to who breaks it.</summary>
    public static JsonObject Rule(this JsonObject schema, string rule, string message)
    {
        if (schema["x-kubernetes-validations"] is not JsonArray rules)
        {
            schema["x-kubernetes-validations"] = rules = [];
        }

        rules.Add((JsonNode)new JsonObject { ["rule"] = rule, ["message"] = message });
        return schema;
    }

    /// <summary>metav1.Condition, with the bounds of its own validation.</summary>
    public static JsonObject Conditions() =>
        List(
                "What is so and what is not.",
                Object(
                    "One thing that is so, is not, or is unknown.",
                    new("type", Text("What is judged.", 316, 1), Required: true),
                    new("status", Choice("Whether it is so.", "True", "False", "Unknown"), Required: true),
                    new("observedGeneration", Count("Generation of the spec it was judged by.")),
                    new("lastTransitionTime", Time("When the status changed last."), Required: true),
                    new("reason", Text("Why, in one word.", 1024, 1), Required: true),
                    new("message", Text("Why, in a sentence.", 32768), Required: true)
                ),
                16
            )
            .KeyedBy("type");

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}

/// <summary>A property of an object's schema.</summary>
internal sealed record Property(string Name, JsonObject Schema, bool Required = false);
