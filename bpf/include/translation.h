/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Translated connections: finding one by its packet, keeping it alive, and changing the packet. */
#pragma once

#include "flow.h"
#include "icmp_quote.h"
#include "rewrite.h"
#include "service_maps.h"

static __always_inline void key_of_packet(const struct packet *packet, struct nat_key *key)
{
	key->saddr = packet->saddr;
	key->daddr = packet->daddr;
	key->sport = packet->sport;
	key->dport = packet->dport;
	key->protocol = packet->protocol;
}

/* The translation of packets that are like this one, or NULL when there is none or it has expired.
 */
static __always_inline struct translation *find_translation(const struct nat_key *key)
{
	struct translation *translation = bpf_map_lookup_elem(&translations, key);

	return translation && translation->expires_ns > now_ns() ? translation : NULL;
}

static __always_inline bool is_over(const struct translation *translation)
{
	return (translation->flags & FLOW_RESET) ||
	       ((translation->flags & FLOW_LOW_CLOSED) && (translation->flags & FLOW_HIGH_CLOSED));
}

/* Gives the other direction's entry the same state, or puts it back where it was evicted. One that
 * is somebody else's by now is left alone. */
static __noinline void touch_other_way(const struct packet *packet,
				       const struct translation *translation)
{
	struct nat_key key = {
		.saddr = translation->daddr,
		.daddr = translation->saddr,
		.sport = translation->dport,
		.dport = translation->sport,
		.protocol = packet->protocol,
	};
	struct translation other = {
		.expires_ns = translation->expires_ns,
		.saddr = packet->daddr,
		.daddr = packet->saddr,
		.sport = packet->dport,
		.dport = packet->sport,
		.list = translation->list,
		.flags = translation->flags,
		.reply = !translation->reply,
	};
	const struct translation *held;

	/* Replies to what was handed over do not come here. */
	if (translation->handed_over)
		return;
	held = find_translation(&key);
	if (!held || (held->daddr.w[3] == other.daddr.w[3] && held->dport == other.dport &&
		      held->saddr.w[3] == other.saddr.w[3] && held->sport == other.sport))
		bpf_map_update_elem(&translations, &key, &other, BPF_ANY);
}

/* Takes note of one packet of the connection, as touch_flow does. */
static __always_inline void touch_translation(struct translation *translation,
					      const struct packet *packet)
{
	__u8 flags = translation->flags;

	if (translation->reply)
		flags |= FLOW_REPLIED;
	if (packet->tcp_flags & TCP_RST)
		flags |= FLOW_RESET;
	if (packet->tcp_flags & TCP_FIN)
		flags |= translation->reply ? FLOW_HIGH_CLOSED : FLOW_LOW_CLOSED;

	__u64 expires = now_ns() + flow_lifetime(packet->protocol, flags);
	__s64 moved = expires - translation->expires_ns;

	if (flags == translation->flags && moved >= 0 && moved <= (__s64)FLOW_REFRESH_NS)
		return;
	translation->flags = flags;
	translation->expires_ns = expires;
	touch_other_way(packet, translation);
}

/* Changes the packet and what is known of it. */
static __noinline int apply_translation(struct __sk_buff *skb, struct packet *packet,
					const struct translation *translation)
{
	struct addr address = translation->saddr;
	__be16 port = translation->sport;
	int result = 0;

	if (translation->handed_over) {
		packet->daddr = translation->daddr;
		packet->handing_over = HANDED_OVER;
		return 1;
	}
	if (port != packet->sport || !addr_equal(&address, &packet->saddr))
		result = rewrite(skb, packet, SOURCE, &address, port);
	if (result < 0)
		return result;
	packet->saddr = address;
	packet->sport = port;
	address = translation->daddr;
	port = translation->dport;
	if (port != packet->dport || !addr_equal(&address, &packet->daddr))
		result = rewrite(skb, packet, DESTINATION, &address, port);
	packet->daddr = address;
	packet->dport = port;
	packet->is_translated = true;
	return result < 0 ? result : 1;
}

/* Translates a packet that a backend sent: 1, or 0 when it is of no translated connection. */
VERIFIED_ALONE int translate_reply(struct __sk_buff *skb, struct packet *packet)
{
	struct nat_key key = {};
	struct translation *translation;

	if (!packet)
		return -DROP_KERNEL_REFUSED;
	key_of_packet(packet, &key);
	translation = find_translation(&key);
	if (!translation || !translation->reply)
		return 0;
	touch_translation(translation, packet);
	return apply_translation(skb, packet, translation);
}

/*
 * Translates an ICMP error about a packet of a translated connection, inside and out (RFC 5508
 * section 4.2): 1 and its new destination in error, or 0 when it is about no such packet. What it
 * quotes went the other way, so it is the other direction's entry that says what its sender knows.
 */
VERIFIED_ALONE int translate_error(struct __sk_buff *skb, struct packet *error)
{
	struct packet quoted = {};
	struct nat_key key = {};
	const struct translation *translation;
	struct addr near;
	struct addr far;
	__be16 near_port;
	__be16 far_port;
	int result;

	if (!error)
		return -DROP_KERNEL_REFUSED;
	if (parse_quoted(skb, error, &quoted) < 0)
		return 0;
	key.saddr = quoted.daddr;
	key.daddr = quoted.saddr;
	key.sport = quoted.dport;
	key.dport = quoted.sport;
	key.protocol = quoted.protocol;
	translation = find_translation(&key);
	if (!translation)
		return 0;
	if (translation->handed_over) {
		error->daddr = translation->daddr;
		error->handing_over = HANDED_OVER;
		return 1;
	}
	near = translation->daddr;
	near_port = translation->dport;
	far = translation->saddr;
	far_port = translation->sport;
	result = rewrite_quoted(skb, error, &quoted, SOURCE, &near, near_port);
	if (result < 0)
		return result;
	result = rewrite_quoted(skb, error, &quoted, DESTINATION, &far, far_port);
	if (result < 0)
		return result;
	/* From the far end itself, not from a router on the way. */
	if (addr_equal(&error->saddr, &quoted.daddr)) {
		result = rewrite(skb, error, SOURCE, &far, 0);
		if (result < 0)
			return result;
		error->saddr = far;
	}
	result = rewrite(skb, error, DESTINATION, &near, 0);
	if (result < 0)
		return result;
	error->daddr = near;
	return 1;
}
