/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Admission: every packet to or from a pod of this node passes here once. One of a flow that
 * policies have allowed as they are now costs one lookup; any other is judged.
 */
#pragma once

#include "flow.h"
#include "fragments.h"
#include "icmp_quote.h"
#include "policy.h"

/* From outside nobody may come as this node or one of its pods: what those send passes here before
 * it leaves. */
static __always_inline bool is_foreign(const struct packet *packet)
{
	return is_own_address(&packet->saddr) || bpf_map_lookup_elem(&endpoints, &packet->saddr);
}

/*
 * A packet of no flow. It opens one, but for TCP, which opens with SYN only: any other segment goes
 * on with a connection that is older than the flow table remembers, opened by either end. Returns 1
 * when the other end must have opened it.
 */
static __noinline int judge_stray(const struct packet *packet, __u32 epoch)
{
	if (packet->protocol != IPPROTO_TCP || opens_connection(packet))
		return judge(packet, false, epoch, false);
	if (!judge(packet, false, epoch, true))
		return 0;
	if (!judge(packet, true, epoch, true))
		return 1;
	return judge(packet, false, epoch, false);
}

/* A packet whose flow is not allowed as of this epoch: the flow's flags from now on, or a negative
 * reason to drop. */
static __noinline int judge_packet(const struct packet *packet, const struct flow_place *place,
				   enum entrance entrance, __u32 epoch)
{
	struct flow *known = find_flow(&place->key);
	struct flow flow = {};
	bool reversed;
	int result;

	if (entrance == FROM_OUTSIDE && is_foreign(packet))
		return -DROP_FOREIGN_SOURCE;
	if (known)
		flow = *known;
	if (known && !opens_connection(packet)) {
		reversed = goes_back(&flow, place);
		result = judge(packet, reversed, epoch, false);
		if (result < 0)
			return result;
	} else {
		result = judge_stray(packet, epoch);
		if (result < 0)
			return result;
		reversed = result;
		/* Opened again on the same ports, it starts anew. */
		flow.flags &= FLOW_VIA_HOST | FLOW_MASQUERADED;
		if (place->from_high != reversed)
			flow.flags |= FLOW_HIGH_BEGAN;
		/* Not sent by this node but forwarded: a NAT of the host (a port mapping, say) may
		 * have turned it here, and only the host's stack can undo that for the replies. */
		if (entrance == FROM_HOST && !reversed && !is_own_address(&packet->saddr))
			flow.flags |= FLOW_VIA_HOST;
	}
	if (packet->is_translated)
		flow.flags |= FLOW_TRANSLATED;
	flow.epoch = epoch;
	touch_flow(&flow, packet, place);
	return bpf_map_update_elem(&flows, &place->key, &flow, BPF_ANY) < 0 ? -DROP_MAP_FULL
									    : flow.flags;
}

/* A fragment whose ports nobody knows passes where they do not matter, whoever opened its flow. */
static __noinline int judge_orphan(const struct packet *packet, __u32 epoch)
{
	if (!judge(packet, false, epoch, true))
		return 0;
	return judge(packet, true, epoch, true) ? -DROP_NO_FRAGMENT_HEAD : 0;
}

/*
 * An ICMP error belongs to the flow of the packet it quotes, and passes as that does. About no
 * flow, it is a packet like any other, and opens none.
 */
static __noinline int judge_error(struct __sk_buff *skb, const struct packet *error, __u32 epoch)
{
	struct flow_place place = {};
	struct packet quoted = {};
	const struct flow *flow;

	if (!parse_quoted(skb, error, &quoted)) {
		place_packet(&quoted, &place);
		flow = find_flow(&place.key);
		if (flow && flow->epoch == epoch)
			return 0;
		if (flow)
			return judge(&quoted, goes_back(flow, &place), epoch, true);
	}
	return judge(error, false, epoch, false);
}

/* The flags of the packet's flow, or a negative reason to drop. The packet has been through
 * parse_flow. */
static __always_inline int admit(struct __sk_buff *skb, const struct packet *packet,
				 enum entrance entrance)
{
	__u32 epoch = current_epoch();
	struct flow_place place = {};
	struct flow *flow;

	if (packet->is_icmp_error)
		return judge_error(skb, packet, epoch);
	if (packet->fragment == ORPHAN_FRAGMENT)
		return judge_orphan(packet, epoch);
	place_packet(packet, &place);
	flow = find_flow(&place.key);
	if (!flow || flow->epoch != epoch || opens_connection(packet) ||
	    (packet->is_translated && !(flow->flags & FLOW_TRANSLATED)))
		return judge_packet(packet, &place, entrance, epoch);
	touch_flow(flow, packet, &place);
	return flow->flags;
}
