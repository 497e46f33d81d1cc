/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses: 128 bits in network order, IPv4 in its IPv4-mapped form, so that both families take
 * one path. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>

struct addr {
	__be32 w[4];
};

static __always_inline struct addr addr_from_v4(__be32 v4)
{
	return (struct addr){.w = {0, 0, bpf_htonl(0xffff), v4}};
}

static __always_inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->w[3] == b->w[3] && a->w[2] == b->w[2] && a->w[1] == b->w[1] && a->w[0] == b->w[0];
}

static __always_inline bool addr_is_v4(const struct addr *a)
{
	return !a->w[0] && !a->w[1] && a->w[2] == bpf_htonl(0xffff);
}

/* 127.0.0.0/8 and ::1. */
static __always_inline bool addr_is_loopback(const struct addr *a)
{
	if (addr_is_v4(a))
		return (a->w[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return !(a->w[0] | a->w[1] | a->w[2]) && a->w[3] == bpf_htonl(1);
}

/* 224.0.0.0/4, 255.255.255.255 and ff00::/8: never routed between pods. */
static __always_inline bool addr_is_multicast(const struct addr *a)
{
	if (addr_is_v4(a))
		return (a->w[3] & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000) ||
		       a->w[3] == bpf_htonl(0xffffffff);
	return (a->w[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000);
}
