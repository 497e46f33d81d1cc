/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Dropping: a reason, counted. Functions return 0 or more for success and a negative reason to
 * drop. */
#pragma once

#include "maps.h"

static __always_inline void count_drop(int negative_reason, __u32 bytes)
{
	__u32 reason = -negative_reason;
	struct drop_count *count = bpf_map_lookup_elem(&drops, &reason);

	if (count) {
		count->packets++;
		count->bytes += bytes;
	}
}

static __always_inline int drop(const struct __sk_buff *skb, int negative_reason)
{
	count_drop(negative_reason, skb->len);
	return TC_ACT_SHOT;
}
