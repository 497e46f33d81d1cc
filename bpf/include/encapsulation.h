/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Into the tunnel. */
#pragma once

#include "deliver.h"
#include "tunnel.h"

/* The two bits of a traffic class that RFC 3168 has for marks of congestion. */
#define ECN_MASK 0x3
#define ECN_ECT0 0x2 /* who sent it heeds such marks */
#define ECN_CE	 0x3 /* congestion */

/* How long a change of the host's routes, of a path's MTU or of this node's addresses can go
 * unseen. */
#define TUNNEL_ROUTE_NS (SECOND / 50)

/* Where flows' source ports begin: the dynamic ports, as RFC 7348 section 5 has it. */
#define TUNNEL_PORT_FIRST 49152
#define TUNNEL_PORT_BITS  14

#define TUNNEL_ROOM_FLAGS                                                                          \
	(BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |                              \
	 BPF_F_ADJ_ROOM_ENCAP_L2_ETH | BPF_F_ADJ_ROOM_ENCAP_L2(ETH_HLEN) |                         \
	 BPF_F_ADJ_ROOM_FIXED_GSO)

/* Too large for any path. */
#define NO_SIZE 0xffff

/* The size of the IP packet; of one that will be cut into segments on its way, theirs. */
static __always_inline __u32 segment_size(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 headers = packet->l4_offset - packet->l3_offset;
	const struct tcp_start *tcp;
	struct tcp_start copy;

	if (!skb->gso_size)
		return skb->len - packet->l3_offset;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		tcp = read_bytes(skb, packet->l4_offset, &copy, sizeof(copy));
		return tcp ? headers + (tcp->data_offset >> 4) * 4 + skb->gso_size : NO_SIZE;
	case IPPROTO_UDP:
		return headers + sizeof(struct udphdr) + skb->gso_size;
	default:
		return NO_SIZE;
	}
}

/* One port for each flow, so that its packets stay together and in order on their way. */
static __always_inline __be16 source_port(struct __sk_buff *skb)
{
	__u32 hash = bpf_get_hash_recalc(skb);

	hash ^= hash << 16;
	return bpf_htons(TUNNEL_PORT_FIRST | hash >> (32 - TUNNEL_PORT_BITS));
}

/* RFC 6040 section 4.1: the mark of the packet inside, but congestion, which it has behind it. */
static __always_inline __u8 outer_ecn(const struct tunnel_headers *headers, bool is_v4)
{
	__u8 ecn = (is_v4 ? headers->packet[1] : headers->packet[1] >> 4) & ECN_MASK;

	return ecn == ECN_CE ? ECN_ECT0 : ecn;
}

/* RFC 1071 over a header without options, its own sum left out. */
static __always_inline __u16 header_checksum(const struct iphdr *ip)
{
	__u32 sum = bpf_htons(0x4500 | ip->tos) + ip->tot_len + ip->id + ip->frag_off +
		    bpf_htons(ip->ttl << 8 | ip->protocol) + (ip->saddr & 0xffff) +
		    (ip->saddr >> 16) + (ip->daddr & 0xffff) + (ip->daddr >> 16);

	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static __always_inline void write_tunnel(struct tunnel_headers *headers, __u16 size, __be16 port,
					 struct tunnel_route *route, bool is_v4,
					 const struct config *cfg)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tos = outer_ecn(headers, is_v4),
		.tot_len = bpf_htons(size),
		/* Routers may cut it, like what the kernel's device sends: the pieces are told
		 * apart by this. */
		.id = bpf_htons(route->next_id++),
		.ttl = TUNNEL_TTL,
		.protocol = IPPROTO_UDP,
		.saddr = route->source,
		.daddr = route->node,
	};

	ip.check = header_checksum(&ip);
	headers->ip = ip;
	headers->udp.source = port;
	headers->udp.dest = cfg->tunnel_port;
	headers->udp.len = bpf_htons(size - sizeof(ip));
	/* The packet inside has sums of its own (RFC 7348 section 5). */
	headers->udp.check = 0;
	headers->vxlan_flags = bpf_htonl(VXLAN_HAS_VNI);
	headers->vxlan_vni = bpf_htonl(TUNNEL_VNI << 8);
	__builtin_memcpy(headers->ethernet.h_dest, cfg->overlay_mac, MAC_SIZE);
	__builtin_memcpy(headers->ethernet.h_source, cfg->host_mac, MAC_SIZE);
	headers->ethernet.h_proto = is_v4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
}

