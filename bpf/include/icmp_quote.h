/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The packet that an ICMP error quotes: the first bytes of what somebody could not deliver. */
#pragma once

#include "packet.h"

#define ICMP_HEADER_SIZE 8

static __noinline int parse_quoted(struct __sk_buff *skb, const struct packet *error,
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
