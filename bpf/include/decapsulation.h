/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Out of the tunnel: from a node, and for a pod here or for this node, or it goes nowhere. */
#pragma once

#include "serve.h"
#include "tunnel.h"

#define PACKET_HOST 0 /* skb->pkt_type: to this machine's MAC */

/* Longer than a packet stays in the queue of the kernel's device. */
#define TUNNEL_QUEUE_NS (SECOND / 20)

/* A packet that a node has sent through the tunnel: for a pod here, for a Service, or for this
 * host.
 */
static __always_inline int deliver_from_node(struct __sk_buff *skb, struct packet *packet,
					     const struct config *cfg)
{
	int result = parse_network(skb, packet);
	struct place place;

	if (result < 0)
		return drop(skb, result);
	place = find_place(&packet->daddr);
	result = parse_flow(skb, packet);
	if (place.local)
		return result < 0 ? drop(skb, result) : admit_to_pod(skb, packet, place.local, cfg);
	if (place.peer && place.peer->kind == PEER_POD)
		return drop(skb, -DROP_NO_ENDPOINT);
	if (!result) {
		packet->handing_over = FROM_NODE;
		result = serve_outside(skb, packet, cfg);
		if (result)
			return forward_served(skb, packet, result, cfg);
	}
	/* What cannot be read is the host's to judge. */
	return place.peer && place.peer->kind == PEER_SELF ? to_host(skb, cfg)
							   : drop(skb, -DROP_NO_ENDPOINT);
}

/*
 * The kernel's device queues what it takes out, and hands it on when the CPU is done with what came
 * in meanwhile. A packet that stayed out of the queue would overtake those of its flow in it: while
 * there may be any, all of the flow take that way. Nodes have a source port for each flow.
 */
static __always_inline bool must_queue(const struct packet *outer, bool is_plain)
{
	__u32 slot =
		(tunnel_hash(outer->saddr.w[3]) + bpf_ntohs(outer->sport)) & (TUNNEL_QUEUE_MAX - 1);
	__u64 *last_ns = bpf_map_lookup_elem(&tunnel_queue, &slot);
	__u64 now = now_ns();

	if (!last_ns)
		return true;
	if (is_plain)
		return now < *last_ns + TUNNEL_QUEUE_NS;
	/* Of many in one tick of the clock, one write is enough. */
	if (*last_ns != now)
		*last_ns = now;
	return true;
}

/*
 * As nodes send it, whole and for this node. Several that the network card's driver has made one
 * are the device's: programs cannot clear the marks that tell the kernel to put them into the
 * tunnel again should it cut them later.
 */
static __always_inline bool is_plain(struct __sk_buff *skb, const struct packet *outer,
				     const struct tunnel_headers *headers)
{
	return !skb->gso_size && !skb->vlan_present && skb->pkt_type == PACKET_HOST &&
	       outer->is_v4 && outer->fragment == NOT_FRAGMENTED &&
	       outer->l4_offset == ETH_HLEN + sizeof(headers->ip) && has_plain_tunnel(headers);
}

/* From a node that this CPU is just sending to, by the same device and between the same addresses:
 * saves asking who they are. */
static __always_inline bool is_way_back(struct __sk_buff *skb, const struct packet *outer)
{
	const struct tunnel_route *route = tunnel_slot(outer->saddr.w[3]);

	return route && outer->is_v4 && leads_to(route, outer->saddr.w[3]) &&
	       route->source == outer->daddr.w[3] && route->ifindex == skb->ifindex;
}

static __always_inline bool is_for_device(struct __sk_buff *skb, const struct packet *outer)
{
	__u32 ifindex = skb->ifindex;
	const struct device *device = bpf_map_lookup_elem(&devices, &ifindex);

	return device && addr_equal(&device->v4, &outer->daddr);
}

/* Takes the outer headers off. */
static __always_inline int remove_tunnel(struct __sk_buff *skb, __be16 protocol)
{
	int size = TUNNEL_SIZE;
	struct ethhdr *ethernet;

	/* The kernel is to know what is inside. Saying so as the headers go is possible only from
	 * Linux 6.3 on: here it makes the outer header one of IPv6 first, 20 bytes longer. */
	if (protocol == bpf_htons(ETH_P_IPV6)) {
		if (bpf_skb_change_proto(skb, protocol, 0) < 0)
			return -DROP_KERNEL_REFUSED;
		size += sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	}
	if (bpf_skb_adjust_room(skb, -size, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET) < 0)
		return -DROP_KERNEL_REFUSED;
	/* Of the sums that the network card has verified, the outer one's is no more. */
	bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC);
	ethernet = writable_bytes(skb, 0, sizeof(*ethernet));
	if (!ethernet)
		return -DROP_KERNEL_REFUSED;
	ethernet->h_proto = protocol;
	return 0;
}

/* A packet to the tunnel's port: 1 when it is what was inside by now, 0 when the kernel's device is
 * to take it. */
static __noinline int decapsulate(struct __sk_buff *skb, const struct packet *outer)
{
	const struct tunnel_headers *headers = writable_bytes(skb, ETH_HLEN, sizeof(*headers));
	bool is_known = is_way_back(skb, outer);
	__be16 protocol;
	int result;

	if (!headers)
		return 0;
	protocol = headers->ethernet.h_proto;
	if (must_queue(outer,
		       is_plain(skb, outer, headers) && (is_known || is_for_device(skb, outer))))
		return 0;
	if (!is_known && !is_node(&outer->saddr))
		return -DROP_FOREIGN_TUNNEL;
	result = remove_tunnel(skb, protocol);
	return result < 0 ? result : 1;
}
