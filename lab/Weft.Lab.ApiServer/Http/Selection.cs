using Weft.Lab.ApiServer.Selectors;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Which objects of a collection a list, a watch or a deletion is about.</summary>
internal sealed record Selection(string? Namespace, string? Name, LabelSelector Labels, FieldSelector Fields)
{
    /// <summary>True when nothing but the namespace chooses.</summary>
    public bool IsEverything => Name is null && Labels.IsEverything && Fields.IsEverything;

    public static Selection Of(Request request) =>
        new(
            request.Namespace,
            request.Path.Name,
            LabelSelector.Parse(request.Query("labelSelector")),
            FieldSelector.Parse(request.Query("fieldSelector"), request.Kind)
        );

    public bool Matches(StoredObject stored) =>
        (Namespace is null || stored.Namespace == Namespace)
        && (Name is null || stored.Name == Name)
        && Fields.Matches(stored)
        && Labels.Matches(stored.Labels);
}
