using System.Text;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Store;

internal enum JournalLineType
{
    /// <summary>An object that was there when the collection's history began.</summary>
    Object,

    /// <summary>The resourceVersion at which the collection's history begins; it has no object.</summary>
    Begin,
    Added,
    Modified,
    Deleted,
}

/// <summary>One line of the journal.</summary>
internal sealed record JournalLine(JournalLineType Type, string Collection, long ResourceVersion, StoredObject? Object)
{
    public static JournalLine Of(Change change) =>
        new(
            change.Type switch
            {
                ChangeType.Added => JournalLineType.Added,
                ChangeType.Modified => JournalLineType.Modified,
                _ => JournalLineType.Deleted,
            },
            change.Collection,
            change.ResourceVersion,
            change.New
        );

    public static JournalLine Parse(JsonObject line)
    {
        var resourceVersion = (long)line["resourceVersion"]!;
        return new(
            Enum.Parse<JournalLineType>((string)line["type"]!),
            (string)line["collection"]!,
            resourceVersion,
            line["object"] is JsonObject document ? StoredObject.Of(document, resourceVersion) : null
        );
    }

    /// <summary>The line up to its object.</summary>
    public byte[] Head() =>
        Encoding.UTF8.GetBytes(
            $$"""{"type":"{{Type}}","collection":"{{Collection}}","resourceVersion":{{ResourceVersion}},"object":"""
        );
}
