using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Weft.Kubernetes.Objects.Compact;

/// <summary>
/// A few texts by text, such as labels: one array, searched from its start, takes a third of a dictionary's memory and
/// is as fast for the sizes that labels have. Equal when the entries are, in whatever order.
/// </summary>
public sealed class CompactDictionary : IReadOnlyDictionary<string, string>, IEquatable<CompactDictionary>
{
    // Keys at even places, their values behind them.
    private readonly string[] texts;

    internal CompactDictionary(string[] texts) => this.texts = texts;

    /// <inheritdoc />
    public int Count => texts.Length / 2;

    /// <inheritdoc />
    public IEnumerable<string> Keys => this.Select(entry => entry.Key);

    /// <inheritdoc />
    public IEnumerable<string> Values => this.Select(entry => entry.Value);

    /// <inheritdoc />
    public string this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"there is no {key}");

    /// <inheritdoc />
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        for (var i = 0; i < texts.Length; i += 2)
        {
            if (texts[i] == key)
            {
                value = texts[i + 1];
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < texts.Length; i += 2)
        {
            yield return new(texts[i], texts[i + 1]);
        }
    }

    /// <inheritdoc />
    public bool Equals(CompactDictionary? other) =>
        other is not null
        && Count == other.Count
        && this.All(entry => other.TryGetValue(entry.Key, out var value) && value == entry.Value);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as CompactDictionary);

    /// <inheritdoc />
    public override int GetHashCode() => texts.Aggregate(0, (hash, text) => hash ^ text.GetHashCode());

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
