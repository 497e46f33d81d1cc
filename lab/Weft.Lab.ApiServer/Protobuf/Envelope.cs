using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Protobuf;

internal static class Envelope
{
    public static JsonObject Decode(byte[] bytes) => throw Failures.UnsupportedMediaType("application/json");
}
