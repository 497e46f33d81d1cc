namespace Weft.Lab.ApiServer.Patches;

/// <summary>A patch that the server refuses: the code, reason and message of the Status it answers with.</summary>
public sealed class PatchException(int code, string reason, string message) : Exception(message)
{
    /// <summary>HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>metav1.StatusReason.</summary>
    public string Reason { get; } = reason;

    internal static PatchException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>A patch that is well formed but cannot be applied; the real server tells no more than this.</summary>
    internal static PatchException Unprocessable(string detail) =>
        new(422, "Invalid", "the server rejected our request due to an error in our request") { Detail = detail };

    /// <summary>What went wrong, for the log; the real server keeps it from the client too.</summary>
    public string? Detail { get; private init; }
}
