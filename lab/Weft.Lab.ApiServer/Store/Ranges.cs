using System.Collections.Immutable;

namespace Weft.Lab.ApiServer.Store;

/// <summary>Parts of a collection by key, found without looking at the rest.</summary>
internal static class Ranges
{
    public static IEnumerable<StoredObject> InNamespace(ImmutableSortedSet<StoredObject> objects, string ns) =>
        From(objects, $"{ns}/").TakeWhile(stored => stored.Namespace == ns);

    /// <summary>Objects whose key is the given one or comes after it.</summary>
    public static IEnumerable<StoredObject> From(ImmutableSortedSet<StoredObject> objects, string key)
    {
        for (var index = IndexOf(objects, key); index < objects.Count; index++)
        {
            yield return objects[index];
        }
    }

    /// <summary>The index of the first object whose key is the given one or comes after it.</summary>
    public static int IndexOf(ImmutableSortedSet<StoredObject> objects, string key)
    {
        var index = objects.IndexOf(StoredObject.Probe(key));
        return index < 0 ? ~index : index;
    }
}
