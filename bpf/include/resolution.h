/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Address resolution. A pod has its gateway as a permanent neighbour and asks for nothing; one
 * whose neighbours were flushed, or with a kernel of its own, asks by ARP (RFC 826) or NDP (RFC
 * 4861) and is told the node's MAC for the node's own addresses. All else gets no answer.
 */
#pragma once

#include "deliver.h"

#define ARP_ETHERNET	       1
#define ARP_REQUEST	       1
#define ARP_REPLY	       2
#define NDP_SOLICITATION       135
#define NDP_ADVERTISEMENT      136
#define NDP_SOLICITED_OVERRIDE 0x60000000
#define NDP_TARGET_MAC	       2
#define NDP_HOP_LIMIT	       255

struct arp_packet {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_size;
	__u8 protocol_size;
	__be16 operation;
	__u8 sender_mac[MAC_SIZE];
	__u8 sender_ip[4];
	__u8 target_mac[MAC_SIZE];
	__u8 target_ip[4];
};

/* A solicitation or advertisement with the one option that gives a MAC. */
struct ndp_packet {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 flags;
	struct addr target;
	__u8 option;
	__u8 option_length; /* in units of 8 bytes */
	__u8 mac[MAC_SIZE];
};

/* Sends the frame back to the pod it came from. */
static __always_inline int back_to_pod(struct __sk_buff *skb, const __u8 *pod_mac,
				       const struct config *cfg)
{
	int result = write_macs(skb, pod_mac, cfg->host_mac);

	return result < 0 ? drop(skb, result) : bpf_redirect(skb->ifindex, 0);
}

static __noinline int answer_arp(struct __sk_buff *skb, const struct config *cfg)
{
	struct arp_packet arp;
	struct addr target;
	__be32 target_v4;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &arp, sizeof(arp)) < 0)
		return drop(skb, -DROP_MALFORMED);
	__builtin_memcpy(&target_v4, arp.target_ip, sizeof(target_v4));
	target = addr_from_v4(target_v4);
	if (arp.hardware != bpf_htons(ARP_ETHERNET) || arp.protocol != bpf_htons(ETH_P_IP) ||
	    arp.operation != bpf_htons(ARP_REQUEST) || !is_own_address(&target))
		return drop(skb, -DROP_UNSUPPORTED_PROTOCOL);
	arp.operation = bpf_htons(ARP_REPLY);
	__builtin_memcpy(arp.target_mac, arp.sender_mac, MAC_SIZE);
	__builtin_memcpy(arp.target_ip, arp.sender_ip, sizeof(arp.target_ip));
	__builtin_memcpy(arp.sender_mac, cfg->host_mac, MAC_SIZE);
	__builtin_memcpy(arp.sender_ip, &target_v4, sizeof(arp.sender_ip));
	if (bpf_skb_store_bytes(skb, ETH_HLEN, &arp, sizeof(arp), 0) < 0)
		return drop(skb, -DROP_KERNEL_REFUSED);
	return back_to_pod(skb, arp.target_mac, cfg);
}

static __always_inline bool is_solicitation(struct __sk_buff *skb, const struct packet *packet)
{
	__u8 type;

	return !packet->is_v4 && packet->protocol == IPPROTO_ICMPV6 &&
	       !bpf_skb_load_bytes(skb, packet->l4_offset, &type, 1) && type == NDP_SOLICITATION;
}

/* One's complement of the sum over pseudo-header and message (RFC 4443 section 2.3). */
static __always_inline __be16 ndp_checksum(struct ndp_packet *ndp, struct addr *source,
					   struct addr *destination)
{
	struct {
		__be32 length;
		__be32 protocol;
	} tail = {bpf_htonl(sizeof(*ndp)), bpf_htonl(IPPROTO_ICMPV6)};
	__s64 sum = bpf_csum_diff(NULL, 0, (__be32 *)ndp, sizeof(*ndp), 0);

	sum = bpf_csum_diff(NULL, 0, source->w, sizeof(*source), sum);
	sum = bpf_csum_diff(NULL, 0, destination->w, sizeof(*destination), sum);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)&tail, sizeof(tail), sum);
	sum = (sum & 0xffff) + ((__u64)sum >> 16 & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __noinline int answer_solicitation(struct __sk_buff *skb, const struct packet *packet,
					  const struct config *cfg)
{
	struct addr addresses[2]; /* source, destination */
	struct ndp_packet ndp;
	__u8 hop_limit = NDP_HOP_LIMIT;
	__u8 pod_mac[MAC_SIZE];

	if (bpf_skb_load_bytes(skb, packet->l4_offset, &ndp, sizeof(ndp)) < 0)
		return drop(skb, -DROP_MALFORMED);
	if (!is_own_address(&ndp.target) ||
	    bpf_skb_load_bytes(skb, MAC_SIZE, pod_mac, MAC_SIZE) < 0)
		return drop(skb, -DROP_MULTICAST);
	addresses[0] = ndp.target;
	addresses[1] = packet->saddr;
	ndp.type = NDP_ADVERTISEMENT;
	ndp.checksum = 0;
	ndp.flags = bpf_htonl(NDP_SOLICITED_OVERRIDE);
	ndp.option = NDP_TARGET_MAC;
	ndp.option_length = 1;
	__builtin_memcpy(ndp.mac, cfg->host_mac, MAC_SIZE);
	ndp.checksum = ndp_checksum(&ndp, &addresses[0], &addresses[1]);
	if (bpf_skb_store_bytes(skb, packet->l4_offset, &ndp, sizeof(ndp), 0) < 0 ||
	    bpf_skb_store_bytes(skb, packet->l3_offset + offsetof(struct ipv6hdr, saddr), addresses,
				sizeof(addresses), 0) < 0 ||
	    bpf_skb_store_bytes(skb, packet->l3_offset + offsetof(struct ipv6hdr, hop_limit),
				&hop_limit, 1, 0) < 0)
		return drop(skb, -DROP_KERNEL_REFUSED);
	return back_to_pod(skb, pod_mac, cfg);
}
