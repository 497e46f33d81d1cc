namespace Weft.Kubernetes.Http;

/// <summary>A request that can be made again.</summary>
/// <param name="Method">Verb.</param>
/// <param name="Path">Path and parameters, relative to the server's base address.</param>
/// <param name="Body">Body, or null.</param>
/// <param name="MediaType">What the body is.</param>
/// <param name="Idempotent">Whether making it twice does what making it once does.</param>
internal sealed record ApiRequest(
    HttpMethod Method,
    string Path,
    ReadOnlyMemory<byte>? Body = null,
    string MediaType = ApiRequest.Json,
    bool Idempotent = true
)
{
    public const string Json = "application/json";

    public override string ToString() => $"{Method} {Path}";
}
