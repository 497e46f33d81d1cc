using Weft.Agent.Endpoints;
using Weft.Agent.Policy;
using Weft.Agent.Services;
using Weft.Contracts;
using Weft.Datapath;

namespace Weft.Agent.Maps;

/// <summary>Reads the maps' entries for people.</summary>
/// <param name="datapath">The maps.</param>
/// <param name="epoch">The epoch in force.</param>
/// <param name="policy">Names of sets and rules; null without Kubernetes.</param>
/// <param name="services">Names of Services; null where they are not served.</param>
internal sealed class LiveMaps(LoadedDatapath datapath, Epoch epoch, NodePolicy? policy, NodeServices? services)
{
    private readonly SortedDictionary<string, MapReader> readers = new(
        PacketMaps
            .Readers(datapath)
            .Concat(PolicyMapReaders.Of(datapath, epoch, policy))
            .Concat(ServiceMapReaders.Of(datapath, services))
            .ToDictionary(reader => reader.Name),
        StringComparer.Ordinal
    );

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">There is no such map, or too much is asked for.</exception>
    public MapAnswer Read(MapQuestion question)
    {
        if (!readers.TryGetValue(question.Map, out var reader))
        {
            throw new RequestException(
                CniErrorCode.DecodingFailure,
                $"there is no map \"{question.Map}\": it is one of {string.Join(", ", readers.Keys)}"
            );
        }

        return question.Most is > 0 and <= MapQuestion.Limit
            ? reader.Read(question.Most)
            : throw new RequestException(
                CniErrorCode.DecodingFailure,
                $"{question.Most} entries cannot be had at once: ask for 1 to {MapQuestion.Limit}"
            );
    }
}
