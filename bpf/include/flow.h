/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows: one entry for both directions, seen from the pod, kept alive by its packets. */
#pragma once

#include "packet.h"

#define SECOND 1000000000ULL

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

enum flow_direction {
	FROM_POD,
	TO_POD,
};

/* The flow's key from a packet that goes the pod's way, or any key as the packet has it. */
static __always_inline void flow_key_of(const struct packet *packet, struct flow_key *key)
{
	key->saddr = packet->saddr;
	key->daddr = packet->daddr;
	key->sport = packet->sport;
	key->dport = packet->dport;
	key->protocol = packet->protocol;
}

/* The flow's key from a packet that goes the other way. */
static __always_inline void flow_key_of_reply(const struct packet *packet, struct flow_key *key)
{
	key->saddr = packet->daddr;
	key->daddr = packet->saddr;
	key->sport = packet->dport;
	key->dport = packet->sport;
	key->protocol = packet->protocol;
}

/* The flow, or NULL when there is none or it has expired. */
static __always_inline struct flow *find_flow(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow && flow->expires_ns > bpf_ktime_get_ns() ? flow : NULL;
}

static __always_inline __u64 flow_lifetime(__u8 protocol, __u8 flags)
{
	if (protocol == IPPROTO_TCP) {
		if (flags & FLOW_RESET)
			return TCP_RESET_NS;
		if ((flags & FLOW_POD_CLOSED) && (flags & FLOW_OTHER_CLOSED))
			return TCP_TRANSIENT_NS;
		return flags & FLOW_REPLIED ? TCP_ESTABLISHED_NS : TCP_TRANSIENT_NS;
	}
	if (protocol == IPPROTO_UDP)
		return UDP_NS;
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 ? ICMP_NS : OTHER_NS;
}

/* Takes note of one packet of the flow: its TCP state, and a new end of its life. */
static __always_inline void touch_flow(struct flow *flow, const struct packet *packet,
				       enum flow_direction direction)
{
	__u8 flags = flow->flags;

	if (direction == TO_POD)
		flags |= FLOW_REPLIED;
	if (packet->tcp_flags & TCP_RST)
		flags |= FLOW_RESET;
	if (packet->tcp_flags & TCP_FIN)
		flags |= direction == FROM_POD ? FLOW_POD_CLOSED : FLOW_OTHER_CLOSED;
	/* A connection that is opened again on the same ports starts anew. */
	if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		flags &= FLOW_VIA_HOST | FLOW_MASQUERADED;
	if (flags != flow->flags)
		flow->flags = flags;

	__u64 expires = bpf_ktime_get_ns() + flow_lifetime(packet->protocol, flags);
	__s64 moved = expires - flow->expires_ns;

	if (moved > (__s64)FLOW_REFRESH_NS || moved < 0)
		flow->expires_ns = expires;
}
