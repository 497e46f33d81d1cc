/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a pod sends: ingress of its veth's host end. Nothing a pod sends passes by this program. */
#pragma once

#include "../include/admission.h"
#include "../include/deliver.h"
#include "../include/reject.h"
#include "../include/resolution.h"
#include "../include/serve.h"

/* Only what is for no pod can be for a Service. */
static __always_inline bool may_be_service(const struct place *place)
{
	return !place->local && (!place->peer || place->peer->kind != PEER_POD);
}

/* The client hears at once that nobody serves. */
static __noinline int refuse_pod(struct __sk_buff *skb, struct packet *packet,
				 const struct endpoint *sender, const struct config *cfg)
{
	drop(skb, -DROP_SERVICE_REFUSED);
	if (make_refusal(skb, packet) < 0)
		return TC_ACT_SHOT;
	return back_to_pod(skb, sender->mac, cfg);
}

SEC("tc")
int weft_from_pod(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	const struct endpoint *sender;
	struct place place;
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
	place = find_place(&packet.daddr);
	if (may_be_service(&place)) {
		result = serve(skb, &packet, SERVICE_INSIDE, cfg);
		if (result == -DROP_SERVICE_REFUSED)
			return refuse_pod(skb, &packet, sender, cfg);
		if (result < 0)
			return drop(skb, result);
		if (result == TO_BACKEND)
			place = find_place(&packet.daddr);
	}
	result = admit(skb, &packet, FROM_POD);
	if (result < 0)
		return drop(skb, result);
	/* The flow came in through the host's stack, where its NAT state is: its replies must go
	 * back there. */
	if (result & FLOW_VIA_HOST)
		return to_host(skb, cfg);
	result = restore_frontend(skb, &packet, result);
	if (result < 0)
		return drop(skb, result);
	if (result)
		place = find_place(&packet.daddr);
	return forward(skb, &packet, place, cfg);
}
