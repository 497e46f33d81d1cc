namespace Weft.Services.Endpoints;

/// <summary>An endpoint of one port of a Service.</summary>
/// <param name="Key">Address, port and protocol.</param>
/// <param name="Endpoint">What the slice says of it.</param>
/// <param name="Number">Its number as a backend; 0 until it has one.</param>
internal sealed record PortEndpoint(TransportAddress Key, ServiceEndpoint Endpoint, uint Number);
