using Weft.Netlink.Protocol;

namespace Weft.Tests.Unit.Netlink;

public sealed class AcknowledgementTests
{
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const ushort Capped = 0x100;
    private const ushort WithAttributes = 0x200;

    // -EINVAL, then the header of the request: 24 bytes, of which 8 are its payload.
    private const string Error = "EAFFFFFF" + "18000000000000000000000000000000";
    private const string RequestPayload = "1122334455667788";
    private const string Text = "07000100" + "6E6F0000";

    [Theory]
    [InlineData(NLMSG_ERROR, Capped | WithAttributes, Error + Text, "no")]
    [InlineData(NLMSG_ERROR, WithAttributes, Error + RequestPayload + Text, "no")]
    [InlineData(NLMSG_DONE, WithAttributes, "EAFFFFFF" + Text, "no")]
    [InlineData(NLMSG_ERROR, Capped, Error, null)]
    [InlineData(NLMSG_ERROR, WithAttributes, Error, null)]
    [InlineData(NLMSG_ERROR, WithAttributes, "EAFFFFFF", null)]
    public void The_reason_is_found_behind_the_request(int type, int flags, string payload, string? expected) =>
        Assert.Equal(new Acknowledgement(22, expected), Read((ushort)type, (ushort)flags, payload));

    [Fact]
    public void Zero_is_success() =>
        Assert.Equal(
            new Acknowledgement(0, null),
            Read(NLMSG_ERROR, Capped, "00000000" + "10000000000000000000000000000000")
        );

    [Fact]
    public void One_without_a_number_is_an_error() => Assert.Equal(71, Read(NLMSG_ERROR, 0, "").Errno);

    private static Acknowledgement Read(ushort type, ushort flags, string payload)
    {
        var body = Convert.FromHexString(payload);
        byte[] bytes =
        [
            .. BitConverter.GetBytes(16 + body.Length),
            .. BitConverter.GetBytes(type),
            .. BitConverter.GetBytes(flags),
            .. new byte[8],
            .. body,
        ];
        ReadOnlySpan<byte> datagram = bytes;
        Assert.True(Message.TryTake(ref datagram, out var message));
        return Acknowledgement.Read(message);
    }
}
