namespace Weft.Resources;

/// <summary>Names that all of Weft's custom resources share.</summary>
public static class WeftGroup
{
    /// <summary>The API group.</summary>
    public const string Name = "weft.dev";

    /// <summary>The one version there is.</summary>
    public const string Version = "v1alpha1";

    /// <summary>As objects carry it.</summary>
    public const string ApiVersion = $"{Name}/{Version}";

    /// <summary>What `kubectl get weft` lists.</summary>
    public const string Category = "weft";

    /// <summary>The operator's field manager of server-side apply.</summary>
    public const string OperatorManager = "weft-operator";

    /// <summary>The agents' field manager of server-side apply.</summary>
    public const string AgentManager = "weft-agent";

    /// <summary>Label of an endpoint slice: the node whose pods it holds.</summary>
    public const string NodeLabel = $"{Name}/node";
}
