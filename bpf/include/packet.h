/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parsing. Addresses and ports of a packet in one form for both families. Offsets count from the
 * start of the Ethernet frame. ICMP has no ports: the identifier of an echo stands in as the port
 * of the side that asked, so that a reply's key is its request's key turned around.
 */
#pragma once

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "maps.h"

#define IP_FRAGMENT_OFFSET   0x1fff
#define IP_MORE_FRAGMENTS    0x2000
#define IPV6_FRAGMENT_OFFSET 0xfff8
#define IPV6_MORE_FRAGMENTS  0x0001

/* Hop-by-hop, routing, fragment, authentication, destination options twice (RFC 8200 section 4.1).
 */
#define IPV6_EXTENSIONS_MAX 6

#define ICMP_ECHO_REPLY	       0
#define ICMP_UNREACHABLE       3
#define ICMP_ECHO_REQUEST      8
#define ICMP_TIME_EXCEEDED     11
#define ICMP_PARAMETER_PROBLEM 12
#define ICMP6_ERROR_LAST       4 /* types 1 to 4 are errors, RFC 4443 section 2.1 */
#define ICMP6_ECHO_REQUEST     128
#define ICMP6_ECHO_REPLY       129

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

enum fragment_kind {
	NOT_FRAGMENTED,
	FIRST_FRAGMENT,
	LATER_FRAGMENT,	 /* has no transport header */
	ORPHAN_FRAGMENT, /* likewise, and its packet's first fragment has not been seen */
};

/* Whether a client's packet goes on to its backend's node as it came. */
enum handing_over {
	NO_HANDING_OVER,
	FROM_NODE, /* which may have handed it over; on from here it would go round in circles */
	MAY_HAND_OVER,
	HANDED_OVER, /* daddr says where to; in the packet there is still the Service's address */
};

struct packet {
	struct addr saddr;
	struct addr daddr;
	__be16 sport;
	__be16 dport;
	__be32 fragment_id;
	__u32 l3_offset;
	__u32 l4_offset;
	__u8 protocol;
	__u8 fragment; /* enum fragment_kind */
	__u8 is_v4;
	__u8 tcp_flags;
	__u8 is_icmp_error;
	__u8 is_quoted; /* inside an ICMP error: only the first 8 bytes of its transport header are
			   sure to be there */
	__u8 is_translated; /* its addresses are not those it came with, but a Service's backend's
			     */
	__u8 handing_over;  /* enum handing_over */
};

/* The verifier reads packets in place up to a known offset only; no headers reach this far but by
 * way of a copy. */
#define IN_PLACE_MAX 2047

/*
 * The bytes at this place of the frame: in place where they lie in the packet's linear part, which
 * is several times faster than a copy and what nearly all packets have; else as a copy. NULL when
 * the frame ends before.
 */
static __always_inline const void *read_bytes(struct __sk_buff *skb, __u32 offset, void *copy,
					      __u32 size)
{
	if (offset <= IN_PLACE_MAX) {
		const void *in_place = (const void *)(long)skb->data + offset;

		if (in_place + size <= (const void *)(long)skb->data_end)
			return in_place;
	}
	return bpf_skb_load_bytes(skb, offset, copy, size) < 0 ? NULL : copy;
}

static __always_inline int parse_v4(struct __sk_buff *skb, struct packet *packet)
{
	struct iphdr copy;
	const struct iphdr *ip = read_bytes(skb, packet->l3_offset, &copy, sizeof(copy));
	__u16 fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return -DROP_MALFORMED;
	packet->is_v4 = 1;
	packet->saddr = addr_from_v4(ip->saddr);
	packet->daddr = addr_from_v4(ip->daddr);
	packet->protocol = ip->protocol;
	packet->l4_offset = packet->l3_offset + ip->ihl * 4;
	fragment = bpf_ntohs(ip->frag_off);
	if (fragment & IP_FRAGMENT_OFFSET)
		packet->fragment = LATER_FRAGMENT;
	else if (fragment & IP_MORE_FRAGMENTS)
		packet->fragment = FIRST_FRAGMENT;
	packet->fragment_id = ip->id;
	return 0;
}

