namespace Weft.Cni;

/// <summary>A failure in the CNI spec's terms: what the error object on standard output will say.</summary>
internal sealed class CniException(int code, string message, string? details = null) : Exception(message)
{
    public int Code => code;

    public string? Details => details;
}
