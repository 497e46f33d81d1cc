using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Store;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One write, as history keeps it and watches tell it.</summary>
/// <param name="Type">What happened to the key.</param>
/// <param name="Collection">Where.</param>
/// <param name="Old">The object before, or null if it is new.</param>
/// <param name="New">The object after; of a deletion the last state, with the deletion's resourceVersion.</param>
internal sealed record Change(ChangeType Type, string Collection, StoredObject? Old, StoredObject New)
{
    private StoredObject? left;

    public long ResourceVersion => New.ResourceVersion;

    /// <summary>
    /// For watchers whose selection the object has left: what they knew of it, with this change's resourceVersion, so
    /// that they go on from here. Made once, however many ask.
    /// </summary>
    public StoredObject Left
    {
        get
        {
            if (left is null)
            {
                var document = Old!.Document();
                ((JsonObject)document["metadata"]!)["resourceVersion"] = $"{ResourceVersion}";
                left = StoredObject.Of(document, ResourceVersion);
            }

            return left;
        }
    }
}