/* Walks the extension headers to the transport header, noting fragmentation on the way. */
static __always_inline int parse_v6_extensions(struct __sk_buff *skb, struct packet *packet)
{
	struct {
		__u8 next;
		__u8 length; /* in units of 8 bytes after the first 8, authentication: of 4 after
				the first 8 */
		__be16 offset;
		__be32 id;
	} extension;

	for (int i = 0; i <= IPV6_EXTENSIONS_MAX; i++) {
		switch (packet->protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_AH:
		case IPPROTO_FRAGMENT:
			break;
		default:
			return 0;
		}
		if (bpf_skb_load_bytes(skb, packet->l4_offset, &extension, sizeof(extension)) < 0)
			return -DROP_MALFORMED;
		if (packet->protocol == IPPROTO_FRAGMENT) {
			__u16 fragment = bpf_ntohs(extension.offset);

			packet->fragment_id = extension.id;
			packet->protocol = extension.next;
			packet->l4_offset += sizeof(extension);
			if (fragment & IPV6_FRAGMENT_OFFSET) {
				packet->fragment = LATER_FRAGMENT;
				return 0;
			}
			/* Neither offset nor more to come: an atomic fragment, whole (RFC 6946). */
			if (fragment & IPV6_MORE_FRAGMENTS)
				packet->fragment = FIRST_FRAGMENT;
			continue;
		}
		packet->l4_offset += packet->protocol == IPPROTO_AH ? (extension.length + 2) * 4
								    : (extension.length + 1) * 8;
		packet->protocol = extension.next;
	}
	return -DROP_MALFORMED;
}

static __always_inline int parse_v6(struct __sk_buff *skb, struct packet *packet)
{
	struct ipv6hdr copy;
	const struct ipv6hdr *ip = read_bytes(skb, packet->l3_offset, &copy, sizeof(copy));

	if (!ip || ip->version != 6)
		return -DROP_MALFORMED;
	__builtin_memcpy(&packet->saddr, &ip->saddr, sizeof(packet->saddr));
	__builtin_memcpy(&packet->daddr, &ip->daddr, sizeof(packet->daddr));
	packet->protocol = ip->nexthdr;
	packet->l4_offset = packet->l3_offset + sizeof(*ip);
	return parse_v6_extensions(skb, packet);
}

/* Reads the network header at packet->l3_offset. */
static __always_inline int parse_network(struct __sk_buff *skb, struct packet *packet)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return parse_v4(skb, packet);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return parse_v6(skb, packet);
	return -DROP_UNSUPPORTED_PROTOCOL;
}

static __always_inline bool is_icmp(const struct packet *packet)
{
	return packet->protocol == (packet->is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static __always_inline void read_icmp(struct packet *packet, __u8 type, __be16 identifier)
{
	if (packet->is_v4) {
		if (type == ICMP_ECHO_REQUEST)
			packet->sport = identifier;
		else if (type == ICMP_ECHO_REPLY)
			packet->dport = identifier;
		packet->is_icmp_error = type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED ||
					type == ICMP_PARAMETER_PROBLEM;
	} else {
		if (type == ICMP6_ECHO_REQUEST)
			packet->sport = identifier;
		else if (type == ICMP6_ECHO_REPLY)
			packet->dport = identifier;
		packet->is_icmp_error = type >= 1 && type <= ICMP6_ERROR_LAST;
	}
}

/* What of a transport header is looked at: of TCP up to its flags, of ICMP up to the identifier. */
struct tcp_start {
	__be16 ports[2];
	__be32 sequence;
	__be32 acknowledgement;
	__u8 data_offset;
	__u8 flags;
};

struct icmp_start {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 identifier;
};

static __always_inline int parse_icmp(struct __sk_buff *skb, struct packet *packet)
{
	struct icmp_start copy;
	const struct icmp_start *icmp = read_bytes(skb, packet->l4_offset, &copy, sizeof(copy));

	if (!icmp)
		return -DROP_MALFORMED;
	read_icmp(packet, icmp->type, icmp->identifier);
	return 0;
}

static __always_inline int parse_ports(struct __sk_buff *skb, struct packet *packet)
{
	__be16 copy[2];
	const __be16 *ports = read_bytes(skb, packet->l4_offset, copy, sizeof(copy));

	if (!ports)
		return -DROP_MALFORMED;
	packet->sport = ports[0];
	packet->dport = ports[1];
	return 0;
}

static __always_inline int parse_tcp(struct __sk_buff *skb, struct packet *packet)
{
	struct tcp_start copy;
	const struct tcp_start *tcp = read_bytes(skb, packet->l4_offset, &copy, sizeof(copy));

	if (!tcp)
		return -DROP_MALFORMED;
	packet->sport = tcp->ports[0];
	packet->dport = tcp->ports[1];
	packet->tcp_flags = tcp->flags;
	return 0;
}

/*
 * Reads ports, ICMP identifier and TCP flags of a packet that has its transport header. Other
 * protocols keep both ports 0 and are told apart by their addresses alone.
 */
static __always_inline int parse_transport(struct __sk_buff *skb, struct packet *packet)
{
	if (packet->fragment == LATER_FRAGMENT)
		return 0;
	if (is_icmp(packet))
		return parse_icmp(skb, packet);
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return packet->is_quoted ? parse_ports(skb, packet) : parse_tcp(skb, packet);
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return parse_ports(skb, packet);
	default:
		return 0;
	}
}
