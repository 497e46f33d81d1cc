/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the host's stack sends or forwards to pods: egress of weft_host, where the routes to all
 * pods point. */
#pragma once

#include "../include/deliver.h"
#include "../include/flow.h"
#include "../include/fragments.h"

/*
 * A packet that the stack forwards, not one of its own: some NAT of the host (a port mapping, say)
 * may have sent it here, and only the stack can undo that for the replies.
 */
static __always_inline int note_via_host(const struct packet *packet)
{
	const struct peer *source = find_peer(&packet->saddr);
	struct flow_key key = {};
	struct flow made = {};
	struct flow *flow;

	if (source && source->kind == PEER_SELF)
		return 0;
	flow_key_of_reply(packet, &key);
	flow = find_flow(&key);
	if (flow && (flow->flags & FLOW_VIA_HOST)) {
		touch_flow(flow, packet, TO_POD);
		return 0;
	}
	made.flags = FLOW_VIA_HOST;
	touch_flow(&made, packet, TO_POD);
	return bpf_map_update_elem(&flows, &key, &made, BPF_ANY) < 0 ? -DROP_MAP_FULL : 0;
}

SEC("tc")
int weft_from_host(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	const struct endpoint *local;
	const struct peer *peer;
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	result = parse_network(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	local = bpf_map_lookup_elem(&endpoints, &packet.daddr);
	if (!local) {
		peer = find_peer(&packet.daddr);
		if (peer && peer->kind != PEER_SELF && cfg->overlay_ifindex)
			return to_overlay(skb, peer, cfg);
		return drop(skb,
			    addr_is_multicast(&packet.daddr) ? -DROP_MULTICAST : -DROP_NO_ENDPOINT);
	}
	result = parse_flow(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	result = note_via_host(&packet);
	return result < 0 ? drop(skb, result) : to_pod_from_host(skb, local, cfg);
}
