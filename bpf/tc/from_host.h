/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the host's stack sends or forwards to pods: egress of weft_host, where the routes to all
 * pods point. */
#pragma once

#include "../include/serve.h"

/* To another node or its pods, when there is a tunnel to them. */
static __always_inline int tunnel_from_host(struct __sk_buff *skb, struct packet *packet,
					    const struct peer *peer, const struct config *cfg)
{
	int result;

	if (!peer || peer->kind > PEER_NODE || !cfg->overlay_ifindex)
		return drop(skb, addr_is_multicast(&packet->daddr) ? -DROP_MULTICAST
								   : -DROP_NO_ENDPOINT);
	result = restore_host_frontend(skb, packet);
	return result < 0 ? drop(skb, result) : to_overlay(skb, packet, peer, cfg);
}

SEC("tc")
int weft_from_host(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	struct place place;
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	result = parse_network(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	place = find_place(&packet.daddr);
	if (!place.local)
		return tunnel_from_host(skb, &packet, place.peer, cfg);
	result = parse_flow(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	result = admit(skb, &packet, FROM_HOST);
	return result < 0 ? drop(skb, result) : to_pod_from_host(skb, place.local, cfg);
}
