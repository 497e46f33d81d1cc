/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets in a frame that the kernel has not looked at yet: only what is plain. */
#pragma once

#include "../include/translation.h"

/* What a transport header has before its checksum, and the ports at its start. */
struct tcp_sum {
	__be16 sport;
	__be16 dport;
	__u8 before[8];
	__u8 data_offset;
	__u8 flags;
	__be16 window;
	__u16 check;
};

/* TCP or UDP, whole, without options of its network header, and not at its last hop: the size of
 * the IP packet, or 0 for any other. */
static __always_inline __u16 parse_plain(struct xdp_md *ctx, __u32 offset, struct packet *packet)
{
	const void *data = (const void *)(long)ctx->data;
	const void *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *ethernet = data + offset - ETH_HLEN;
	const struct iphdr *v4 = data + offset;
	const struct ipv6hdr *v6 = data + offset;
	const struct udphdr *udp;
	const struct tcp_sum *tcp;
	__u16 size;

	if ((const void *)(v4 + 1) > end)
		return 0;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
		if (v4->version != 4 || v4->ihl != sizeof(*v4) / 4 || v4->ttl <= 1 ||
		    (v4->frag_off & bpf_htons(IP_FRAGMENT_OFFSET | IP_MORE_FRAGMENTS)))
			return 0;
		packet->is_v4 = true;
		packet->saddr = addr_from_v4(v4->saddr);
		packet->daddr = addr_from_v4(v4->daddr);
		packet->protocol = v4->protocol;
		packet->l4_offset = offset + sizeof(*v4);
		size = bpf_ntohs(v4->tot_len);
		udp = (const void *)(v4 + 1);
	} else if (ethernet->h_proto == bpf_htons(ETH_P_IPV6)) {
		if ((const void *)(v6 + 1) > end || v6->version != 6 || v6->hop_limit <= 1)
			return 0;
		packet->is_v4 = false;
		__builtin_memcpy(&packet->saddr, &v6->saddr, sizeof(packet->saddr));
		__builtin_memcpy(&packet->daddr, &v6->daddr, sizeof(packet->daddr));
		packet->protocol = v6->nexthdr;
		packet->l4_offset = offset + sizeof(*v6);
		size = bpf_ntohs(v6->payload_len) + sizeof(*v6);
		udp = (const void *)(v6 + 1);
	} else {
		return 0;
	}
	packet->l3_offset = offset;
	packet->tcp_flags = 0;
	if ((const void *)(udp + 1) > end)
		return 0;
	packet->sport = udp->source;
	packet->dport = udp->dest;
	if (packet->protocol == IPPROTO_UDP)
		return size;
	tcp = (const void *)udp;
	if (packet->protocol != IPPROTO_TCP || (const void *)(tcp + 1) > end)
		return 0;
	packet->tcp_flags = tcp->flags;
	return size;
}

static __always_inline __u64 sum_address(const struct addr *address)
{
	return (__u64)address->w[0] + address->w[1] + address->w[2] + address->w[3];
}

static __always_inline __u64 sum_inverse(const struct addr *address)
{
	return (__u64)(__u32)~address->w[0] + (__u32)~address->w[1] + (__u32)~address->w[2] +
	       (__u32)~address->w[3];
}

/* RFC 1624: the checksum of a header after this difference. */
static __always_inline __u16 changed_sum(__u16 sum, __u64 difference)
{
	difference += (__u16)~sum;
	difference = (difference & 0xffffffff) + (difference >> 32);
	difference = (difference & 0xffffffff) + (difference >> 32);
	difference = (difference & 0xffff) + (difference >> 16);
	difference = (difference & 0xffff) + (difference >> 16);
	return ~difference;
}

/* Gives the packet, which begins at this offset by now, its new addresses and ports. False when the
 * frame ends before. */
static __always_inline bool rewrite_plain(struct xdp_md *ctx, __u32 offset,
					  const struct packet *packet, const struct translation *to)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *v4 = data + offset;
	struct ipv6hdr *v6 = data + offset;
	/* Both families' sums take IPv4's addresses in the mapped form: its prefix cancels out. */
	__u64 addresses = sum_address(&to->saddr) + sum_address(&to->daddr) +
			  sum_inverse(&packet->saddr) + sum_inverse(&packet->daddr);
	__u64 all =
		addresses + to->sport + to->dport + (__u16)~packet->sport + (__u16)~packet->dport;
	struct tcp_sum *tcp;
	struct udphdr *udp;

	if (packet->is_v4) {
		udp = (void *)(v4 + 1);
		if ((void *)(udp + 1) > end)
			return false;
		v4->saddr = to->saddr.w[3];
		v4->daddr = to->daddr.w[3];
		v4->check = changed_sum(v4->check, addresses);
	} else {
		udp = (void *)(v6 + 1);
		if ((void *)(udp + 1) > end)
			return false;
		__builtin_memcpy(&v6->saddr, &to->saddr, sizeof(v6->saddr));
		__builtin_memcpy(&v6->daddr, &to->daddr, sizeof(v6->daddr));
	}
	udp->source = to->sport;
	udp->dest = to->dport;
	if (packet->protocol == IPPROTO_UDP) {
		/* 0 says that there is none (RFC 768), which is its other form's to say. */
		if (udp->check)
			udp->check = changed_sum(udp->check, all) ?: 0xffff;
		return true;
	}
	tcp = (void *)udp;
	if ((void *)(tcp + 1) > end)
		return false;
	tcp->check = changed_sum(tcp->check, all);
	return true;
}

/* Counts the router that this node is. False when the frame ends before. */
static __always_inline bool decrement_plain_ttl(struct xdp_md *ctx, const struct packet *packet)
{
	void *data = (void *)(long)ctx->data;
	struct iphdr *v4 = data + ETH_HLEN;
	struct ipv6hdr *v6 = data + ETH_HLEN;

	if ((void *)(v4 + 1) > (void *)(long)ctx->data_end)
		return false;
	if (packet->is_v4) {
		decrement_ttl_v4(v4);
		return true;
	}
	if ((void *)(v6 + 1) > (void *)(long)ctx->data_end)
		return false;
	v6->hop_limit--;
	return true;
}
