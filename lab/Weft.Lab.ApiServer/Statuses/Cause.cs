namespace Weft.Lab.ApiServer.Statuses;

/// <summary>One thing that is wrong with a document.</summary>
/// <param name="Reason">As in metav1: FieldValueInvalid, FieldValueRequired and so on.</param>
/// <param name="Message">With the kind of failure in front: `Invalid value: "x": must be …`.</param>
/// <param name="Field">Path of the field.</param>
internal sealed record Cause(string Reason, string Message, string Field);
