using System.Runtime.CompilerServices;

namespace Weft.Bpf;

/// <summary>What is known of a C# struct that a map holds, to be compared with the C struct of the same name.</summary>
public interface IStructLayout
{
    /// <summary>Compares name, offset and size of every field, and the whole size.</summary>
    /// <exception cref="LayoutException">They differ; the message names struct and field.</exception>
    void Check(Btf btf);
}

/// <summary>Gives a field of a struct by reference.</summary>
public delegate ref TField FieldReference<T, TField>(ref T value);

/// <summary>The layout of <typeparamref name="T"/>, field by field. No reflection: it works where metadata is trimmed.</summary>
/// <param name="name">Name of the C struct.</param>
public sealed class StructLayout<T>(string name) : IStructLayout
    where T : unmanaged
{
    private readonly List<(string Name, int Offset, int Size)> fields = [];

    /// <summary>Adds the field that C calls <paramref name="field"/>.</summary>
    public StructLayout<T> Field<TField>(string field, FieldReference<T, TField> reference)
        where TField : unmanaged
    {
        T value = default;
        var offset = (int)
            Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref value), ref Unsafe.As<TField, byte>(ref reference(ref value)));
        fields.Add((field, offset, Unsafe.SizeOf<TField>()));
        return this;
    }

    /// <inheritdoc/>
    public void Check(Btf btf)
    {
        var (size, members) = btf.Struct(name);
        foreach (var (field, offset, fieldSize) in fields)
        {
            if (!members.TryGetValue(field, out var member))
            {
                throw Differs($"has no field \"{field}\"");
            }

            if ((offset, fieldSize) != member)
            {
                throw Differs(
                    $"has field \"{field}\" at byte {member.Offset} with {member.Size} bytes, "
                        + $"not at {offset} with {fieldSize}"
                );
            }
        }

        foreach (var member in members.Keys)
        {
            if (!fields.Exists(field => field.Name == member) && member != "pad")
            {
                throw Differs($"has a field \"{member}\" that {typeof(T).Name} lacks");
            }
        }

        if (size != Unsafe.SizeOf<T>())
        {
            throw Differs($"has {size} bytes, {typeof(T).Name} {Unsafe.SizeOf<T>()}");
        }
    }

    private LayoutException Differs(string how) => new($"struct {name} of the BPF object {how}");
}
