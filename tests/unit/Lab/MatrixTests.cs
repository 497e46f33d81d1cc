using Weft.Lab;
using Weft.Net;

namespace Weft.Tests.Unit.Lab;

public sealed class MatrixTests
{
    private static readonly Place Pod = new(
        PlaceKind.Pod,
        "default/a",
        2,
        "",
        [Ip.Parse("10.244.2.5"), Ip.Parse("fd00:10:244:2::5")]
    );

    private static readonly Place Node = new(PlaceKind.Node, "node2", 2, "", [Ip.Parse("192.0.2.12")]);
    private static readonly Place Outside = new(PlaceKind.Outside, "outside", 0, "", AddressPlan.World);

    [Fact]
    public void Pods_see_each_other_untranslated_in_both_families()
    {
        Assert.Equal(Ip.Parse("10.244.2.5"), Matrix.MustBeSeenAs(Pod, Pod, Ip.Parse("10.244.1.1")));
        Assert.Equal(Ip.Parse("fd00:10:244:2::5"), Matrix.MustBeSeenAs(Pod, Pod, Ip.Parse("fd00:10:244:1::1")));
    }

    [Fact]
    public void The_world_sees_the_node_of_a_pod()
    {
        Assert.Equal(Ip.Parse("192.0.2.12"), Matrix.MustBeSeenAs(Pod, Outside, AddressPlan.World[0]));
        Assert.Equal(Ip.Parse("fd00:c0::12"), Matrix.MustBeSeenAs(Pod, Outside, AddressPlan.World[1]));
    }

    [Fact]
    public void A_table_has_a_row_for_each_source_and_a_reason_for_each_failure()
    {
        var table = MatrixTable.Render(
            [
                new MatrixCell(Pod, Node, Node.Addresses[0], null, 21.4),
                new MatrixCell(Pod, Outside, AddressPlan.World[0], null, 30),
                new MatrixCell(Pod, Outside, AddressPlan.World[1], "udp: no answer", 31),
                new MatrixCell(Node, Outside, AddressPlan.World[0], null, 8),
            ],
            colours: false
        );
        Assert.Equal(
            """
                         node2  outside
            default/a@2     21   30 / ✗
            node2            ·        8

            ✗ default/a@2 → outside (2001:db8:ffff::1): udp: no answer
            3 of 4 paths work over TCP, UDP and ICMP. Cells: median TCP round trip on one core in µs, IPv4 / IPv6; name@node.

            """,
            table
        );
    }

    [Fact]
    public void Colours_are_only_there_when_asked_for()
    {
        MatrixCell[] cells = [new(Node, Outside, AddressPlan.World[0], null, 8)];
        Assert.Contains("\e[32m", MatrixTable.Render(cells, colours: true), StringComparison.Ordinal);
        Assert.DoesNotContain("\e", MatrixTable.Render(cells, colours: false), StringComparison.Ordinal);
    }
}
