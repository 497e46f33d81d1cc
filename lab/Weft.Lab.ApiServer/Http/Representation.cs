using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

internal enum RepresentationType
{
    /// <summary>The objects themselves.</summary>
    Full,

    /// <summary>meta.k8s.io/v1 Table, as kubectl prints.</summary>
    Table,

    /// <summary>meta.k8s.io/v1 PartialObjectMetadata.</summary>
    Metadata,

    /// <summary>apidiscovery.k8s.io/v2: all of discovery in two documents.</summary>
    AggregatedDiscovery,
}

/// <summary>What a client accepts, as far as there is such a thing here: it is always JSON.</summary>
/// <param name="Type">How objects are shown.</param>
/// <param name="MediaType">What the answer is said to be.</param>
internal sealed record Representation(RepresentationType Type, string MediaType)
{
    public const string JsonType = "application/json";

    public static readonly Representation Json = new(RepresentationType.Full, JsonType);

    /// <summary>The first of the client's media types that can be served.</summary>
    /// <exception cref="StatusException">There is none.</exception>
    public static Representation Of(string? accept)
    {
        if (string.IsNullOrWhiteSpace(accept))
        {
            return Json;
        }

        foreach (var range in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (OfRange(range.Split(';', StringSplitOptions.TrimEntries)) is { } found)
            {
                return found;
            }
        }

        throw Failures.NotAcceptable(JsonType);
    }

    private static Representation? OfRange(string[] range)
    {
        if (range[0] is not (JsonType or "application/*" or "*/*"))
        {
            return null;
        }

        return (Parameter(range, "as"), Parameter(range, "g"), Parameter(range, "v")) switch
        {
            (null, _, _) => Json,
            ("Table", "meta.k8s.io", "v1") => new(RepresentationType.Table, JsonType),
            ("PartialObjectMetadata" or "PartialObjectMetadataList", "meta.k8s.io", "v1") => new(
                RepresentationType.Metadata,
                JsonType
            ),
            ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2") => new(
                RepresentationType.AggregatedDiscovery,
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            ),
            _ => null,
        };
    }

    private static string? Parameter(string[] range, string name) =>
        range
            .Skip(1)
            .FirstOrDefault(part => part.StartsWith($"{name}=", StringComparison.Ordinal))
            ?[(name.Length + 1)..];
}
