/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a packet goes from here, by its destination. */
#pragma once

#include "deliver.h"
#include "encapsulation.h"

/* Where a destination is: a pod of this node, or what the map peers knows of it, if anything. */
struct place {
	const struct endpoint *local;
	const struct peer *peer;
};

static __always_inline struct place find_place(const struct addr *address)
{
	struct place place = {.local = bpf_map_lookup_elem(&endpoints, address)};

	if (!place.local)
		place.peer = find_peer(address);
	return place;
}

/* On from here, wherever it goes. */
static __always_inline int forward(struct __sk_buff *skb, const struct packet *packet,
				   struct place place, const struct config *cfg)
{
	if (place.local)
		return to_pod(skb, place.local, cfg);
	if (!place.peer)
		return to_network(skb, packet, 0, cfg);
	if (place.peer->kind == PEER_SERVICES)
		return drop(skb, -DROP_NO_SERVICE);
	if (place.peer->kind == PEER_SELF)
		return to_host(skb, cfg);
	if (cfg->overlay_ifindex)
		return to_overlay(skb, packet, place.peer, cfg);
	return to_peer(skb, packet, place.peer, cfg);
}
