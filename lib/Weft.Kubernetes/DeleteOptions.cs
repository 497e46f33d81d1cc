using System.Text;
using System.Text.Json.Nodes;

namespace Weft.Kubernetes;

/// <summary>What becomes of the objects an owner leaves behind.</summary>
public enum PropagationPolicy
{
    /// <summary>They go after it.</summary>
    Background,

    /// <summary>They go before it.</summary>
    Foreground,

    /// <summary>They stay, without an owner.</summary>
    Orphan,
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds for a graceful end; 0: at once; null: what the object says.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Only if this is still its uid; a conflict otherwise.</summary>
    public string? Uid { get; init; }

    /// <summary>Only if this is still its version; a conflict otherwise.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>What becomes of the objects it owns; null: what the kind's default is.</summary>
    public PropagationPolicy? PropagationPolicy { get; init; }

    internal byte[] ToJson()
    {
        var json = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (GracePeriodSeconds is { } seconds)
        {
            json["gracePeriodSeconds"] = seconds;
        }

        if (PropagationPolicy is { } policy)
        {
            json["propagationPolicy"] = policy.ToString();
        }

        var preconditions = new JsonObject();
        if (Uid is not null)
        {
            preconditions["uid"] = Uid;
        }

        if (ResourceVersion is not null)
        {
            preconditions["resourceVersion"] = ResourceVersion;
        }

        if (preconditions.Count > 0)
        {
            json["preconditions"] = preconditions;
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
