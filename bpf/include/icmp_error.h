/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors about masqueraded flows, found by the packet they quote and translated inside and out
 * (RFC 5508 section 4.2): this is how a pod learns of an unreachable port and of the path's MTU.
 */
#pragma once

#include "icmp_quote.h"
#include "masquerade.h"

/* An error from the outside: 1 and the pod's address in error->daddr; 0 when it is about no flow of
 * a pod. */
static __noinline int unmasquerade_error(struct __sk_buff *skb, struct packet *error)
{
	struct packet quoted = {};
	struct nat_key reply = {};
	struct nat_origin pod;
	int result;

	/* What the host cannot read either is the host's to judge. */
	if (parse_quoted(skb, error, &quoted) < 0)
		return 0;
	/* It quotes what the node sent: turned around, that is a reply. */
	reply.saddr = quoted.daddr;
	reply.daddr = quoted.saddr;
	reply.sport = quoted.dport;
	reply.dport = quoted.sport;
	reply.protocol = quoted.protocol;
	if (!find_origin(&reply, &pod))
		return 0;
	result = rewrite_quoted(skb, error, &quoted, SOURCE, &pod.address, pod.port);
	if (result < 0)
		return result;
	result = rewrite(skb, error, DESTINATION, &pod.address, 0);
	if (result < 0)
		return result;
	error->daddr = pod.address;
	return 1;
}

/* A pod's error about a packet that came in through its masqueraded flow. */
static __noinline int masquerade_error(struct __sk_buff *skb, const struct packet *error)
{
	struct packet quoted = {};
	struct flow_place place = {};
	const struct flow *flow;
	int result;

	result = parse_quoted(skb, error, &quoted);
	if (result < 0)
		return result;
	place_packet(&quoted, &place);
	flow = find_flow(&place.key);
	if (!flow || !(flow->flags & FLOW_MASQUERADED))
		return -DROP_NO_MASQUERADE_FLOW;

	struct addr nat_address = flow->nat_address;

	result = rewrite_quoted(skb, error, &quoted, DESTINATION, &nat_address, flow->nat_port);
	return result < 0 ? result : rewrite(skb, error, SOURCE, &nat_address, 0);
}
