using System.Net;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>A request the API server refused, or could not be asked.</summary>
public sealed class KubernetesException : Exception
{
    /// <summary>The server refused.</summary>
    public KubernetesException(HttpStatusCode code, Status status, TimeSpan? retryAfter = null)
        : base(status.Message is { Length: > 0 } message ? message : $"the API server answered {(int)code} {code}")
    {
        Code = code;
        Status = status;
        RetryAfter = retryAfter;
    }

    /// <summary>The server was not reached, or its answer was cut off or garbage.</summary>
    public KubernetesException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>HTTP status; null when the server was not reached or its answer could not be read.</summary>
    public HttpStatusCode? Code { get; }

    /// <summary>The server's words; null when it was not reached.</summary>
    public Status? Status { get; }

    /// <summary>When the server wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The request did not leave this machine, so it was not carried out.</summary>
    internal bool WasNotSent { get; init; }

    /// <summary>One word for programs, such as "AlreadyExists".</summary>
    public string? Reason => Status?.Reason;

    /// <summary>There is no such object.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>Another write came first: read again, and try again.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    /// <summary>The name is taken.</summary>
    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    /// <summary>The version or the page asked for is no longer kept: list again.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>The object breaks a rule; see the causes of the status.</summary>
    public bool IsInvalid => Code == HttpStatusCode.UnprocessableEntity;

    /// <summary>The server does not know who is asking.</summary>
    public bool IsUnauthorized => Code == HttpStatusCode.Unauthorized;

    /// <summary>The server knows who is asking, and does not allow it.</summary>
    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>The server has too much to do.</summary>
    public bool IsTooManyRequests => Code == HttpStatusCode.TooManyRequests;

    /// <summary>The server was not reached, or its answer could not be read: whether it did the work is unknown.</summary>
    public bool IsUnreachable => Code is null;
}
