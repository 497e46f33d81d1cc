/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Masquerading: a pod's packets to the world leave with the node's address and a port of the range
 * kept for this. Mapping is per destination (RFC 4787 section 4.1, address and port-dependent), so
 * that the range serves each remote address and port anew. Both tables are LRU: when they are full,
 * the flow idle longest makes room.
 */
#pragma once

#include "flow.h"
#include "fragments.h"
#include "policy.h"
#include "rewrite.h"

/* With half of the range taken towards one destination, all of these fail once in four billion. */
#define PORT_TRIES 32

/* The flow, if it is alive, of the pod that a reply is for. */
static __always_inline struct flow *find_origin_flow(const struct nat_origin *origin,
						     const struct nat_key *reply)
{
	struct flow_place place = {};
	struct flow *flow;

	place_in_flow(&origin->address, &reply->saddr, origin->port, reply->sport, reply->protocol,
		      &place);
	flow = find_flow(&place.key);
	return flow && (flow->flags & FLOW_MASQUERADED) && flow->nat_port == reply->dport &&
			       addr_equal(&flow->nat_address, &reply->daddr)
		       ? flow
		       : NULL;
}

/* Takes the reply key for the flow if nobody alive has it: 1, else 0. */
VERIFIED_ALONE int claim_origin(const struct nat_key *reply, const struct nat_origin *origin)
{
	const struct nat_origin *held;
	struct nat_origin value;
	struct nat_key key;

	if (!reply || !origin)
		return false;
	/* Linux 6.1 takes keys and values of maps from the stack, not from what it was given. */
	key = *reply;
	value = *origin;
	if (!bpf_map_update_elem(&nat, &key, &value, BPF_NOEXIST))
		return true;
	held = bpf_map_lookup_elem(&nat, &key);
	if (!held)
		return false;
	if (find_origin_flow(held, &key))
		return held->port == value.port && addr_equal(&held->address, &value.address);
	/* Its flow is over. Whoever of two rivals inserts first after this has it. */
	bpf_map_delete_elem(&nat, &key);
	return !bpf_map_update_elem(&nat, &key, &value, BPF_NOEXIST);
}

static __always_inline bool has_translatable_port(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ||
	       ((packet->protocol == IPPROTO_ICMP || packet->protocol == IPPROTO_ICMPV6) &&
		packet->sport);
}

/* Finds a free port towards this destination; the claimed one ends up in reply->dport. */
static __always_inline int claim_port(const struct packet *packet, struct nat_key *reply,
				      const struct config *cfg)
{
	struct nat_origin origin = {.address = packet->saddr, .port = packet->sport};

	if (!has_translatable_port(packet)) {
		reply->dport = packet->sport;
		return claim_origin(reply, &origin) ? 0 : -DROP_NO_MASQUERADE_PORT;
	}
	if (!cfg->nat_port_count)
		return -DROP_NO_MASQUERADE_PORT;
	for (__u32 i = 0; i < PORT_TRIES; i++) {
		__u32 offset = bpf_get_prandom_u32() % cfg->nat_port_count;

		reply->dport = bpf_htons(cfg->nat_port_first + offset);
		/* Replies to the tunnel's port are not looked at. */
		if (reply->dport != cfg->tunnel_port && claim_origin(reply, &origin))
			return 0;
	}
	return -DROP_NO_MASQUERADE_PORT;
}

/* Has the packet's flow own a port: claims one, then writes the flow. */
static __always_inline int masquerade_new(const struct packet *packet,
					  const struct flow_place *place, const struct addr *node,
					  const struct config *cfg, struct flow *flow)
{
	struct nat_key reply = {
		.saddr = packet->daddr,
		.daddr = *node,
		.sport = packet->dport,
		.protocol = packet->protocol,
	};
	int result = claim_port(packet, &reply, cfg);

	if (result < 0)
		return result;
	flow->flags |= FLOW_MASQUERADED;
	flow->nat_address = *node;
	flow->nat_port = reply.dport;
	touch_flow(flow, packet, place);
	return bpf_map_update_elem(&flows, &place->key, flow, BPF_ANY) < 0 ? -DROP_MAP_FULL : 0;
}

/* The reverse entry may have been evicted while the flow lived: put it back. Looking it up also
 * keeps it young. */
static __always_inline bool keeps_origin(const struct packet *packet, const struct flow *flow)
{
	struct nat_origin origin = {.address = packet->saddr, .port = packet->sport};
	struct nat_key reply = {
		.saddr = packet->daddr,
		.daddr = flow->nat_address,
		.sport = packet->dport,
		.dport = flow->nat_port,
		.protocol = packet->protocol,
	};

	return bpf_map_lookup_elem(&nat, &reply) || claim_origin(&reply, &origin);
}

/* Translates a pod's packet that leaves the node with this node address. */
static __noinline int masquerade(struct __sk_buff *skb, const struct packet *packet,
				 const struct addr *node, const struct config *cfg)
{
	struct flow_place place = {};
	struct flow *flow;
	struct flow made = {};

	if (packet->fragment == ORPHAN_FRAGMENT)
		return -DROP_NO_FRAGMENT_HEAD;
	place_packet(packet, &place);
	flow = find_flow(&place.key);
	if (!flow || !(flow->flags & FLOW_MASQUERADED) || !addr_equal(&flow->nat_address, node) ||
	    !keeps_origin(packet, flow)) {
		int result;

		if (flow) {
			made = *flow;
		} else {
			/* The pod was let out, but what it sent is forgotten. */
			made.flags = place.from_high ? FLOW_HIGH_BEGAN : 0;
			made.epoch = current_epoch() - 1;
		}
		result = masquerade_new(packet, &place, node, cfg, &made);
		if (result < 0)
			return result;
		flow = &made;
	}
	return rewrite(skb, packet, SOURCE, &flow->nat_address, flow->nat_port);
}

/* The pod that a packet from the outside replies to, if its flow is alive. */
static __always_inline bool find_origin(const struct nat_key *reply, struct nat_origin *pod)
{
	const struct nat_origin *origin = bpf_map_lookup_elem(&nat, reply);

	if (!origin || !find_origin_flow(origin, reply))
		return false;
	*pod = *origin;
	return true;
}

/*
 * Translates a packet from the outside back if it replies to a masqueraded flow: 1 and the pod's
 * address and port in packet; 0 when it does not.
 */
static __noinline int unmasquerade(struct __sk_buff *skb, struct packet *packet)
{
	struct nat_key reply = {
		.saddr = packet->saddr,
		.daddr = packet->daddr,
		.sport = packet->sport,
		.dport = packet->dport,
		.protocol = packet->protocol,
	};
	struct nat_origin pod;
	int result;

	if (packet->fragment == ORPHAN_FRAGMENT || !find_origin(&reply, &pod))
		return 0;
	result = rewrite(skb, packet, DESTINATION, &pod.address, pod.port);
	if (result < 0)
		return result;
	packet->daddr = pod.address;
	packet->dport = pod.port;
	return 1;
}
