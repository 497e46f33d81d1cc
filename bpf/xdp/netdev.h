/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ahead of the kernel's stack on a device to the outside: packets of translated connections whose
 * client and whose backend are both behind the device go back out of it at once, the backend's
 * replies taken out of the tunnel and its client's packets put into it. This program opens no
 * connection and judges none: what is not plain, or of none that weft_from_netdev has opened, goes
 * to that one.
 */
#pragma once

#include "frame.h"
#include "way.h"

/* UDP: whether the backend may have gone since the last packet, for serve() to look into. */
static __always_inline bool may_have_lost_backend(const struct packet *packet,
						  const struct translation *translation)
{
	struct addr address = packet->daddr;
	const struct service *service;

	if (packet->protocol != IPPROTO_UDP || translation->reply)
		return false;
	service = find_service(&address, packet->dport, packet->protocol, SERVICE_OUTSIDE);
	return !service || service->list != translation->list;
}

/* The packet inside of a tunnel's frame that a node has sent as nodes do, of that size; else 0. */
static __always_inline __u16 open_tunnel(struct xdp_md *ctx, struct packet *packet)
{
	const struct tunnel_headers *headers = (void *)(long)ctx->data + ETH_HLEN;
	__u32 ifindex = ctx->ingress_ifindex;
	const struct device *device;

	if ((void *)(headers + 1) > (void *)(long)ctx->data_end || !has_plain_tunnel(headers))
		return 0;
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device || !addr_equal(&device->v4, &packet->daddr) || !is_node(&packet->saddr))
		return 0;
	return parse_plain(ctx, ETH_HLEN + TUNNEL_SIZE, packet);
}

/* One port for each connection, as source_port() has it. */
static __always_inline __be16 connection_port(const struct packet *packet)
{
	__u64 hash = hash_end(0, &packet->saddr, packet->sport);

	hash = mix(hash_end(hash, &packet->daddr, packet->dport));
	return bpf_htons(TUNNEL_PORT_FIRST | (hash & ((1 << TUNNEL_PORT_BITS) - 1)));
}

/* The verifier wants to know what becomes of a frame that lost its headers meanwhile. */
static __always_inline int refuse_frame(__u16 size)
{
	count_drop(-DROP_KERNEL_REFUSED, size);
	return XDP_DROP;
}

/* Back out of the device, translated. */
static __always_inline int send_back(struct xdp_md *ctx, const struct packet *packet, __u16 size,
				     const struct translation *translation, struct way *way,
				     const struct config *cfg)
{
	__u32 offset = way->tunnel.node ? ETH_HLEN + TUNNEL_SIZE : ETH_HLEN;
	struct tunnel_headers *headers;
	struct ethhdr *ethernet;

	if (offset != packet->l3_offset &&
	    bpf_xdp_adjust_head(ctx, (int)packet->l3_offset - (int)offset) < 0)
		return XDP_PASS;
	if (!translation->handed_over && !rewrite_plain(ctx, offset, packet, translation))
		return refuse_frame(size);
	ethernet = (void *)(long)ctx->data;
	headers = (void *)(ethernet + 1);
	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return refuse_frame(size);
	__builtin_memcpy(ethernet->h_dest, way->next_mac, MAC_SIZE);
	__builtin_memcpy(ethernet->h_source, way->own_mac, MAC_SIZE);
	ethernet->h_proto =
		way->tunnel.node || packet->is_v4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	if (!way->tunnel.node)
		return decrement_plain_ttl(ctx, packet) ? XDP_TX : refuse_frame(size);
	if ((void *)(headers + 1) > (void *)(long)ctx->data_end)
		return refuse_frame(size);
	write_tunnel(headers, size + TUNNEL_SIZE, connection_port(packet), &way->tunnel,
		     packet->is_v4, cfg);
	return XDP_TX;
}

SEC("xdp.frags")
int weft_xdp_netdev(struct xdp_md *ctx)
{
	const struct config *cfg = get_config();
	struct translation *translation;
	struct packet packet = {};
	struct nat_key key = {};
	struct way *way;
	__u16 size;

	size = parse_plain(ctx, ETH_HLEN, &packet);
	if (!size || !cfg)
		return XDP_PASS;
	if (cfg->overlay_ifindex && packet.is_v4 && packet.protocol == IPPROTO_UDP &&
	    packet.dport == cfg->tunnel_port)
		size = open_tunnel(ctx, &packet);
	if (!size || opens_connection(&packet))
		return XDP_PASS;
	key_of_packet(&packet, &key);
	translation = find_translation(&key);
	/* Through the tunnel only replies come. */
	if (!translation || (!translation->reply && packet.l3_offset != ETH_HLEN) ||
	    may_have_lost_backend(&packet, translation))
		return XDP_PASS;
	way = find_way(ctx, translation, cfg);
	if (!way || size + (way->tunnel.node ? TUNNEL_SIZE : 0) > way->mtu)
		return XDP_PASS;
	touch_translation(translation, &packet);
	return send_back(ctx, &packet, size, translation, way, cfg);
}
