using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>Source-generated JSON of the kinds in <see cref="Kinds"/>. Nulls are left out.</summary>
[JsonSourceGenerationOptions(
    // Writing is rare: without the writers generated for speed, binaries are smaller.
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ObjectList<Namespace>))]
[JsonSerializable(typeof(ObjectList<Node>))]
[JsonSerializable(typeof(ObjectList<Pod>))]
[JsonSerializable(typeof(ObjectList<Service>))]
[JsonSerializable(typeof(ObjectList<ConfigMap>))]
[JsonSerializable(typeof(ObjectList<EndpointSlice>))]
[JsonSerializable(typeof(ObjectList<NetworkPolicy>))]
[JsonSerializable(typeof(ObjectList<Deployment>))]
[JsonSerializable(typeof(ObjectList<ReplicaSet>))]
[JsonSerializable(typeof(ObjectList<DaemonSet>))]
[JsonSerializable(typeof(ObjectList<Lease>))]
[JsonSerializable(typeof(ObjectList<Event>))]
[JsonSerializable(typeof(ObjectList<CustomResourceDefinition>))]
[JsonSerializable(typeof(ObjectList<Unstructured>))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ObjectsJson : JsonSerializerContext;
