using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weft.Bench;

/// <summary>Names of BPF objects that somebody else holds.</summary>
internal static unsafe partial class BpfNames
{
    // struct bpf_map_info begins with six 32-bit numbers and a name.
    private const int InfoBytes = 128;
    private const int NameOffset = 24;

    public static string OfMap(uint id)
    {
        var descriptor = bpf_map_get_fd_by_id(id);
        if (descriptor < 0)
        {
            return $"map {id}";
        }

        using var map = new SafeFileHandle(descriptor, ownsHandle: true);
        var info = stackalloc byte[InfoBytes];
        new Span<byte>(info, InfoBytes).Clear();
        uint length = InfoBytes;
        return bpf_obj_get_info_by_fd(descriptor, info, &length) == 0
            ? Marshal.PtrToStringUTF8((nint)(info + NameOffset))!
            : $"map {id}";
    }

    [LibraryImport("libbpf")]
    private static partial int bpf_map_get_fd_by_id(uint id);

    [LibraryImport("libbpf")]
    private static partial int bpf_obj_get_info_by_fd(int descriptor, void* info, uint* length);
}
