using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>Source-generated JSON of Weft's kinds. Nulls are left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ObjectList<WeftNode>))]
[JsonSerializable(typeof(ObjectList<WeftIdentity>))]
[JsonSerializable(typeof(ObjectList<WeftEndpointSlice>))]
[JsonSerializable(typeof(ObjectList<WeftIPPool>))]
[JsonSerializable(typeof(ObjectList<WeftLoadBalancerPool>))]
public sealed partial class ResourcesJson : JsonSerializerContext;
