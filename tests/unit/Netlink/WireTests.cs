using Weft.Net;
using Weft.Netlink.Protocol;

namespace Weft.Tests.Unit.Netlink;

public sealed class WireTests
{
    [Fact]
    public void A_message_is_laid_out_as_the_kernel_reads_it()
    {
        var writer = new MessageWriter();
        writer.Begin(0x1234, 0x5, body: 0x01020304);
        writer.Attribute(7, "ab");
        var nested = writer.BeginNested(9);
        writer.AttributeBigEndian(1, 0x2118);
        writer.EndNested(nested);
        writer.End();
        writer.SetSequence(0, 42);
        Assert.Equal(
            "28000000-3412-0500-2A000000-00000000-04030201-0700-0700-61620000-0C00-0980-0600-0100-2118-0000".Replace(
                "-",
                "",
                StringComparison.Ordinal
            ),
            Convert.ToHexString(writer.Written)
        );
    }

    [Fact]
    public void The_buffer_grows_and_what_is_written_reads_back()
    {
        var writer = new MessageWriter(capacity: 16);
        for (ushort i = 0; i < 100; i++)
        {
            writer.Begin(i, 0, body: (int)i);
            writer.Attribute(1, Ip.Parse("fd00::1"));
            writer.Attribute(2, Ip.Parse("10.0.0.1"));
            writer.End();
        }

        var rest = writer.Written;
        for (ushort i = 0; i < 100; i++)
        {
            Assert.True(Message.TryTake(ref rest, out var message));
            Assert.Equal(i, message.Type);
            Assert.True(Message.TryReadBody<int>(message.Payload, out var body, out var attributes));
            Assert.Equal(i, body);
            List<Ip?> found = [];
            foreach (var attribute in attributes)
            {
                found.Add(attribute.Ip);
            }

            Assert.Equal([Ip.Parse("fd00::1"), Ip.Parse("10.0.0.1")], found);
        }

        Assert.False(Message.TryTake(ref rest, out _));
    }

    [Fact]
    public void Padding_left_by_an_earlier_message_is_cleared()
    {
        var writer = new MessageWriter();
        writer.Begin(1, 0, body: -1);
        writer.Attribute(1, -1);
        writer.End();
        writer.Clear();
        writer.Begin(1, 0, body: -1);
        writer.Attribute(1, (byte)0xff);
        Assert.Equal([0xff, 0, 0, 0], writer.Written[^4..].ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("0F000000000000000000000000000000")] // shorter than its header
    [InlineData("11000000000000000000000000000000")] // longer than the datagram
    [InlineData("FFFFFFFF000000000000000000000000")]
    public void A_broken_message_ends_the_datagram(string hex)
    {
        ReadOnlySpan<byte> datagram = Convert.FromHexString(hex);
        Assert.False(Message.TryTake(ref datagram, out _));
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("03000100")] // shorter than its header
    [InlineData("09000100AABBCCDD")] // longer than what is left
    [InlineData("00000000")]
    public void A_broken_attribute_ends_the_run(string hex)
    {
        foreach (var attribute in new Attributes(Convert.FromHexString(hex)))
        {
            Assert.Fail($"attribute {attribute.Type}");
        }
    }

    [Fact]
    public void A_value_too_short_reads_as_zero()
    {
        var attribute = new Weft.Netlink.Protocol.Attribute(1, []);
        Assert.Equal((0, 0u, 0, 0), (attribute.Int, attribute.UInt, attribute.Byte, attribute.UShortBigEndian));
        Assert.Null(attribute.Ip);
        Assert.Null(attribute.Mac);
        Assert.Equal("", attribute.Text);
    }
}
