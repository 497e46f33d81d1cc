namespace Weft.Services.Endpoints;

/// <summary>What counts of an EndpointSlice. Two versions of one that differ otherwise only are equal.</summary>
/// <param name="IsV4">The family of its addresses.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="Endpoints">Its endpoints.</param>
/// <param name="Unusable">Addresses that are none, or are of the other family.</param>
internal sealed record SliceContent(
    bool IsV4,
    ValueList<SlicePort> Ports,
    ValueList<ServiceEndpoint> Endpoints,
    ValueList<string> Unusable
);
