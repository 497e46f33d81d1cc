using System.Text;

namespace Weft.Lab.ApiServer.Protobuf;

/// <summary>The protobuf wire format: fields one after the other.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> rest = bytes;
    private int wireType;

    /// <summary>Goes to the next field; false at the end. The last field must have been read or skipped.</summary>
    /// <exception cref="InvalidDataException">It is cut short.</exception>
    public bool Next(out int field)
    {
        field = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        var tag = Number();
        wireType = (int)(tag & 7);
        field = (int)(tag >> 3);
        return true;
    }

    public long Integer() => wireType == Varint ? (long)Number() : throw Wrong();

    public ReadOnlySpan<byte> Bytes() => wireType == LengthDelimited ? Take(Number()) : throw Wrong();

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public void Skip()
    {
        switch (wireType)
        {
            case Varint:
                Number();
                break;
            case Fixed64:
                Take(8);
                break;
            case LengthDelimited:
                Take(Number());
                break;
            case Fixed32:
                Take(4);
                break;
            default:
                throw Wrong();
        }
    }

    private ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has more than ten bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw new InvalidDataException("it is cut short");
        }

        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    private readonly InvalidDataException Wrong() => new($"a field has the wrong wire type {wireType}");
}
