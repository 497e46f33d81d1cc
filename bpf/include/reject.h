/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refusing: what a host whose port is closed answers. To TCP a RST (RFC 9293 section 3.5.2), to all
 * else that an ICMP port unreachable with the start of the packet (RFC 1122 section 3.2.2.1, RFC
 * 4443 section 3.1). The packet itself is made into the answer.
 */
#pragma once

#include "drop.h"
#include "packet.h"

#define REJECT_TTL	       64
#define QUOTED_TRANSPORT       8
#define ICMP_PORT_UNREACHABLE  3
#define ICMP6_UNREACHABLE      1
#define ICMP6_PORT_UNREACHABLE 4
#define TCP_DATA_OFFSET_5      0x50

struct tcp_header {
	__be16 sport;
	__be16 dport;
	__be32 sequence;
	__be32 acknowledgement;
	__u8 data_offset;
	__u8 flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
};

/* ICMP unreachable and what it quotes: an IPv6 header, the longer one, and 8 bytes. */
struct unreachable {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 unused;
	__u8 quoted[sizeof(struct ipv6hdr) + QUOTED_TRANSPORT];
};

static __always_inline __be16 fold(__s64 sum)
{
	__u32 folded = (__u32)sum;

	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return ~folded;
}

/* The sum of a pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1), which the order of the
 * two addresses is nothing to. */
static __always_inline __s64 pseudo_sum(const struct packet *packet, __u32 length, __u8 protocol)
{
	__be32 rest[2] = {bpf_htonl(length), bpf_htonl(protocol)};
	__s64 sum = bpf_csum_diff(NULL, 0, rest, sizeof(rest), 0);

	if (packet->is_v4) {
		sum = bpf_csum_diff(NULL, 0, (__be32 *)&packet->saddr.w[3], 4, sum);
		return bpf_csum_diff(NULL, 0, (__be32 *)&packet->daddr.w[3], 4, sum);
	}
	sum = bpf_csum_diff(NULL, 0, (__be32 *)packet->saddr.w, 16, sum);
	return bpf_csum_diff(NULL, 0, (__be32 *)packet->daddr.w, 16, sum);
}

/* The network header of the answer, in place of the packet's own or of the room made for it. */
static __always_inline int write_network(struct __sk_buff *skb, const struct packet *packet,
					 __u32 length, __u8 protocol)
{
	if (packet->is_v4) {
		struct iphdr ip = {
			.ihl = 5,
			.version = 4,
			.tot_len = bpf_htons(sizeof(ip) + length),
			.ttl = REJECT_TTL,
			.protocol = protocol,
			.saddr = packet->daddr.w[3],
			.daddr = packet->saddr.w[3],
		};

		ip.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&ip, sizeof(ip), 0));
		return bpf_skb_store_bytes(skb, packet->l3_offset, &ip, sizeof(ip), 0);
	}

	struct ipv6hdr ip = {
		.version = 6,
		.payload_len = bpf_htons(length),
		.nexthdr = protocol,
		.hop_limit = REJECT_TTL,
	};

	__builtin_memcpy(&ip.saddr, &packet->daddr, sizeof(ip.saddr));
	__builtin_memcpy(&ip.daddr, &packet->saddr, sizeof(ip.daddr));
	return bpf_skb_store_bytes(skb, packet->l3_offset, &ip, sizeof(ip), 0);
}

