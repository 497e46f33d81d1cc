/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changing a packet's address and port, checksums included (RFC 1624). */
#pragma once

#include <stddef.h>
#include "packet.h"

#define TCP_CHECKSUM	16
#define UDP_CHECKSUM	6
#define ICMP_CHECKSUM	2
#define ICMP_IDENTIFIER 4

enum side {
	SOURCE,
	DESTINATION,
};

/* An address as its family has it on the wire: offset into struct addr and length. */
static __always_inline __u32 address_offset(const struct packet *packet)
{
	return packet->is_v4 ? 12 : 0;
}

static __always_inline __u32 address_size(const struct packet *packet)
{
	return packet->is_v4 ? 4 : 16;
}

/* Where the address stands in the frame. */
static __always_inline __u32 address_position(const struct packet *packet, enum side side)
{
	if (packet->is_v4)
		return packet->l3_offset + (side == SOURCE ? offsetof(struct iphdr, saddr)
							   : offsetof(struct iphdr, daddr));
	return packet->l3_offset +
	       (side == SOURCE ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr));
}

/* Where the port (of ICMP: the identifier) stands in the frame; 0 where there is none, or it must
 * stay. */
static __always_inline __u32 port_position(const struct packet *packet, enum side side)
{
	if (is_icmp(packet))
		return packet->is_icmp_error ? 0 : packet->l4_offset + ICMP_IDENTIFIER;
	if (packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP)
		return packet->l4_offset + (side == SOURCE ? 0 : 2);
	return 0;
}

static __always_inline __u32 checksum_position(const struct packet *packet)
{
	if (packet->protocol == IPPROTO_TCP)
		return packet->l4_offset + TCP_CHECKSUM;
	if (packet->protocol == IPPROTO_UDP)
		return packet->l4_offset + UDP_CHECKSUM;
	return is_icmp(packet) ? packet->l4_offset + ICMP_CHECKSUM : 0;
}

/* TCP, UDP and ICMPv6 sum the addresses too (pseudo-header); ICMP for IPv4 does not. */
static __always_inline bool checksum_covers_addresses(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ||
	       packet->protocol == IPPROTO_ICMPV6;
}

/* The difference in a one's complement sum when the one address stands in place of the other. */
static __always_inline __s64 address_difference(const struct packet *packet,
						const struct addr *from, const struct addr *to)
{
	if (packet->is_v4)
		return bpf_csum_diff((__be32 *)&from->w[3], 4, (__be32 *)&to->w[3], 4, 0);
	return bpf_csum_diff((__be32 *)from->w, 16, (__be32 *)to->w, 16, 0);
}

/* Writes the address into the network header at packet->l3_offset and, for IPv4, mends the header's
 * own sum. */
static __always_inline int write_address(struct __sk_buff *skb, const struct packet *packet,
					 enum side side, const struct addr *to, __s64 difference)
{
	if (packet->is_v4) {
		if (bpf_l3_csum_replace(skb, packet->l3_offset + offsetof(struct iphdr, check), 0,
					difference, 0) < 0)
			return -DROP_KERNEL_REFUSED;
		return bpf_skb_store_bytes(skb, address_position(packet, side), &to->w[3], 4, 0) < 0
			       ? -DROP_KERNEL_REFUSED
			       : 0;
	}
	return bpf_skb_store_bytes(skb, address_position(packet, side), to->w, 16, 0) < 0
		       ? -DROP_KERNEL_REFUSED
		       : 0;
}

/* Gives one side of the packet another address and port. SCTP keeps its port: its CRC would have to
 * be made anew. */
static __always_inline int rewrite(struct __sk_buff *skb, const struct packet *packet,
				   enum side side, const struct addr *address, __be16 port)
{
	const struct addr *old_address = side == SOURCE ? &packet->saddr : &packet->daddr;
	__be16 old_port = side == SOURCE ? packet->sport : packet->dport;
	__s64 difference = address_difference(packet, old_address, address);

	if (packet->fragment <= FIRST_FRAGMENT) {
		__u32 checksum = checksum_position(packet);
		__u32 position = port_position(packet, side);
		/* A UDP sum of 0 means that there is none and must stay so (RFC 768). */
		__u64 flags = packet->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;

		if (checksum && checksum_covers_addresses(packet) &&
		    bpf_l4_csum_replace(skb, checksum, 0, difference, BPF_F_PSEUDO_HDR | flags) < 0)
			return -DROP_KERNEL_REFUSED;
		if (position && port != old_port) {
			if (bpf_l4_csum_replace(skb, checksum, old_port, port, 2 | flags) < 0)
				return -DROP_KERNEL_REFUSED;
			if (bpf_skb_store_bytes(skb, position, &port, 2, 0) < 0)
				return -DROP_KERNEL_REFUSED;
		}
	}
	return write_address(skb, packet, side, address, difference);
}

/*
 * Gives the packet that an ICMP error quotes another address and port on one side, and the error's
 * own sum what follows from it. The quoted transport sum stays as it was: it is often cut off, and
 * receivers do not check it.
 */
static __always_inline int rewrite_quoted(struct __sk_buff *skb, const struct packet *error,
					  const struct packet *quoted, enum side side,
					  const struct addr *address, __be16 port)
{
	const struct addr *old_address = side == SOURCE ? &quoted->saddr : &quoted->daddr;
	__be16 old_port = side == SOURCE ? quoted->sport : quoted->dport;
	__u32 checksum = error->l4_offset + ICMP_CHECKSUM;
	__u32 position = port_position(quoted, side);
	__s64 difference = address_difference(quoted, old_address, address);

	if (position && port != old_port) {
		if (bpf_l4_csum_replace(skb, checksum, old_port, port, 2) < 0 ||
		    bpf_skb_store_bytes(skb, position, &port, 2, 0) < 0)
			return -DROP_KERNEL_REFUSED;
	}
	/* In IPv4 the quoted header's own sum takes up the change; in IPv6 nothing inside does. */
	if (!quoted->is_v4 && bpf_l4_csum_replace(skb, checksum, 0, difference, 0) < 0)
		return -DROP_KERNEL_REFUSED;
	return write_address(skb, quoted, side, address, difference);
}
