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
#include "rewrite.h"

/* With half of the range taken towards one destination, all of these fail once in four billion. */
#define PORT_TRIES 32

static __always_inline bool owns_origin(const struct flow *flow, const struct flow_key *reply)
{
	return (flow->flags & FLOW_MASQUERADED) && flow->nat_port == reply->dport &&
	       addr_equal(&flow->nat_address, &reply->daddr);
}

/* The key of the pod's flow that a reply to this origin belongs to. */
static __always_inline void origin_flow_key(const struct nat_origin *origin,
					    const struct flow_key *reply, struct flow_key *key)
{
	key->saddr = origin->address;
	key->daddr = reply->saddr;
	key->sport = origin->port;
	key->dport = reply->sport;
	key->protocol = reply->protocol;
}

/* Takes the reply key for the flow if nobody alive has it. */
static __always_inline bool claim_origin(const struct flow_key *reply,
					 const struct nat_origin *origin)
{
	struct flow_key holder_key = {};
	const struct nat_origin *held;
	const struct flow *holder;

	if (!bpf_map_update_elem(&nat, reply, origin, BPF_NOEXIST))
		return true;
	held = bpf_map_lookup_elem(&nat, reply);
	if (!held)
		return false;
	origin_flow_key(held, reply, &holder_key);
	holder = find_flow(&holder_key);
	if (holder && owns_origin(holder, reply))
		return held->port == origin->port && addr_equal(&held->address, &origin->address);
	/* Its flow is over. Whoever of two rivals inserts first after this has it. */
	bpf_map_delete_elem(&nat, reply);
	return !bpf_map_update_elem(&nat, reply, origin, BPF_NOEXIST);
}

static __always_inline bool has_translatable_port(const struct flow_key *key)
{
	return key->protocol == IPPROTO_TCP || key->protocol == IPPROTO_UDP ||
	       ((key->protocol == IPPROTO_ICMP || key->protocol == IPPROTO_ICMPV6) && key->sport);
}

/* Finds a free port towards this destination; the claimed one ends up in reply->dport. */
static __always_inline int claim_port(const struct flow_key *key, struct flow_key *reply,
				      const struct config *cfg)
{
	struct nat_origin origin = {.address = key->saddr, .port = key->sport};

	if (!has_translatable_port(key)) {
		reply->dport = key->sport;
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

/* Makes a flow for the packet: claims a port, then writes the flow that owns it. */
static __always_inline int masquerade_new(const struct packet *packet, const struct flow_key *key,
					  const struct addr *node, const struct config *cfg,
					  struct flow *made)
{
	struct flow_key reply = {
		.saddr = key->daddr,
		.daddr = *node,
		.sport = key->dport,
		.protocol = key->protocol,
	};
	int result = claim_port(key, &reply, cfg);

	if (result < 0)
		return result;
	made->flags = FLOW_MASQUERADED;
	made->nat_address = *node;
	made->nat_port = reply.dport;
	touch_flow(made, packet, FROM_POD);
	return bpf_map_update_elem(&flows, key, made, BPF_ANY) < 0 ? -DROP_MAP_FULL : 0;
}

/* The reverse entry may have been evicted while the flow lived: put it back. Looking it up also
 * keeps it young. */
static __always_inline bool keeps_origin(const struct flow_key *key, const struct flow *flow)
{
	struct nat_origin origin = {.address = key->saddr, .port = key->sport};
	struct flow_key reply = {
		.saddr = key->daddr,
		.daddr = flow->nat_address,
		.sport = key->dport,
		.dport = flow->nat_port,
		.protocol = key->protocol,
	};

	return bpf_map_lookup_elem(&nat, &reply) || claim_origin(&reply, &origin);
}

/* Translates a pod's packet that leaves the node with this node address. */
static __always_inline int masquerade(struct __sk_buff *skb, const struct packet *packet,
				      const struct addr *node, const struct config *cfg)
{
	struct flow_key key = {};
	struct flow *flow;
	struct flow made = {};

	flow_key_of(packet, &key);
	flow = find_flow(&key);
	if (flow && (flow->flags & FLOW_MASQUERADED) && addr_equal(&flow->nat_address, node) &&
	    keeps_origin(&key, flow)) {
		touch_flow(flow, packet, FROM_POD);
	} else {
		int result = masquerade_new(packet, &key, node, cfg, &made);

		if (result < 0)
			return result;
		flow = &made;
	}
	return rewrite(skb, packet, SOURCE, &flow->nat_address, flow->nat_port);
}

/* The living flow that a packet from the outside replies to, or NULL; fills in its key. */
static __always_inline struct flow *find_masqueraded(const struct flow_key *reply,
						     struct flow_key *key)
{
	const struct nat_origin *origin = bpf_map_lookup_elem(&nat, reply);
	struct flow *flow;

	if (!origin)
		return NULL;
	origin_flow_key(origin, reply, key);
	flow = find_flow(key);
	return flow && owns_origin(flow, reply) ? flow : NULL;
}

/*
 * Translates a packet from the outside back if it replies to a masqueraded flow: 1 and the pod's
 * address in packet->daddr; 0 when it does not.
 */
static __always_inline int unmasquerade(struct __sk_buff *skb, struct packet *packet)
{
	struct flow_key reply = {};
	struct flow_key key = {};
	struct flow *flow;
	int result;

	flow_key_of(packet, &reply);
	flow = find_masqueraded(&reply, &key);
	if (!flow)
		return 0;
	touch_flow(flow, packet, TO_POD);
	result = rewrite(skb, packet, DESTINATION, &key.saddr, key.sport);
	if (result < 0)
		return result;
	packet->daddr = key.saddr;
	return 1;
}
