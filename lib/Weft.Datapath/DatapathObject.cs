using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>The files of bpf/ that this library carries with it.</summary>
public static class DatapathObject
{
    internal const string Name = "weft";
    private const string Elf = "weft.bpf.o";

    /// <summary>Every struct that C# and C share.</summary>
    internal static IStructLayout[] Layouts =>
        [
            ConfigValue.Layout,
            EndpointValue.Layout,
            PeerKey.Layout,
            PeerValue.Layout,
            DeviceValue.Layout,
            PolicyKey.Layout,
            PolicyValue.Layout,
            PolicyBlockKey.Layout,
            PolicyBlock.Layout,
            DenialKey.Layout,
            DenialValue.Layout,
            FlowKey.Layout,
            FlowValue.Layout,
            NatKey.Layout,
            NatOrigin.Layout,
            Translation.Layout,
            ServiceKey.Layout,
            ServiceValue.Layout,
            BackendKey.Layout,
            BackendValue.Layout,
            ServiceSourceKey.Layout,
            AffinityKey.Layout,
            AffinityValue.Layout,
            SocketKey.Layout,
            SocketPeer.Layout,
            NodePort.Layout,
            DropCount.Layout,
        ];

    /// <summary>The compiled BPF object.</summary>
    public static byte[] ReadElf()
    {
        using var stream = Open(Elf);
        var elf = new byte[stream.Length];
        stream.ReadExactly(elf);
        return elf;
    }

    /// <summary>Compares this build's C# structs with the object's, as loading does. Needs no rights.</summary>
    /// <exception cref="LayoutException">They differ; names struct and field.</exception>
    public static void CheckLayouts() => BpfObject.CheckLayouts(ReadElf(), Name, Layouts);

    internal static string ReadText(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    private static Stream Open(string name) =>
        typeof(DatapathObject).Assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"this build of Weft lacks its part {name}");
}
