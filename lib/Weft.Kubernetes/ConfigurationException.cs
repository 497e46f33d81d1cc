namespace Weft.Kubernetes;

/// <summary>A kubeconfig, or something it refers to, cannot be used; the message says what to change.</summary>
public sealed class ConfigurationException : Exception
{
    /// <param name="message">What to change.</param>
    /// <param name="inner">What went wrong.</param>
    public ConfigurationException(string message, Exception? inner = null)
        : base(message, inner) { }
}
