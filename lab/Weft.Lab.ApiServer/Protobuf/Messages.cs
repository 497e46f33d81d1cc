namespace Weft.Lab.ApiServer.Protobuf;

/// <summary>A message and its fields by number.</summary>
internal sealed record Message(string Name, IReadOnlyDictionary<int, Field> Fields);

/// <summary>A field of a message.</summary>
internal sealed record Field(string Name, string Type, bool IsList, bool IsMap);

/// <summary>
/// The messages that `kubectl create` and `kubectl drain` send, with the numbers of the generated.proto files of
/// k8s.io/api. `[]` is a list, `{}` a map from text.
/// </summary>
internal static class Messages
{
    private const string Table = """
        Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
        NamespaceSpec: 1 finalizers string[]
        NamespaceStatus: 1 phase string
        ConfigMap: 1 metadata ObjectMeta, 2 data string{}, 3 binaryData bytes{}, 4 immutable bool
        Secret: 1 metadata ObjectMeta, 2 data bytes{}, 3 type string, 4 stringData string{}, 5 immutable bool
        ServiceAccount: 1 metadata ObjectMeta, 2 secrets ObjectReference[], 3 imagePullSecrets LocalObjectReference[], 4 automountServiceAccountToken bool
        ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string
        LocalObjectReference: 1 name string
        Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
        ServiceSpec: 1 ports ServicePort[], 2 selector string{}, 3 clusterIP string, 4 type string, 5 externalIPs string[], 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges string[], 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 17 ipFamilyPolicy string, 18 clusterIPs string[], 19 ipFamilies string[], 20 allocateLoadBalancerNodePorts bool, 21 loadBalancerClass string, 22 internalTrafficPolicy string, 23 trafficDistribution string
        ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string
        ServiceStatus: 1 loadBalancer LoadBalancerStatus
        LoadBalancerStatus:
        Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus
        DeploymentSpec: 1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int, 7 paused bool, 9 progressDeadlineSeconds int
        DeploymentStrategy: 1 type string, 2 rollingUpdate RollingUpdateDeployment
        RollingUpdateDeployment: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
        DeploymentStatus: 1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int, 5 unavailableReplicas int, 7 readyReplicas int
        LabelSelector: 1 matchLabels string{}, 2 matchExpressions LabelSelectorRequirement[]
        LabelSelectorRequirement: 1 key string, 2 operator string, 3 values string[]
        PodTemplateSpec: 1 metadata ObjectMeta, 2 spec PodSpec
        PodSpec: 2 containers Container[], 3 restartPolicy string, 4 terminationGracePeriodSeconds int, 5 activeDeadlineSeconds int, 6 dnsPolicy string, 7 nodeSelector string{}, 8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext PodSecurityContext, 16 hostname string, 17 subdomain string, 19 schedulerName string, 24 priorityClassName string
        PodSecurityContext:
        Container: 1 name string, 2 image string, 3 command string[], 4 args string[], 5 workingDir string, 6 ports ContainerPort[], 7 env EnvVar[], 8 resources ResourceRequirements, 13 terminationMessagePath string, 14 imagePullPolicy string, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 20 terminationMessagePolicy string
        ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
        EnvVar: 1 name string, 2 value string
        ResourceRequirements: 1 limits Quantity{}, 2 requests Quantity{}
        Quantity: 1 string string
        Eviction: 1 metadata ObjectMeta, 2 deleteOptions DeleteOptions
        DeleteOptions: 1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun string[]
        Preconditions: 1 uid string, 2 resourceVersion string
        ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels string{}, 12 annotations string{}, 13 ownerReferences OwnerReference[], 14 finalizers string[]
        OwnerReference: 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool
        Time: 1 seconds int, 2 nanos int
        IntOrString: 1 type int, 2 intVal int, 3 strVal string
        """;

    private static readonly Dictionary<string, Message> All = Table
        .Split('\n')
        .Select(Parse)
        .ToDictionary(message => message.Name);

    /// <summary>Those that can be posted.</summary>
    public static IEnumerable<string> Kinds =>
        All
            .Values.Where(message => message.Fields.TryGetValue(1, out var first) && first.Type == "ObjectMeta")
            .Select(message => message.Name)
            .Append("DeleteOptions");

    public static Message? Find(string name) => All.GetValueOrDefault(name);

    private static Message Parse(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var fields = line[(colon + 1)..]
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(field => field.Split(' '))
            .ToDictionary(field => int.Parse(field[0]), field => FieldOf(field[1], field[2]));
        return new(line[..colon], fields);
    }

    private static Field FieldOf(string name, string type) =>
        new(
            name,
            type.TrimEnd('[', ']', '{', '}'),
            type.EndsWith("[]", StringComparison.Ordinal),
            type.EndsWith("{}", StringComparison.Ordinal)
        );
}
