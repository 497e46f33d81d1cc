/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the host's stack sends or forwards to pods: egress of weft_host, where the routes to all
 * pods point. */
#pragma once

#include "../include/admission.h"
#include "../include/deliver.h"
#include "../include/encapsulation.h"

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
			return to_overlay(skb, &packet, peer, cfg);
		return drop(skb,
			    addr_is_multicast(&packet.daddr) ? -DROP_MULTICAST : -DROP_NO_ENDPOINT);
	}
	result = parse_flow(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	result = admit(skb, &packet, FROM_HOST);
	return result < 0 ? drop(skb, result) : to_pod_from_host(skb, local, cfg);
}
