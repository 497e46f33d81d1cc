/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a pod sends: ingress of its veth's host end. Nothing a pod sends passes by this program. */
#pragma once

#include "../include/admission.h"
#include "../include/deliver.h"
#include "../include/resolution.h"

static __always_inline int forward_from_pod(struct __sk_buff *skb, const struct packet *packet,
					    const struct config *cfg)
{
	const struct endpoint *local = bpf_map_lookup_elem(&endpoints, &packet->daddr);
	const struct peer *peer;

	if (local)
		return to_pod(skb, local, cfg);
	peer = find_peer(&packet->daddr);
	if (!peer)
		return to_network(skb, packet, 0, cfg);
	if (peer->kind == PEER_SELF)
		return to_host(skb, cfg);
	if (cfg->overlay_ifindex)
		return to_overlay(skb, peer, cfg);
	return to_peer(skb, packet, peer, cfg);
}

SEC("tc")
int weft_from_pod(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	const struct endpoint *sender;
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	if (skb->protocol == bpf_htons(ETH_P_ARP))
		return answer_arp(skb, cfg);
	result = parse_network(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	if (is_solicitation(skb, &packet))
		return answer_solicitation(skb, &packet, cfg);
	if (addr_is_multicast(&packet.daddr))
		return drop(skb, -DROP_MULTICAST);
	sender = bpf_map_lookup_elem(&endpoints, &packet.saddr);
	if (!sender || sender->ifindex != skb->ifindex)
		return drop(skb, -DROP_SPOOFED_SOURCE);
	result = parse_flow(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	result = admit(skb, &packet, FROM_POD);
	if (result < 0)
		return drop(skb, result);
	/* The flow came in through the host's stack, where its NAT state is: its replies must go
	 * back there. */
	if (result & FLOW_VIA_HOST)
		return to_host(skb, cfg);
	return forward_from_pod(skb, &packet, cfg);
}
