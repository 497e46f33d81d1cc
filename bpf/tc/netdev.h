/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The devices to the outside: pods' packets come in here, through the tunnel or by native routing;
 * masquerading is done and undone. */
#pragma once

#include "../include/admission.h"
#include "../include/decapsulation.h"
#include "../include/deliver.h"
#include "../include/icmp_error.h"
#include "../include/serve.h"

static __always_inline int from_tunnel(struct __sk_buff *skb, struct packet *packet,
				       const struct config *cfg)
{
	int result = decapsulate(skb, packet);

	if (result < 0)
		return drop(skb, result);
	if (!result)
		return TC_ACT_UNSPEC;
	*packet = (struct packet){.l3_offset = ETH_HLEN};
	return deliver_from_node(skb, packet, cfg);
}

SEC("tc")
int weft_from_netdev(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	const struct endpoint *local;
	int result;

	if (!cfg || parse_network(skb, &packet) < 0)
		return TC_ACT_UNSPEC;
	result = parse_flow(skb, &packet);
	/* First of all, for it is most of what nodes send each other. */
	if (cfg->overlay_ifindex && packet.protocol == IPPROTO_UDP &&
	    packet.dport == cfg->tunnel_port)
		return from_tunnel(skb, &packet, cfg);
	local = bpf_map_lookup_elem(&endpoints, &packet.daddr);
	if (local)
		return result < 0 ? drop(skb, result) : admit_to_pod(skb, &packet, local, cfg);
	/* What cannot be read is the host's to judge. */
	if (result < 0)
		return TC_ACT_UNSPEC;
	if (cfg->direct_return)
		packet.handing_over = MAY_HAND_OVER;
	result = serve_outside(skb, &packet, cfg);
	/* The node's own stack has the backend. */
	if (result > 0 && is_own_address(&packet.daddr))
		return TC_ACT_UNSPEC;
	if (result)
		return forward_served(skb, &packet, result, cfg);
	result = packet.is_icmp_error ? unmasquerade_error(skb, &packet)
				      : unmasquerade(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	if (!result)
		return TC_ACT_UNSPEC;
	local = bpf_map_lookup_elem(&endpoints, &packet.daddr);
	return local ? admit_to_pod(skb, &packet, local, cfg) : drop(skb, -DROP_NO_ENDPOINT);
}

/*
 * All that leaves the node, pods' packets and the host's own. A pod's packet to the world must not
 * leave under the pod's address, whether it came here straight from the pod or through the host's
 * stack.
 */
SEC("tc")
int weft_to_netdev(struct __sk_buff *skb)
{
	struct packet packet = {.l3_offset = ETH_HLEN};
	const struct config *cfg = get_config();
	__u32 ifindex = skb->ifindex;
	const struct device *device;
	const struct addr *node;
	int result;

	if (skb->tc_index == TC_INDEX_FORWARDED) {
		skb->tc_index = 0;
		return TC_ACT_UNSPEC;
	}
	if (!cfg || parse_network(skb, &packet) < 0)
		return TC_ACT_UNSPEC;
	if (!bpf_map_lookup_elem(&endpoints, &packet.saddr)) {
		result = restore_host_frontend(skb, &packet);
		return result < 0 ? drop(skb, result) : TC_ACT_UNSPEC;
	}
	if (find_peer(&packet.daddr))
		return TC_ACT_UNSPEC;
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device || !cfg->masquerades)
		return TC_ACT_UNSPEC;
	node = packet.is_v4 ? &device->v4 : &device->v6;
	if (!(node->w[0] | node->w[1] | node->w[2] | node->w[3]))
		return drop(skb, -DROP_NO_MASQUERADE_ADDRESS);
	result = parse_flow(skb, &packet);
	if (result < 0)
		return drop(skb, result);
	/* Under the node's address it would pass for a tunnel packet of the node's. */
	if (packet.protocol == IPPROTO_UDP && packet.dport == cfg->tunnel_port)
		return drop(skb, -DROP_FOREIGN_TUNNEL);
	result = packet.is_icmp_error ? masquerade_error(skb, &packet)
				      : masquerade(skb, &packet, node, cfg);
	return result < 0 ? drop(skb, result) : TC_ACT_UNSPEC;
}
