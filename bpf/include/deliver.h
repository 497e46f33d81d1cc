/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ways on for a packet that has been judged: to a pod here, to this host, out of the node;
 * encapsulation.h has the one through the tunnel. */
#pragma once

#include "drop.h"
#include "packet.h"

/* AF_INET and AF_INET6, from a header that does not compile for BPF. */
#define FAMILY_V4 2
#define FAMILY_V6 10

/*
 * Marks a packet that leaves through a device as done with, for that device's egress program. In
 * skb->tc_index, which unlike skb->mark nothing else on a Kubernetes node uses.
 */
#define TC_INDEX_FORWARDED 0x5745

/*
 * The bytes at this place of the frame, to be written where they are: half the time that storing
 * them by a helper takes. Packets that share their bytes with a copy have been given their own by
 * the time the program starts. NULL when the frame ends before.
 */
static __always_inline void *writable_bytes(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	for (int tries = 0; tries < 2; tries++) {
		void *bytes = (void *)(long)skb->data + offset;

		if (bytes + size <= (void *)(long)skb->data_end)
			return bytes;
		/* Not in the packet's linear part yet. */
		if (bpf_skb_pull_data(skb, offset + size) < 0)
			return NULL;
	}
	return NULL;
}

static __always_inline int write_macs(struct __sk_buff *skb, const __u8 *destination,
				      const __u8 *source)
{
	struct ethhdr *frame = writable_bytes(skb, 0, sizeof(*frame));

	if (!frame)
		return -DROP_MALFORMED;
	__builtin_memcpy(frame->h_dest, destination, MAC_SIZE);
	__builtin_memcpy(frame->h_source, source, MAC_SIZE);
	return 0;
}

/* From an ingress hook straight to the pod's end of the veth, past the host's stack and backlog
 * queue. */
static __always_inline int to_pod(struct __sk_buff *skb, const struct endpoint *endpoint,
				  const struct config *cfg)
{
	int result = write_macs(skb, endpoint->mac, cfg->host_mac);

	return result < 0 ? drop(skb, result) : bpf_redirect_peer(endpoint->ifindex, 0);
}

/* From an egress hook, where redirecting to a peer is not allowed: out of the veth's host end. */
static __always_inline int to_pod_from_host(struct __sk_buff *skb, const struct endpoint *endpoint,
					    const struct config *cfg)
{
	int result = write_macs(skb, endpoint->mac, cfg->host_mac);

	return result < 0 ? drop(skb, result) : bpf_redirect(endpoint->ifindex, 0);
}

/*
 * To the host's stack, as received on weft_host: the route to all pods points there, so reverse
 * path filtering holds without a setting for each veth.
 */
static __always_inline int to_host(struct __sk_buff *skb, const struct config *cfg)
{
	int result = write_macs(skb, cfg->host_mac, cfg->host_mac);

	return result < 0 ? drop(skb, result) : bpf_redirect(cfg->host_ifindex, BPF_F_INGRESS);
}

/* RFC 1624 for a TTL that is one less: it is the high byte of its 16-bit word. */
static __always_inline void decrement_ttl_v4(struct iphdr *ip)
{
	__u32 sum = ip->check + bpf_htons(0x0100);

	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
}

/* Counts the router that this node is. The host's stack answers a packet that has come to its end.
 */
static __always_inline int decrement_ttl(struct __sk_buff *skb, const struct packet *packet)
{
	if (packet->is_v4) {
		struct iphdr *ip = writable_bytes(skb, ETH_HLEN, sizeof(*ip));

		if (!ip)
			return -DROP_MALFORMED;
		if (ip->ttl <= 1)
			return 0;
		decrement_ttl_v4(ip);
	} else {
		struct ipv6hdr *ip = writable_bytes(skb, ETH_HLEN, sizeof(*ip));

		if (!ip)
			return -DROP_MALFORMED;
		if (ip->hop_limit <= 1)
			return 0;
		ip->hop_limit--;
	}
	return 1;
}

/* Out through a device to a neighbour on it. */
static __always_inline int to_next_hop(struct __sk_buff *skb, const struct packet *packet,
				       __u32 ifindex, struct bpf_redir_neigh *next_hop,
				       __u16 tc_index, const struct config *cfg)
{
	int result = decrement_ttl(skb, packet);

	if (result < 0)
		return drop(skb, result);
	if (!result)
		return to_host(skb, cfg);
	skb->tc_index = tc_index;
	return bpf_redirect_neigh(ifindex, next_hop, sizeof(*next_hop), 0);
}

/* A lookup has put the gateway, where there is one, in place of the destination. */
static __always_inline void fill_next_hop(struct bpf_redir_neigh *next_hop,
					  const struct bpf_fib_lookup *found)
{
	next_hop->nh_family = found->family;
	__builtin_memcpy(next_hop->ipv6_nh, found->ipv6_dst, sizeof(next_hop->ipv6_nh));
}

/*
 * Out of the node by the host's routes, past its stack. What needs the stack goes there: a packet
 * that is too big or too old, for its ICMP error, and one that has no route, for the same. Uses the
 * tables as weft_host's forwarding would, so that both ways give the same result.
 */
static __noinline int to_network(struct __sk_buff *skb, const struct packet *packet, __u16 tc_index,
				 const struct config *cfg)
{
	struct bpf_fib_lookup fib = {};
	struct bpf_redir_neigh next_hop = {};
	long found;

	fib.ifindex = cfg->host_ifindex;
	fib.l4_protocol = packet->protocol;
	if (packet->is_v4) {
		fib.family = FAMILY_V4;
		fib.ipv4_src = packet->saddr.w[3];
		fib.ipv4_dst = packet->daddr.w[3];
	} else {
		fib.family = FAMILY_V6;
		__builtin_memcpy(fib.ipv6_src, packet->saddr.w, sizeof(fib.ipv6_src));
		__builtin_memcpy(fib.ipv6_dst, packet->daddr.w, sizeof(fib.ipv6_dst));
	}
	found = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
	if (found != BPF_FIB_LKUP_RET_SUCCESS && found != BPF_FIB_LKUP_RET_NO_NEIGH)
		return to_host(skb, cfg);
	if (fib.ifindex == cfg->host_ifindex)
		return drop(skb, -DROP_NO_ENDPOINT);
	fill_next_hop(&next_hop, &fib);
	return to_next_hop(skb, packet, fib.ifindex, &next_hop, tc_index, cfg);
}

/* To another node or its pods by native routing: at once to a node that is a neighbour, else by the
 * routes. */
static __always_inline int to_peer(struct __sk_buff *skb, const struct packet *packet,
				   const struct peer *peer, const struct config *cfg)
{
	struct bpf_redir_neigh next_hop = {};

	if (!peer->ifindex)
		return to_network(skb, packet, TC_INDEX_FORWARDED, cfg);
	if (addr_is_v4(&peer->node)) {
		next_hop.nh_family = FAMILY_V4;
		next_hop.ipv4_nh = peer->node.w[3];
	} else {
		next_hop.nh_family = FAMILY_V6;
		__builtin_memcpy(next_hop.ipv6_nh, peer->node.w, sizeof(next_hop.ipv6_nh));
	}
	return to_next_hop(skb, packet, peer->ifindex, &next_hop, TC_INDEX_FORWARDED, cfg);
}
