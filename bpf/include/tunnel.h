/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tunnel between nodes: VXLAN (RFC 7348). Over IPv4 the programs put packets in and take them
 * out themselves. What is not plain they leave to the kernel's device weft_vxlan, which sends and
 * takes the same bytes, and knows all that can happen to a packet on its way.
 */
#pragma once

#include <linux/udp.h>
#include "packet.h"

/* All nodes use one network identifier; it tells Weft's traffic from others' on a shared port. */
#define TUNNEL_VNI 1
#define TUNNEL_TTL 64

#define VXLAN_HAS_VNI 0x08000000

/* What stands between the Ethernet header and the packet inside, over IPv4. */
struct tunnel_headers {
	struct iphdr ip;
	struct udphdr udp;
	__be32 vxlan_flags;
	__be32 vxlan_vni; /* in the upper 24 bits */
	struct ethhdr ethernet;
	__u8 packet[2];
};

#define TUNNEL_SIZE ((int)offsetof(struct tunnel_headers, packet))
_Static_assert(TUNNEL_SIZE == 50, "the MTU of pods counts on 50 bytes");

/* By 2^32 over the golden ratio: nodes whose addresses follow each other share no slot. */
static __always_inline __u32 tunnel_hash(__be32 node)
{
	return (bpf_ntohl(node) * 0x9e3779b1U) >> 16;
}

/* Where the way to a node is kept, if it is. */
static __always_inline struct tunnel_route *tunnel_slot(__be32 node)
{
	__u32 slot = tunnel_hash(node) & (TUNNEL_ROUTES_MAX - 1);

	return bpf_map_lookup_elem(&tunnel_routes, &slot);
}

static __always_inline bool leads_to(const struct tunnel_route *route, __be32 node)
{
	return route->node == node && route->expires_ns > now_ns();
}

/*
 * Anybody who reaches this node can send to the tunnel's port, its own pods included, and inside of
 * such a packet any source could stand. Only nodes have checked what they send.
 */
static __always_inline bool is_node(const struct addr *sender)
{
	const struct peer *peer = find_peer(sender);

	return peer && peer->kind == PEER_NODE;
}

/* As nodes write them: without an outer sum, and with nothing noted outside that the packet inside
 * had to learn, which are the ECN marks that end in 1 (RFC 6040 section 4.2). */
static __always_inline bool has_plain_tunnel(const struct tunnel_headers *headers)
{
	return !(headers->ip.tos & 1) && !headers->udp.check &&
	       headers->vxlan_flags == bpf_htonl(VXLAN_HAS_VNI) &&
	       headers->vxlan_vni == bpf_htonl(TUNNEL_VNI << 8) &&
	       (headers->ethernet.h_proto == bpf_htons(ETH_P_IP) ||
		headers->ethernet.h_proto == bpf_htons(ETH_P_IPV6));
}
