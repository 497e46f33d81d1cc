namespace Weft.Lab.ApiServer.Registry;

/// <summary>What becomes of fields the kind does not have.</summary>
internal enum FieldValidation
{
    /// <summary>Dropped, without a word.</summary>
    Ignore,

    /// <summary>Dropped, with a warning.</summary>
    Warn,

    /// <summary>Refused.</summary>
    Strict,
}

/// <summary>How a write is to be done.</summary>
/// <param name="Manager">Whom the written fields belong to afterwards.</param>
/// <param name="DryRun">Everything is done but the write.</param>
/// <param name="Validation">Of unknown fields.</param>
/// <param name="Force">Server-side apply takes fields of others.</param>
internal sealed record WriteOptions(
    string Manager,
    bool DryRun = false,
    FieldValidation Validation = FieldValidation.Warn,
    bool Force = false
)
{
    /// <summary>What the client should know though it worked.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The server's own writes.</summary>
    public static WriteOptions Server => new("kube-apiserver", Validation: FieldValidation.Ignore);
}
