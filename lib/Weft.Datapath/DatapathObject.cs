namespace Weft.Datapath;

/// <summary>The files of bpf/ that this library carries with it.</summary>
public static class DatapathObject
{
    private const string Elf = "weft.bpf.o";

    /// <summary>The compiled BPF object.</summary>
    public static byte[] ReadElf()
    {
        using var stream = Open(Elf);
        var elf = new byte[stream.Length];
        stream.ReadExactly(elf);
        return elf;
    }

    internal static string ReadText(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    private static Stream Open(string name) =>
        typeof(DatapathObject).Assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"this build of Weft lacks its part {name}");
}
