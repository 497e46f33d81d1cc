using System.Text.Json.Serialization;

namespace Weft.Contracts;

/// <summary>
/// Source-generated JSON of what travels between the agent and its clients. Nulls are written: a parameter without a
/// default is required on reading, whether it may be null or not.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentResponse))]
public sealed partial class ContractsJson : JsonSerializerContext;
