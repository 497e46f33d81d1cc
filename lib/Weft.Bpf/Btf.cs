using System.Runtime.InteropServices;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>Type information of a BPF object, while that object is open.</summary>
public readonly unsafe struct Btf
{
    private const uint KindStruct = 4;
    private const uint MemberCountMask = 0xffff;
    private readonly void* handle;

    internal Btf(void* handle) => this.handle = handle;

    /// <summary>Size of a struct in bytes, and offset and size of each of its fields.</summary>
    /// <exception cref="LayoutException">There is no such struct.</exception>
    public (int Size, Dictionary<string, (int Offset, int Size)> Members) Struct(string name)
    {
        var id = Libbpf.btf__find_by_name_kind(handle, name, KindStruct);
        if (id < 0)
        {
            throw new LayoutException($"the BPF object has no struct {name}");
        }

        var type = Libbpf.btf__type_by_id(handle, (uint)id);
        var member = (Libbpf.BtfMember*)(type + 1);
        var members = new Dictionary<string, (int, int)>();
        for (var i = 0; i < (type->Info & MemberCountMask); i++, member++)
        {
            var field = Marshal.PtrToStringUTF8((nint)Libbpf.btf__name_by_offset(handle, member->NameOffset))!;
            members[field] = ((int)member->BitOffset / 8, (int)Libbpf.btf__resolve_size(handle, member->Type));
        }

        return ((int)type->SizeOrType, members);
    }
}
