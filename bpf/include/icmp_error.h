/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors about masqueraded flows, found by the packet they quote and translated inside and out
 * (RFC 5508 section 4.2): this is how a pod learns of an unreachable port and of the path's MTU.
 */
#pragma once

#include "masquerade.h"

#define ICMP_HEADER_SIZE 8

static __always_inline int parse_quoted(struct __sk_buff *skb, const struct packet *error,
					struct packet *quoted)
{
	int result;

	quoted->l3_offset = error->l4_offset + ICMP_HEADER_SIZE;
	result = parse_network(skb, quoted);
	if (result < 0)
		return result;
	quoted->is_quoted = 1;
	return parse_transport(skb, quoted);
}

/* An error from the outside: 1 and the pod's address in error->daddr; 0 when it is about no flow of
 * a pod. */
static __always_inline int unmasquerade_error(struct __sk_buff *skb, struct packet *error)
{
	struct packet quoted = {};
	struct flow_key reply = {};
	struct flow_key key = {};
	int result;

	/* What the host cannot read either is the host's to judge. */
	if (parse_quoted(skb, error, &quoted) < 0)
		return 0;
	flow_key_of_reply(&quoted, &reply);
	if (!find_masqueraded(&reply, &key))
		return 0;
	result = rewrite_quoted(skb, error, &quoted, SOURCE, &key.saddr, key.sport);
	if (result < 0)
		return result;
	result = rewrite(skb, error, DESTINATION, &key.saddr, 0);
	if (result < 0)
		return result;
	error->daddr = key.saddr;
	return 1;
}

/* A pod's error about a packet that came in through its masqueraded flow. */
static __always_inline int masquerade_error(struct __sk_buff *skb, const struct packet *error)
{
	struct packet quoted = {};
	struct flow_key key = {};
	const struct flow *flow;
	int result;

	result = parse_quoted(skb, error, &quoted);
	if (result < 0)
		return result;
	flow_key_of_reply(&quoted, &key);
	flow = find_flow(&key);
	if (!flow || !(flow->flags & FLOW_MASQUERADED))
		return -DROP_NO_MASQUERADE_FLOW;

	struct addr nat_address = flow->nat_address;

	result = rewrite_quoted(skb, error, &quoted, DESTINATION, &nat_address, flow->nat_port);
	return result < 0 ? result : rewrite(skb, error, SOURCE, &nat_address, 0);
}
