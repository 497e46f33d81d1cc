/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What policies say to a connection: egress of the end that opens it and ingress of the other,
 * as far as they are pods of this node. The other node judges the end that is there.
 */
#pragma once

#include "drop.h"
#include "packet.h"

/* Where a packet came to the pod network. */
enum entrance {
	FROM_POD,
	FROM_HOST,
	FROM_OUTSIDE,
};

/* To a pod that its policies isolate in this direction. */
struct question {
	__u32 policy; /* enum policy_word */
	__u32 peer;   /* identity */
	struct addr peer_address;
	struct addr pod;
	__be16 port;
	__u8 protocol;
	__u8 direction;
};

static __always_inline __u32 current_epoch(void)
{
	__u32 only = 0;
	const __u32 *value = bpf_map_lookup_elem(&epoch, &only);

	return value ? *(const volatile __u32 *)value : 0;
}

static __always_inline __u32 policy_of(const struct endpoint *endpoint, __u32 epoch)
{
	return endpoint->policy[epoch & 1];
}

static __always_inline bool has_entry(const struct question *asked, __u32 peer)
{
	struct policy_key key = {
		.prefix_length = POLICY_KEY_BITS,
		.set = asked->policy & POLICY_SET,
		.peer = peer,
		.direction = asked->direction,
		.protocol = asked->protocol,
		.port = asked->port,
	};

	return bpf_map_lookup_elem(&policy, &key);
}

/*
 * By the peer's address and, for another node, also by the one that people know it by: what nodes
 * send to pods has their gateway's address.
 */
static __always_inline bool has_block_entry(const struct question *asked)
{
	struct policy_block_key key = {
		.prefix_length = POLICY_BLOCK_KEY_BITS,
		.set = asked->policy & POLICY_SET,
		.address = asked->peer_address,
	};
	const struct policy_block *block;
	const struct peer *peer;

	if (!(asked->policy & POLICY_HAS_BLOCKS))
		return false;
	block = bpf_map_lookup_elem(&policy_blocks, &key);
	if (block && has_entry(asked, block->peer))
		return true;
	if (asked->peer != IDENTITY_OTHER_NODE)
		return false;
	peer = find_peer(&key.address);
	if (!peer)
		return false;
	key.address = peer->node;
	block = bpf_map_lookup_elem(&policy_blocks, &key);
	return block && has_entry(asked, block->peer);
}

/* A pod's own node always reaches it (NetworkPolicyIngressRule: "the pod's local node"). */
static __always_inline bool is_allowed(const struct question *asked)
{
	if (asked->direction == INGRESS && asked->peer == IDENTITY_THIS_HOST)
		return true;
	return has_entry(asked, asked->peer) || has_entry(asked, POLICY_ANY_PEER) ||
	       has_block_entry(asked);
}

static __always_inline void note_denial(const struct question *asked)
{
	struct denial_key key = {
		.pod = asked->pod,
		.peer = asked->peer_address,
		.port = asked->port,
		.protocol = asked->protocol,
		.direction = asked->direction,
	};
	struct denial first = {.packets = 1};
	struct denial *noted = bpf_map_lookup_elem(&denials, &key);

	if (noted)
		__sync_fetch_and_add(&noted->packets, 1);
	else
		noted = &first;
	noted->last_ns = now_ns();
	noted->policy = asked->policy;
	noted->identity = asked->peer;
	if (noted == &first)
		bpf_map_update_elem(&denials, &key, &first, BPF_ANY);
}

/* 0, or the negative reason to drop. */
VERIFIED_ALONE int judge_side(const struct question *asked, __u32 silent)
{
	if (!asked)
		return -DROP_KERNEL_REFUSED;
	if (is_allowed(asked))
		return 0;
	if (!silent)
		note_denial(asked);
	if (asked->policy & POLICY_AUDIT)
		return 0;
	if (asked->direction == EGRESS)
		return -DROP_POLICY_EGRESS;
	return asked->peer == IDENTITY_UNKNOWN_IN_CLUSTER ? -DROP_POLICY_UNKNOWN_SOURCE
							  : -DROP_POLICY_INGRESS;
}

/* What policy sees of an address that is no pod's of this node. */
static __always_inline __u32 identity_of(const struct addr *address)
{
	const struct peer *peer = find_peer(address);

	return peer ? peer->identity : IDENTITY_WORLD;
}

/*
 * Judges the packet's connection as opened by its source, or, reversed, by its destination: 0 when
 * both sides allow it, or the negative reason to drop. Denials are noted unless silent.
 */
VERIFIED_ALONE int judge(const struct packet *packet, __u32 reversed, __u32 epoch, __u32 silent)
{
	const struct endpoint *source;
	const struct endpoint *destination;
	struct question asked = {};
	int result;

	if (!packet)
		return -DROP_KERNEL_REFUSED;
	asked.protocol = packet->protocol;
	asked.port = reversed ? packet->sport : packet->dport;
	asked.pod = reversed ? packet->daddr : packet->saddr;
	asked.peer_address = reversed ? packet->saddr : packet->daddr;
	source = bpf_map_lookup_elem(&endpoints, &asked.pod);
	destination = bpf_map_lookup_elem(&endpoints, &asked.peer_address);
	if (source && (policy_of(source, epoch) & POLICY_EGRESS)) {
		asked.policy = policy_of(source, epoch);
		asked.peer = destination ? destination->identity : identity_of(&asked.peer_address);
		asked.direction = EGRESS;
		result = judge_side(&asked, silent);
		if (result < 0)
			return result;
	}
	if (!destination || !(policy_of(destination, epoch) & POLICY_INGRESS))
		return 0;
	asked.peer_address = asked.pod;
	asked.pod = reversed ? packet->saddr : packet->daddr;
	asked.policy = policy_of(destination, epoch);
	asked.peer = source ? source->identity : identity_of(&asked.peer_address);
	asked.direction = INGRESS;
	return judge_side(&asked, silent);
}
