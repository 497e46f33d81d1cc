/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What comes out of the tunnel: ingress of weft_vxlan. It is for a pod here or for this node, or
 * goes nowhere. */
#pragma once

#include "../include/deliver.h"

SEC("tc")
int weft_from_overlay(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	struct bpf_tunnel_key key = {};
	const struct endpoint *local;
	const struct peer *peer;
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0) < 0 &&
	    bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6) < 0)
		return drop(skb, -DROP_KERNEL_REFUSED);
	if (key.tunnel_id != TUNNEL_VNI)
		return drop(skb, -DROP_FOREIGN_TUNNEL);
	result = parse_network(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	local = bpf_map_lookup_elem(&endpoints, &packet.daddr);
	if (local)
		return to_pod(skb, local, cfg);
	peer = find_peer(&packet.daddr);
	return peer && peer->kind == PEER_SELF ? to_host(skb, cfg) : drop(skb, -DROP_NO_ENDPOINT);
}