/* Asks the host's routes for the way to the node; false when there is none that the kernel need not
 * do something for first. */
static __noinline bool ask_route(struct __sk_buff *skb, struct tunnel_route *route, __be32 node,
				 const struct config *cfg)
{
	struct bpf_fib_lookup fib = {
		.family = FAMILY_V4,
		.l4_protocol = IPPROTO_UDP,
		.tot_len = 1, /* for its MTU: any fits */
		.ifindex = cfg->host_ifindex,
		.ipv4_dst = node,
	};
	const struct device *device;

	route->node = 0;
	if (bpf_fib_lookup(skb, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return false;
	device = bpf_map_lookup_elem(&devices, &fib.ifindex);
	if (!device || !device->v4.w[3])
		return false;
	route->expires_ns = now_ns() + TUNNEL_ROUTE_NS;
	route->node = node;
	route->source = device->v4.w[3];
	route->ifindex = fib.ifindex;
	route->mtu = fib.mtu_result;
	route->next_id = bpf_get_prandom_u32();
	fill_next_hop(&route->next_hop, &fib);
	return true;
}

static __always_inline struct tunnel_route *find_tunnel_route(struct __sk_buff *skb, __be32 node,
							      const struct config *cfg)
{
	struct tunnel_route *route = tunnel_slot(node);

	if (!route || leads_to(route, node))
		return route;
	return ask_route(skb, route, node, cfg) ? route : NULL;
}

/* Through the kernel's device, which is told the far end. */
static __noinline int to_tunnel_device(struct __sk_buff *skb, const struct peer *peer,
				       const struct config *cfg)
{
	struct bpf_tunnel_key key = {.tunnel_id = TUNNEL_VNI, .tunnel_ttl = TUNNEL_TTL};
	__u64 flags;
	int result;

	if (addr_is_v4(&peer->node)) {
		key.remote_ipv4 = bpf_ntohl(peer->node.w[3]);
		flags = BPF_F_ZERO_CSUM_TX;
	} else {
		__builtin_memcpy(key.remote_ipv6, peer->node.w, sizeof(key.remote_ipv6));
		flags = BPF_F_TUNINFO_IPV6;
	}
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), flags) < 0)
		return drop(skb, -DROP_KERNEL_REFUSED);
	/* Stays with the packet through encapsulation: nothing is to be done when it leaves the
	 * node. */
	skb->tc_index = TC_INDEX_FORWARDED;
	result = write_macs(skb, cfg->overlay_mac, cfg->host_mac);
	return result < 0 ? drop(skb, result) : bpf_redirect(cfg->overlay_ifindex, 0);
}

/*
 * Through the tunnel to the node, by the host's routes. The kernel's device gets what does not fit
 * the path in one piece, and what cannot be put into a tunnel here: it is in another already, or
 * its segments are of a kind that the kernel must cut before.
 */
static __noinline int to_overlay(struct __sk_buff *skb, const struct packet *packet,
				 const struct peer *peer, const struct config *cfg)
{
	__u32 size = segment_size(skb, packet) + TUNNEL_SIZE;
	struct tunnel_headers *headers;
	struct tunnel_route *route;
	bool is_v4 = packet->is_v4;
	__be16 port;

	if (!addr_is_v4(&peer->node) || skb->len + TUNNEL_SIZE > NO_SIZE)
		return to_tunnel_device(skb, peer, cfg);
	route = find_tunnel_route(skb, peer->node.w[3], cfg);
	if (!route || size > route->mtu)
		return to_tunnel_device(skb, peer, cfg);
	port = source_port(skb);
	if (bpf_skb_adjust_room(skb, TUNNEL_SIZE, BPF_ADJ_ROOM_MAC, TUNNEL_ROOM_FLAGS) < 0)
		return to_tunnel_device(skb, peer, cfg);
	headers = writable_bytes(skb, ETH_HLEN, sizeof(*headers));
	if (!headers)
		return drop(skb, -DROP_KERNEL_REFUSED);
	write_tunnel(headers, skb->len - ETH_HLEN, port, route, is_v4, cfg);
	skb->tc_index = TC_INDEX_FORWARDED;
	return bpf_redirect_neigh(route->ifindex, &route->next_hop, sizeof(route->next_hop), 0);
}
