/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Out of the tunnel by the kernel's device: ingress of weft_vxlan. */
#pragma once

#include "../include/decapsulation.h"

static __always_inline int check_tunnel(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = {};
	struct addr sender;

	if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		sender = addr_from_v4(bpf_htonl(key.remote_ipv4));
	else if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6))
		__builtin_memcpy(&sender, key.remote_ipv6, sizeof(sender));
	else
		return -DROP_KERNEL_REFUSED;
	return key.tunnel_id == TUNNEL_VNI && is_node(&sender) ? 0 : -DROP_FOREIGN_TUNNEL;
}

SEC("tc")
int weft_from_overlay(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	int result;

	if (!cfg)
		return TC_ACT_SHOT;
	result = check_tunnel(skb);
	return result < 0 ? drop(skb, result) : deliver_from_node(skb, &packet, cfg);
}
