/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fragments after the first have no transport header: they take the ports of their packet's first
 * fragment, which is remembered here. The table is LRU: when it is full the packet heard of longest
 * ago loses its late fragments.
 */
#pragma once

#include "packet.h"

/* Fills in the ports of a later fragment; remembers those of a first one. */
static __always_inline int resolve_fragment(struct packet *packet)
{
	struct fragment_key key = {};

	if (packet->fragment == NOT_FRAGMENTED)
		return 0;
	key.saddr = packet->saddr;
	key.daddr = packet->daddr;
	key.id = packet->fragment_id;
	key.protocol = packet->protocol;
	if (packet->fragment == FIRST_FRAGMENT) {
		struct fragment_ports ports = {.sport = packet->sport, .dport = packet->dport};

		return bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY) < 0 ? -DROP_MAP_FULL
										  : 0;
	}

	const struct fragment_ports *ports = bpf_map_lookup_elem(&fragments, &key);

	if (!ports) {
		packet->fragment = ORPHAN_FRAGMENT;
		return 0;
	}
	packet->sport = ports->sport;
	packet->dport = ports->dport;
	return 0;
}

/* Reads what tells the packet's flow besides its addresses, of a fragment too. */
static __always_inline int parse_flow(struct __sk_buff *skb, struct packet *packet)
{
	int result = parse_transport(skb, packet);

	return result < 0 ? result : resolve_fragment(packet);
}
