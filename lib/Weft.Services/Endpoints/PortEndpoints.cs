using Weft.Services.Reading;

namespace Weft.Services.Endpoints;

/// <summary>Collects a port's endpoints from all slices of its Service.</summary>
internal sealed class PortEndpoints
{
    /// <summary>Kept from one port to the next: ten thousand Services are read in one go at a start.</summary>
    private readonly Dictionary<TransportAddress, ServiceEndpoint> found = [];

    /// <summary>Each address and port once, in order: slices may number a named port otherwise, and may overlap.</summary>
    public List<PortEndpoint> Of(RulesPort port, bool isV4, IEnumerable<SliceContent> slices)
    {
        found.Clear();
        foreach (var slice in slices.Where(slice => slice.IsV4 == isV4))
        {
            foreach (var own in slice.Ports.Where(own => own.Name == port.Name && own.Protocol == port.Protocol))
            {
                foreach (var endpoint in slice.Endpoints)
                {
                    var key = new TransportAddress(endpoint.Address, own.Number, own.Protocol);
                    if (!found.TryGetValue(key, out var other) || endpoint.IsBetterThan(other))
                    {
                        found[key] = endpoint;
                    }
                }
            }
        }

        var endpoints = new List<PortEndpoint>(found.Count);
        endpoints.AddRange(found.Select(pair => new PortEndpoint(pair.Key, pair.Value, 0)));
        endpoints.Sort((one, other) => one.Key.CompareTo(other.Key));
        return endpoints;
    }
}
