using Microsoft.Win32.SafeHandles;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>A map that somebody else has loaded, by its pin in a bpffs.</summary>
public sealed class PinnedMap<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly SafeFileHandle handle;

    internal PinnedMap(SafeFileHandle handle, BpfMap<TKey, TValue> map) => (this.handle, Map) = (handle, map);

    /// <summary>Its entries; not to be used after <see cref="Dispose"/>.</summary>
    public BpfMap<TKey, TValue> Map { get; }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}

/// <summary>Opens maps by their pins.</summary>
public static unsafe class PinnedMap
{
    // struct bpf_map_info begins with type, id, key_size, value_size, max_entries and map_flags.
    private const int InfoNumbers = 32;
    private const int KeySize = 2;
    private const int ValueSize = 3;
    private const int MaxEntries = 4;

    /// <summary>Opens the pin.</summary>
    /// <exception cref="BpfException">There is none, or its keys and values have another size.</exception>
    public static PinnedMap<TKey, TValue> Open<TKey, TValue>(string path)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var name = Path.GetFileName(path);
        var fd = Libbpf.bpf_obj_get(path);
        if (fd < 0)
        {
            throw new BpfException($"open the pinned map {path}", -fd);
        }

        var handle = new SafeFileHandle(fd, ownsHandle: true);
        var info = stackalloc uint[InfoNumbers];
        new Span<uint>(info, InfoNumbers).Clear();
        uint length = InfoNumbers * sizeof(uint);
        var result = Libbpf.bpf_obj_get_info_by_fd(fd, info, &length);
        if (result < 0 || info[KeySize] != sizeof(TKey) || info[ValueSize] != sizeof(TValue))
        {
            handle.Dispose();
            throw new BpfException($"use the pinned map {path} of another layout", result < 0 ? -result : Errno.EINVAL);
        }

        return new PinnedMap<TKey, TValue>(handle, new BpfMap<TKey, TValue>(name, fd, info[MaxEntries]));
    }
}
