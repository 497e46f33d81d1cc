using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>Kinds of programs that Weft asks the kernel about (enum bpf_prog_type).</summary>
public enum BpfProgramType
{
    /// <summary>tc (BPF_PROG_TYPE_SCHED_CLS).</summary>
    SchedCls = 3,
}

/// <summary>Kinds of maps that Weft asks the kernel about (enum bpf_map_type).</summary>
public enum BpfMapType
{
    /// <summary>Hash table.</summary>
    Hash = 1,

    /// <summary>Array.</summary>
    Array = 2,

    /// <summary>Array with a value for each CPU.</summary>
    PerCpuArray = 6,

    /// <summary>Hash table that makes room by itself.</summary>
    LruHash = 9,

    /// <summary>Longest-prefix match.</summary>
    LpmTrie = 11,
}

/// <summary>Helpers that Weft asks the kernel about (enum bpf_func_id).</summary>
public enum BpfHelper
{
    /// <summary>bpf_ktime_get_ns.</summary>
    KtimeGetNs = 5,

    /// <summary>bpf_get_prandom_u32.</summary>
    GetPrandomU32 = 7,

    /// <summary>bpf_skb_store_bytes.</summary>
    SkbStoreBytes = 9,

    /// <summary>bpf_l3_csum_replace.</summary>
    L3CsumReplace = 10,

    /// <summary>bpf_l4_csum_replace.</summary>
    L4CsumReplace = 11,

    /// <summary>bpf_skb_get_tunnel_key.</summary>
    SkbGetTunnelKey = 20,

    /// <summary>bpf_skb_set_tunnel_key.</summary>
    SkbSetTunnelKey = 21,

    /// <summary>bpf_redirect.</summary>
    Redirect = 23,

    /// <summary>bpf_skb_load_bytes.</summary>
    SkbLoadBytes = 26,

    /// <summary>bpf_csum_diff.</summary>
    CsumDiff = 28,

    /// <summary>bpf_skb_change_proto.</summary>
    SkbChangeProto = 31,

    /// <summary>bpf_get_hash_recalc.</summary>
    GetHashRecalc = 34,

    /// <summary>bpf_skb_adjust_room.</summary>
    SkbAdjustRoom = 50,

    /// <summary>bpf_fib_lookup.</summary>
    FibLookup = 69,

    /// <summary>bpf_csum_level.</summary>
    CsumLevel = 135,

    /// <summary>bpf_redirect_neigh.</summary>
    RedirectNeigh = 152,

    /// <summary>bpf_redirect_peer.</summary>
    RedirectPeer = 155,
}

/// <summary>Asks the running kernel what it can do.</summary>
public static unsafe class KernelSupport
{
    /// <summary>True when programs of this kind can be loaded.</summary>
    public static bool Has(BpfProgramType type) => Libbpf.libbpf_probe_bpf_prog_type((int)type, null) == 1;

    /// <summary>True when maps of this kind can be made.</summary>
    public static bool Has(BpfMapType type) => Libbpf.libbpf_probe_bpf_map_type((int)type, null) == 1;

    /// <summary>True when tc programs may call the helper.</summary>
    public static bool Has(BpfHelper helper) =>
        Libbpf.libbpf_probe_bpf_helper((int)BpfProgramType.SchedCls, (int)helper, null) == 1;
}