static __always_inline __u32 network_header_size(const struct packet *packet)
{
	return packet->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static __noinline int make_reset(struct __sk_buff *skb, struct packet *packet)
{
	struct tcp_header tcp = {};
	__u32 length = skb->len - packet->l4_offset;
	__be32 sequence;

	if (bpf_skb_load_bytes(skb, packet->l4_offset, &tcp, sizeof(tcp)) < 0)
		return -DROP_MALFORMED;
	/* What a SYN, a FIN and the data take of the sequence. */
	sequence = bpf_htonl(bpf_ntohl(tcp.sequence) + length - (tcp.data_offset >> 4) * 4 +
			     !!(tcp.flags & TCP_SYN) + !!(tcp.flags & TCP_FIN));
	if (tcp.flags & TCP_ACK) {
		tcp.sequence = tcp.acknowledgement;
		tcp.acknowledgement = 0;
		tcp.flags = TCP_RST;
	} else {
		tcp.sequence = 0;
		tcp.acknowledgement = sequence;
		tcp.flags = TCP_RST | TCP_ACK;
	}
	tcp.sport = packet->dport;
	tcp.dport = packet->sport;
	tcp.data_offset = TCP_DATA_OFFSET_5;
	tcp.window = 0;
	tcp.urgent = 0;
	tcp.checksum = 0;
	tcp.checksum = fold(bpf_csum_diff(NULL, 0, (__be32 *)&tcp, sizeof(tcp),
					  pseudo_sum(packet, sizeof(tcp), IPPROTO_TCP)));
	packet->l4_offset = packet->l3_offset + network_header_size(packet);
	if (bpf_skb_change_tail(skb, packet->l4_offset + sizeof(tcp), 0) < 0 ||
	    write_network(skb, packet, sizeof(tcp), IPPROTO_TCP) < 0 ||
	    bpf_skb_store_bytes(skb, packet->l4_offset, &tcp, sizeof(tcp), 0) < 0)
		return -DROP_KERNEL_REFUSED;
	return 0;
}

static __noinline int make_unreachable(struct __sk_buff *skb, struct packet *packet)
{
	struct unreachable icmp = {
		.type = packet->is_v4 ? ICMP_UNREACHABLE : ICMP6_UNREACHABLE,
		.code = packet->is_v4 ? ICMP_PORT_UNREACHABLE : ICMP6_PORT_UNREACHABLE,
	};
	__u32 quoted = network_header_size(packet) + QUOTED_TRANSPORT;
	__u32 length = packet->is_v4 ? sizeof(icmp) - sizeof(struct ipv6hdr) + sizeof(struct iphdr)
				     : sizeof(icmp);
	__u8 protocol = packet->is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	__s64 sum = packet->is_v4 ? 0 : pseudo_sum(packet, length, protocol);

	/* With options in between the first 8 bytes of the transport header would not be quoted. */
	if (packet->l4_offset != packet->l3_offset + network_header_size(packet))
		return -DROP_SERVICE_REFUSED;
	if (packet->is_v4 ? bpf_skb_load_bytes(skb, packet->l3_offset, icmp.quoted,
					       sizeof(struct iphdr) + QUOTED_TRANSPORT) < 0
			  : bpf_skb_load_bytes(skb, packet->l3_offset, icmp.quoted,
					       sizeof(icmp.quoted)) < 0)
		return -DROP_MALFORMED;
	/* The bytes that IPv4 has no use for are 0 and change no sum. */
	icmp.checksum = fold(bpf_csum_diff(NULL, 0, (__be32 *)&icmp, sizeof(icmp), sum));
	if (bpf_skb_change_tail(skb, packet->l3_offset + quoted, 0) < 0 ||
	    bpf_skb_adjust_room(skb, network_header_size(packet) + length - quoted,
				BPF_ADJ_ROOM_MAC, 0) < 0 ||
	    write_network(skb, packet, length, protocol) < 0)
		return -DROP_KERNEL_REFUSED;
	packet->protocol = protocol;
	packet->l4_offset = packet->l3_offset + network_header_size(packet);
	if (packet->is_v4
		    ? bpf_skb_store_bytes(
			      skb, packet->l4_offset, &icmp,
			      sizeof(icmp) - sizeof(struct ipv6hdr) + sizeof(struct iphdr), 0) < 0
		    : bpf_skb_store_bytes(skb, packet->l4_offset, &icmp, sizeof(icmp), 0) < 0)
		return -DROP_KERNEL_REFUSED;
	return 0;
}

/* Makes the packet into the answer to itself, its addresses turned around: 0, or the negative
 * reason there is none. Nobody answers a RST, or the later pieces of a packet. */
static __noinline int make_refusal(struct __sk_buff *skb, struct packet *packet)
{
	struct addr source = packet->saddr;
	__be16 port = packet->sport;
	int result;

	if (packet->tcp_flags & TCP_RST || packet->fragment > FIRST_FRAGMENT)
		return -DROP_SERVICE_REFUSED;
	result = packet->protocol == IPPROTO_TCP ? make_reset(skb, packet)
						 : make_unreachable(skb, packet);
	if (result < 0)
		return result;
	packet->saddr = packet->daddr;
	packet->daddr = source;
	packet->sport = packet->dport;
	packet->dport = port;
	return 0;
}
