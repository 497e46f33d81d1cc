/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows: one entry for both directions, kept alive by its packets. */
#pragma once

#include "packet.h"

/* RFC 5382 REQ-5: an established TCP connection at least 2 h 4 min, one half open or closing at
 * least 4 min. */
#define TCP_ESTABLISHED_NS (7440 * SECOND)
#define TCP_TRANSIENT_NS   (240 * SECOND)
/* A reset connection is over; only stray segments follow. */
#define TCP_RESET_NS (10 * SECOND)
/* RFC 4787 REQ-5: UDP at least 2 min; RFC 5508 REQ-2: an ICMP query at least 60 s. */
#define UDP_NS	 (120 * SECOND)
#define ICMP_NS	 (60 * SECOND)
#define OTHER_NS (120 * SECOND)

/* A flow's end is moved only when it moves this far: a busy flow's entry is not written for every
 * packet. */
#define FLOW_REFRESH_NS SECOND

/* Where a packet stands in its flow. */
struct flow_place {
	struct flow_key key;
	__u8 from_high; /* it comes from the high end */
};

static __always_inline bool is_higher(const struct addr *a, const struct addr *b)
{
	for (int i = 0; i < 4; i++)
		if (a->w[i] != b->w[i])
			return bpf_ntohl(a->w[i]) > bpf_ntohl(b->w[i]);
	return false;
}

static __always_inline void place_in_flow(const struct addr *saddr, const struct addr *daddr,
					  __be16 sport, __be16 dport, __u8 protocol,
					  struct flow_place *place)
{
	place->from_high = addr_equal(saddr, daddr) ? bpf_ntohs(sport) > bpf_ntohs(dport)
						    : is_higher(saddr, daddr);
	place->key.low = place->from_high ? *daddr : *saddr;
	place->key.high = place->from_high ? *saddr : *daddr;
	place->key.low_port = place->from_high ? dport : sport;
	place->key.high_port = place->from_high ? sport : dport;
	place->key.protocol = protocol;
}

static __always_inline void place_packet(const struct packet *packet, struct flow_place *place)
{
	place_in_flow(&packet->saddr, &packet->daddr, packet->sport, packet->dport,
		      packet->protocol, place);
}

/* The flow, or NULL when there is none or it has expired. */
static __always_inline struct flow *find_flow(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow && flow->expires_ns > now_ns() ? flow : NULL;
}

/* A packet that opens a connection whatever was between the two ends before. */
static __always_inline bool opens_connection(const struct packet *packet)
{
	return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline __u64 flow_lifetime(__u8 protocol, __u8 flags)
{
	if (protocol == IPPROTO_TCP) {
		if (flags & FLOW_RESET)
			return TCP_RESET_NS;
		if ((flags & FLOW_LOW_CLOSED) && (flags & FLOW_HIGH_CLOSED))
			return TCP_TRANSIENT_NS;
		return flags & FLOW_REPLIED ? TCP_ESTABLISHED_NS : TCP_TRANSIENT_NS;
	}
	if (protocol == IPPROTO_UDP)
		return UDP_NS;
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 ? ICMP_NS : OTHER_NS;
}

/* The packet goes to the end that opened the flow. */
static __always_inline bool goes_back(const struct flow *flow, const struct flow_place *place)
{
	return place->from_high != !!(flow->flags & FLOW_HIGH_BEGAN);
}

/* Takes note of one packet of the flow: its TCP state, and a new end of its life. */
static __always_inline void touch_flow(struct flow *flow, const struct packet *packet,
				       const struct flow_place *place)
{
	__u8 flags = flow->flags;

	if (goes_back(flow, place))
		flags |= FLOW_REPLIED;
	if (packet->tcp_flags & TCP_RST)
		flags |= FLOW_RESET;
	if (packet->tcp_flags & TCP_FIN)
		flags |= place->from_high ? FLOW_HIGH_CLOSED : FLOW_LOW_CLOSED;
	if (flags != flow->flags)
		flow->flags = flags;

	__u64 expires = now_ns() + flow_lifetime(packet->protocol, flags);
	__s64 moved = expires - flow->expires_ns;

	if (moved > (__s64)FLOW_REFRESH_NS || moved < 0)
		flow->expires_ns = expires;
}
