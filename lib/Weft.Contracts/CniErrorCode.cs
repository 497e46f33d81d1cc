namespace Weft.Contracts;

/// <summary>Error codes of CNI spec 1.1.0 §5 (Error), libcni's additions, and Weft's own from 100.</summary>
public static class CniErrorCode
{
    /// <summary>Incompatible CNI version.</summary>
    public const int IncompatibleVersion = 1;

    /// <summary>Unsupported field in the network configuration; the message names key and value.</summary>
    public const int UnsupportedField = 2;

    /// <summary>Container unknown or does not exist; the runtime need not clean up.</summary>
    public const int UnknownContainer = 3;

    /// <summary>Invalid necessary environment variables; the message names them.</summary>
    public const int InvalidEnvironment = 4;

    /// <summary>I/O failure.</summary>
    public const int IoFailure = 5;

    /// <summary>Failed to decode content, such as the configuration on standard input.</summary>
    public const int DecodingFailure = 6;

    /// <summary>Invalid network configuration.</summary>
    public const int InvalidConfig = 7;

    /// <summary>Invalid network namespace (libcni's constant).</summary>
    public const int InvalidNetns = 8;

    /// <summary>Try again later.</summary>
    public const int TryAgainLater = 11;

    /// <summary>STATUS: the plugin is not available.</summary>
    public const int NotAvailable = 50;

    /// <summary>STATUS: not available, and existing containers may have limited connectivity.</summary>
    public const int LimitedConnectivity = 51;

    /// <summary>The interface, or the attachment, exists already.</summary>
    public const int AlreadyExists = 100;

    /// <summary>CHECK found the pod's network changed.</summary>
    public const int CheckFailed = 101;

    /// <summary>A requested address is outside the node's pool or in use.</summary>
    public const int AddressUnavailable = 102;

    /// <summary>The kernel refused an operation.</summary>
    public const int KernelRefused = 103;

    /// <summary>An error Weft did not foresee.</summary>
    public const int Internal = 999;
}
