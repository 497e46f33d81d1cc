using System.Runtime.InteropServices;
using System.Text;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>
/// A loaded BPF object file: its programs and maps. Maps are pinned by name in a directory of a bpffs and taken up
/// again from there by the next loader, so that they outlive this process. Kernel 5.8 or later.
/// </summary>
public sealed unsafe class BpfObject : IDisposable
{
    private const int VerifierLogBytes = 1 << 20;
    private readonly Dictionary<string, BpfProgram> programs = [];
    private readonly Dictionary<string, nint> maps = [];
    private void* handle;

    private BpfObject(void* handle) => this.handle = handle;

    /// <summary>The programs by name.</summary>
    public IReadOnlyDictionary<string, BpfProgram> Programs => programs;

    /// <summary>Names of the maps.</summary>
    public IReadOnlyCollection<string> MapNames => maps.Keys;

    /// <summary>Loads an ELF object.</summary>
    /// <param name="elf">The file's bytes.</param>
    /// <param name="name">A name for messages.</param>
    /// <param name="pinDirectory">Where maps are pinned, an existing directory of a bpffs; null to pin nothing.</param>
    /// <param name="layouts">C# structs to compare with the object's BTF before anything is loaded.</param>
    /// <exception cref="LayoutException">A struct differs; names the field.</exception>
    /// <exception cref="VerifierException">The verifier refused a program.</exception>
    /// <exception cref="BpfException">Anything else, such as a pinned map of another layout.</exception>
    public static BpfObject Load(
        ReadOnlySpan<byte> elf,
        string name,
        string? pinDirectory,
        params ReadOnlySpan<IStructLayout> layouts
    )
    {
        var result = new BpfObject(Open(elf, name));
        try
        {
            result.Compare(layouts);
            result.CollectMaps(pinDirectory);
            result.LoadPrograms(name);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Compares C# structs with an object's BTF. Loads nothing, so needs no rights.</summary>
    /// <exception cref="LayoutException">A struct differs; names the field.</exception>
    public static void CheckLayouts(ReadOnlySpan<byte> elf, string name, params ReadOnlySpan<IStructLayout> layouts)
    {
        using var opened = new BpfObject(Open(elf, name));
        opened.Compare(layouts);
    }

    /// <summary>A map of this object; valid until the object is disposed.</summary>
    /// <exception cref="BpfException">No such map, or keys or values of another size.</exception>
    public BpfMap<TKey, TValue> Map<TKey, TValue>(string name)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (!maps.TryGetValue(name, out var map))
        {
            throw new BpfException($"find map \"{name}\"", Errno.ENOENT);
        }

        var sizes = (Libbpf.bpf_map__key_size((void*)map), Libbpf.bpf_map__value_size((void*)map));
        if (sizes != ((uint)sizeof(TKey), (uint)sizeof(TValue)))
        {
            throw new BpfException(
                $"open map \"{name}\": it has keys of {sizes.Item1} and values of {sizes.Item2} bytes, "
                    + $"not {sizeof(TKey)} and {sizeof(TValue)}",
                Errno.EINVAL
            );
        }

        return new BpfMap<TKey, TValue>(name, Libbpf.bpf_map__fd((void*)map), Libbpf.bpf_map__max_entries((void*)map));
    }

    /// <summary>Closes the programs and maps; what is attached or pinned stays in the kernel.</summary>
    public void Dispose()
    {
        if (handle != null)
        {
            Libbpf.bpf_object__close(handle);
            handle = null;
        }
    }

    private void Compare(ReadOnlySpan<IStructLayout> layouts)
    {
        var btf = new Btf(Libbpf.bpf_object__btf(handle));
        foreach (var layout in layouts)
        {
            layout.Check(btf);
        }
    }

    private static void* Open(ReadOnlySpan<byte> elf, string name)
    {
        fixed (byte* start = elf)
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'))
        {
            var options = new Libbpf.ObjectOpenOptions
            {
                Size = (nuint)sizeof(Libbpf.ObjectOpenOptions),
                ObjectName = nameBytes,
            };
            var opened = Libbpf.bpf_object__open_mem(start, (nuint)elf.Length, &options);
            return opened != null
                ? opened
                : throw new BpfException($"open object \"{name}\"", Marshal.GetLastPInvokeError(), LibbpfLog.Take());
        }
    }

    private void CollectMaps(string? pinDirectory)
    {
        for (void* map = null; (map = Libbpf.bpf_object__next_map(handle, map)) != null; )
        {
            // Constants of the object's own (.rodata) come and go with it.
            if (Libbpf.bpf_map__is_internal(map))
            {
                continue;
            }

            var name = Marshal.PtrToStringUTF8((nint)Libbpf.bpf_map__name(map))!;
            maps[name] = (nint)map;
            if (pinDirectory is not null)
            {
                _ = Libbpf.bpf_map__set_pin_path(map, Path.Combine(pinDirectory, name));
            }
        }
    }

    private void LoadPrograms(string name)
    {
        var logs = new Dictionary<string, nint>();
        try
        {
            for (void* program = null; (program = Libbpf.bpf_object__next_program(handle, program)) != null; )
            {
                // libbpf fills the buffer of the program that fails, and no other.
                var log = (byte*)NativeMemory.AllocZeroed(VerifierLogBytes);
                logs[NameOf(program)] = (nint)log;
                _ = Libbpf.bpf_program__set_log_buf(program, log, VerifierLogBytes);
            }

            LibbpfLog.Take();
            var result = Libbpf.bpf_object__load(handle);
            if (result < 0)
            {
                throw Refused(name, -result, logs);
            }

            for (void* program = null; (program = Libbpf.bpf_object__next_program(handle, program)) != null; )
            {
                _ = Libbpf.bpf_program__set_log_buf(program, null, 0);
                programs[NameOf(program)] = new BpfProgram(NameOf(program), Libbpf.bpf_program__fd(program));
            }
        }
        finally
        {
            foreach (var log in logs.Values)
            {
                NativeMemory.Free((void*)log);
            }
        }
    }

    private static BpfException Refused(string name, int errno, Dictionary<string, nint> logs)
    {
        foreach (var (program, log) in logs)
        {
            if (*(byte*)log != 0)
            {
                return new VerifierException(program, errno, Marshal.PtrToStringUTF8(log)!);
            }
        }

        return new BpfException($"load object \"{name}\"", errno, LibbpfLog.Take());
    }

    private static string NameOf(void* program) => Marshal.PtrToStringUTF8((nint)Libbpf.bpf_program__name(program))!;
}
