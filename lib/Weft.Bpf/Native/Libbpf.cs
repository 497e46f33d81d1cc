using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Bpf.Native;

/// <summary>
/// The part of libbpf (1.0 or later) that Weft uses. Every int result is negative errno on failure. Shipped programs
/// have libbpf linked in; elsewhere it is the system's shared library.
/// </summary>
internal static unsafe partial class Libbpf
{
    private const string Library = "libbpf";

    [ModuleInitializer]
    internal static void ResolveSharedLibrary() =>
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(),
            static (name, assembly, path) =>
                name == Library ? NativeLibrary.Load("libbpf.so.1", assembly, path) : nint.Zero
        );

    [LibraryImport(Library)]
    internal static partial void* libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, void*, int> print);

    [LibraryImport(Library)]
    internal static partial int libbpf_num_possible_cpus();

    [LibraryImport(Library, SetLastError = true)]
    internal static partial void* bpf_object__open_mem(byte* elf, nuint size, ObjectOpenOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_object__load(void* bpfObject);

    [LibraryImport(Library)]
    internal static partial void bpf_object__close(void* bpfObject);

    [LibraryImport(Library)]
    internal static partial void* bpf_object__btf(void* bpfObject);

    [LibraryImport(Library)]
    internal static partial void* bpf_object__next_program(void* bpfObject, void* previous);

    [LibraryImport(Library)]
    internal static partial void* bpf_object__next_map(void* bpfObject, void* previous);

    [LibraryImport(Library)]
    internal static partial byte* bpf_program__name(void* program);

    [LibraryImport(Library)]
    internal static partial int bpf_program__fd(void* program);

    [LibraryImport(Library)]
    internal static partial int bpf_program__set_log_buf(void* program, byte* buffer, nuint size);

    [LibraryImport(Library)]
    internal static partial byte* bpf_map__name(void* map);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool bpf_map__is_internal(void* map);

    [LibraryImport(Library)]
    internal static partial int bpf_map__fd(void* map);

    [LibraryImport(Library)]
    internal static partial int bpf_map__type(void* map);

    [LibraryImport(Library)]
    internal static partial uint bpf_map__key_size(void* map);

    [LibraryImport(Library)]
    internal static partial uint bpf_map__value_size(void* map);

    [LibraryImport(Library)]
    internal static partial uint bpf_map__max_entries(void* map);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int bpf_map__set_pin_path(void* map, string path);

    [LibraryImport(Library)]
    internal static partial int bpf_map_lookup_elem(int fd, void* key, void* value);

    [LibraryImport(Library)]
    internal static partial int bpf_map_update_elem(int fd, void* key, void* value, ulong flags);

    [LibraryImport(Library)]
    internal static partial int bpf_map_delete_elem(int fd, void* key);

    [LibraryImport(Library)]
    internal static partial int bpf_map_get_next_key(int fd, void* key, void* next);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int bpf_obj_get(string path);

    [LibraryImport(Library)]
    internal static partial int bpf_obj_get_info_by_fd(int fd, void* info, uint* length);

    [LibraryImport(Library)]
    internal static partial int bpf_prog_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    internal static partial int bpf_prog_attach_opts(int program, int target, int type, AttachOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_prog_detach2(int program, int target, int type);

    [LibraryImport(Library)]
    internal static partial int bpf_prog_query_opts(int target, int type, QueryOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_prog_test_run_opts(int program, TestRunOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_xdp_attach(int ifIndex, int program, uint flags, XdpAttachOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_xdp_query_id(int ifIndex, int flags, uint* program);

    [LibraryImport(Library)]
    internal static partial int bpf_tc_hook_create(TcHookOptions* hook);

    [LibraryImport(Library)]
    internal static partial int bpf_tc_attach(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_tc_detach(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    internal static partial int bpf_tc_query(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    internal static partial int libbpf_probe_bpf_helper(int programType, int helper, void* options);

    [LibraryImport(Library)]
    internal static partial int libbpf_probe_bpf_prog_type(int programType, void* options);

    [LibraryImport(Library)]
    internal static partial int libbpf_probe_bpf_map_type(int mapType, void* options);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int btf__find_by_name_kind(void* btf, string name, uint kind);

    [LibraryImport(Library)]
    internal static partial BtfType* btf__type_by_id(void* btf, uint id);

    [LibraryImport(Library)]
    internal static partial byte* btf__name_by_offset(void* btf, uint offset);

    [LibraryImport(Library)]
    internal static partial long btf__resolve_size(void* btf, uint id);

    /// <summary>struct bpf_object_open_opts, as far as used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ObjectOpenOptions
    {
        public nuint Size;
        public byte* ObjectName;
    }

    /// <summary>struct bpf_prog_attach_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct AttachOptions
    {
        public nuint Size;
        public uint Flags;
        public int ReplaceProgram;
    }

    /// <summary>struct bpf_prog_query_opts, as far as used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct QueryOptions
    {
        public nuint Size;
        public uint QueryFlags;
        public uint AttachFlags;
        public uint* ProgramIds;
        public uint ProgramCount;
        public uint Padding;
    }

    /// <summary>struct bpf_test_run_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TestRunOptions
    {
        public nuint Size;
        public void* DataIn;
        public void* DataOut;
        public uint DataSizeIn;
        public uint DataSizeOut;
        public void* ContextIn;
        public void* ContextOut;
        public uint ContextSizeIn;
        public uint ContextSizeOut;
        public uint ReturnValue;
        public int Repeat;
        public uint DurationNs;
        public uint Flags;
        public uint Cpu;
        public uint BatchSize;
    }

    /// <summary>struct bpf_xdp_attach_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct XdpAttachOptions
    {
        public nuint Size;
        public int OldProgram;
        public uint Padding;
    }

    /// <summary>struct bpf_tc_hook.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TcHookOptions
    {
        public nuint Size;
        public int IfIndex;
        public int AttachPoint;
        public uint Parent;
        public uint Padding;
    }

    /// <summary>struct bpf_tc_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TcOptions
    {
        public nuint Size;
        public int Program;
        public uint Flags;
        public uint ProgramId;
        public uint Handle;
        public uint Priority;
        public uint Padding;
    }

    /// <summary>struct btf_type; members of a struct follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct BtfType
    {
        public uint NameOffset;
        public uint Info;
        public uint SizeOrType;
    }

    /// <summary>struct btf_member.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct BtfMember
    {
        public uint NameOffset;
        public uint Type;
        public uint BitOffset;
    }
}
