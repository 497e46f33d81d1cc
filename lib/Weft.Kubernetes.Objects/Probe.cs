namespace Weft.Kubernetes.Objects;

/// <summary>core/v1 Probe: one of exec, httpGet, tcpSocket, grpc.</summary>
public sealed record Probe
{
    /// <summary>Succeeds with exit code 0.</summary>
    public ExecAction? Exec { get; init; }

    /// <summary>Succeeds with 200 to 399.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>Succeeds when it connects.</summary>
    public TcpSocketAction? TcpSocket { get; init; }

    /// <summary>Succeeds with SERVING.</summary>
    public GrpcAction? Grpc { get; init; }

    /// <summary>Before the first; 0 by default.</summary>
    public int? InitialDelaySeconds { get; init; }

    /// <summary>1 by default.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>10 by default.</summary>
    public int? PeriodSeconds { get; init; }

    /// <summary>1 by default.</summary>
    public int? SuccessThreshold { get; init; }

    /// <summary>3 by default.</summary>
    public int? FailureThreshold { get; init; }

    /// <summary>Instead of the pod's, when this probe ends it.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }
}

/// <summary>core/v1 ExecAction.</summary>
public sealed record ExecAction
{
    /// <summary>Command and arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }
}

/// <summary>core/v1 HTTPGetAction.</summary>
public sealed record HttpGetAction
{
    /// <summary>Path.</summary>
    public string? Path { get; init; }

    /// <summary>Number, or the name of a container's port.</summary>
    public IntOrString Port { get; init; }

    /// <summary>Host instead of the pod's address.</summary>
    public string? Host { get; init; }

    /// <summary>HTTP (default) or HTTPS.</summary>
    public string? Scheme { get; init; }

    /// <summary>Headers.</summary>
    public IReadOnlyList<HttpHeader>? HttpHeaders { get; init; }
}

/// <summary>core/v1 HTTPHeader.</summary>
public sealed record HttpHeader
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Value.</summary>
    public required string Value { get; init; }
}

/// <summary>core/v1 TCPSocketAction.</summary>
public sealed record TcpSocketAction
{
    /// <summary>Number, or the name of a container's port.</summary>
    public IntOrString Port { get; init; }

    /// <summary>Host instead of the pod's address.</summary>
    public string? Host { get; init; }
}

/// <summary>core/v1 GRPCAction.</summary>
public sealed record GrpcAction
{
    /// <summary>Port.</summary>
    public int Port { get; init; }

    /// <summary>Service asked for.</summary>
    public string? Service { get; init; }
}
