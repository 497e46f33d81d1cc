using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

internal static class IPPoolDefinition
{
    public static CustomResourceDefinition Make() =>
        CustomResources.Make(
            WeftResources.IPPools,
            "wip",
            CustomResources.Root(
                "Addresses for pods. The operator cuts the ranges into blocks and gives every node one of each family.",
                new Property("spec", Spec(), Required: true),
                new Property("status", Status())
            ),
            status: true,
            // A column has the first match alone of a path with several, so this is the list as it is.
            Column.Of("Ranges", "string", ".spec.ranges"),
            Column.Of("Used", "integer", ".status.used"),
            Column.Of("Free", "integer", ".status.free"),
            Column.Condition(WeftIPPoolStatus.Ready),
            Column.Of("Message", "string", ".status.conditions[?(@.type=='Ready')].message", wide: true)
        );

    private static JsonObject Spec() =>
        Schema.Object(
            "What the pool has.",
            new Property(
                "ranges",
                Schema
                    .List("Used one after the other. More can be added.", Range(), WeftIPPool.MostRanges, 1)
                    .KeyedBy("cidr")
                    .Rule(
                        "oldSelf.all(old, self.exists(new, new.cidr == old.cidr && new.blockSize == old.blockSize))",
                        "ranges can be added, not changed or taken away: nodes use them; make another pool, or add a range"
                    ),
                Required: true
            )
        );

    private static JsonObject Range() =>
        Schema
            .Object(
                "A prefix, cut into blocks.",
                new Property(
                    "cidr",
                    Schema
                        .Text("The prefix, IPv4 or IPv6.", CidrRules.LongestText)
                        .Rule(
                            CidrRules.Canonical("self"),
                            "must be a prefix with host bits clear, such as 10.244.0.0/16 or fd00:10:244::/48"
                        ),
                    Required: true
                ),
                new Property(
                    "blockSize",
                    Schema.Number("Prefix length of a block, a node's share.", 1, WeftIPPool.LongestV6Block),
                    Required: true
                )
            )
            .Rule(
                CidrRules.WhenCidr("self.cidr", "self.blockSize >= cidr(self.cidr).prefixLength()"),
                "blockSize must not be less than the length of cidr: a block is a part of the range"
            )
            .Rule(
                CidrRules.WhenCidr(
                    "self.cidr",
                    $"self.blockSize <= cidr(self.cidr).prefixLength() + {WeftIPPool.MostBlockBits}"
                ),
                $"blockSize must be at most {WeftIPPool.MostBlockBits} more than the length of cidr: a range has at most 65536 blocks"
            )
            .Rule(
                CidrRules.WhenCidr(
                    "self.cidr",
                    $"cidr(self.cidr).ip().family() == 6 || self.blockSize <= {WeftIPPool.LongestV4Block}"
                ),
                $"blockSize of IPv4 must be at most {WeftIPPool.LongestV4Block}: a smaller block has no address for a pod"
            );

    private static JsonObject Status() =>
        Schema.Object(
            "The operator's book-keeping.",
            new Property(
                "blocks",
                Schema.List("Blocks that are given away.", Block(), WeftIPPool.MostBlocks).KeyedBy("cidr")
            ),
            new Property("used", Schema.Count("How many blocks are given away.")),
            new Property("free", Schema.Count("How many more can be given.")),
            new Property("conditions", Schema.Conditions())
        );

    private static JsonObject Block() =>
        Schema.Object(
            "A block and whose it is.",
            new Property("cidr", Schema.Text("The block.", CidrRules.LongestText), Required: true),
            new Property("node", Schema.Text("The node that has it, or had it last.", 253, 1), Required: true),
            new Property("releasedAt", Schema.Time("When the node was found gone; the block rests from then on."))
        );
}
