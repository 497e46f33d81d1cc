/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way back out of a device: to whom a packet goes next, or that it is not for this program. */
#pragma once

#include "../include/encapsulation.h"
#include "../include/rendezvous.h"

/* On each CPU, a power of two. */
#define WAYS_MAX 1024

/*
 * As the host's routes had it a moment ago: asking them takes longer than all else here. Of
 * destinations that share a slot the last one asked for has it.
 */
struct way {
	__u64 expires_ns;
	struct addr from;
	struct addr to;
	__u32 ingress_ifindex;
	__u8 is_open; /* out of the same device; else the packet is the kernel's */
	__u8 pad;
	__u8 own_mac[MAC_SIZE];
	__u8 next_mac[MAC_SIZE];
	__u16 mtu;
	struct tunnel_route tunnel; /* node 0: not through it */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WAYS_MAX);
	__type(key, __u32);
	__type(value, struct way);
} ways SEC(".maps");

static __always_inline void ask_way(struct xdp_md *ctx, struct way *way, const struct config *cfg)
{
	struct bpf_fib_lookup fib = {
		.family = addr_is_v4(&way->to) ? FAMILY_V4 : FAMILY_V6,
		.tot_len = 1, /* for its MTU: any fits */
		.ifindex = cfg->host_ifindex,
	};
	struct addr to = way->to;
	const struct device *device;
	const struct peer *peer;

	way->is_open = false;
	way->tunnel.node = 0;
	if (bpf_map_lookup_elem(&endpoints, &to))
		return;
	peer = find_peer(&to);
	if (peer && peer->kind != PEER_POD && peer->kind != PEER_NODE)
		return;
	if (peer && cfg->overlay_ifindex) {
		device = bpf_map_lookup_elem(&devices, &way->ingress_ifindex);
		if (!device || !device->v4.w[3] || !addr_is_v4(&peer->node))
			return;
		way->tunnel.node = peer->node.w[3];
		way->tunnel.source = device->v4.w[3];
		fib.family = FAMILY_V4;
		fib.l4_protocol = IPPROTO_UDP;
		fib.ipv4_dst = peer->node.w[3];
	} else if (fib.family == FAMILY_V4) {
		fib.ipv4_src = way->from.w[3];
		fib.ipv4_dst = to.w[3];
	} else {
		__builtin_memcpy(fib.ipv6_src, &way->from, sizeof(fib.ipv6_src));
		__builtin_memcpy(fib.ipv6_dst, &to, sizeof(fib.ipv6_dst));
	}
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS ||
	    fib.ifindex != way->ingress_ifindex)
		return;
	__builtin_memcpy(way->own_mac, fib.smac, MAC_SIZE);
	__builtin_memcpy(way->next_mac, fib.dmac, MAC_SIZE);
	way->mtu = fib.mtu_result;
	way->is_open = true;
}

/* The way to an address back out of the device that the packet came in by, or NULL. */
static __noinline struct way *find_way(struct xdp_md *ctx, const struct translation *translation,
				       const struct config *cfg)
{
	__u32 slot = mix(hash_end(0, &translation->daddr, 0)) & (WAYS_MAX - 1);
	struct way *way = bpf_map_lookup_elem(&ways, &slot);

	if (!way || !translation || !cfg)
		return NULL;
	if (way->expires_ns <= now_ns() || way->ingress_ifindex != ctx->ingress_ifindex ||
	    !addr_equal(&way->to, &translation->daddr) ||
	    !addr_equal(&way->from, &translation->saddr)) {
		way->expires_ns = now_ns() + TUNNEL_ROUTE_NS;
		way->ingress_ifindex = ctx->ingress_ifindex;
		way->to = translation->daddr;
		way->from = translation->saddr;
		ask_way(ctx, way, cfg);
	}
	return way->is_open ? way : NULL;
}
