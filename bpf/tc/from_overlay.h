/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Out of the tunnel: ingress of weft_vxlan. From a node, and for a pod here or for this node, or it
 * goes nowhere. */
#pragma once

#include "../include/admission.h"
#include "../include/deliver.h"
#include "../include/serve.h"

/*
 * Anybody who reaches this node can send to the tunnel's port, its own pods included, and inside of
 * such a packet any source could stand. Only nodes have checked what they send.
 */
static __always_inline int check_tunnel(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = {};
	const struct peer *sender;
	struct addr outer;

	if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		outer = addr_from_v4(bpf_htonl(key.remote_ipv4));
	else if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6))
		__builtin_memcpy(&outer, key.remote_ipv6, sizeof(outer));
	else
		return -DROP_KERNEL_REFUSED;
	sender = find_peer(&outer);
	return key.tunnel_id == TUNNEL_VNI && sender && sender->kind == PEER_NODE
		       ? 0
		       : -DROP_FOREIGN_TUNNEL;
}

SEC("tc")
int weft_from_overlay(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	const struct endpoint *local;
	const struct peer *peer;
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	result = check_tunnel(skb);
	if (result < 0)
		return drop(skb, result);
	result = parse_network(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	local = bpf_map_lookup_elem(&endpoints, &packet.daddr);
	result = parse_flow(skb, &packet);
	if (local)
		return result < 0 ? drop(skb, result) : admit_to_pod(skb, &packet, local, cfg);
	peer = find_peer(&packet.daddr);
	if (peer && peer->kind == PEER_POD)
		return drop(skb, -DROP_NO_ENDPOINT);
	if (!result) {
		result = serve_outside(skb, &packet, cfg);
		if (result)
			return forward_served(skb, &packet, result, cfg);
	}
	/* What cannot be read is the host's to judge. */
	return peer && peer->kind == PEER_SELF ? to_host(skb, cfg) : drop(skb, -DROP_NO_ENDPOINT);
}
