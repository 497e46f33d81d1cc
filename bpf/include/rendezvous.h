/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Consistent hashing: which backend a new connection goes to by its addresses and ports alone, so
 * that all nodes choose alike, and a router that moves a connection from one node to another moves
 * no connection to another backend. By highest random weight (Thaler and Ravishankar, "Using
 * name-based mappings to increase hit rates", 1998): of a backend that goes away only its own
 * connections move, where a lookup table such as Maglev's moves some of the others' too and takes
 * memory and time to be filled for each Service. It costs a look at each backend, once a
 * connection.
 */
#pragma once

#include "packet.h"
#include "service_maps.h"

/* The best of the backends seen so far. */
struct rendezvous {
	__u64 connection;
	__u64 weight;
	__u32 list;
	__u32 slot;
};

/* All of the bits of the result depend on all of those of the value: the finalizer of MurmurHash3.
 */
static __always_inline __u64 mix(__u64 value)
{
	value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

static __always_inline __u64 hash_end(__u64 seed, const struct addr *address, __be16 port)
{
	seed = mix(seed ^ ((__u64)address->w[0] << 32 | address->w[1]));
	return mix(seed ^ ((__u64)address->w[2] << 32 | address->w[3])) + port;
}

static long weigh_slot(__u32 slot, struct rendezvous *best)
{
	struct backend_key key = {.list = best->list, .slot = slot};
	const struct backend *backend = bpf_map_lookup_elem(&backends, &key);
	__u64 weight;

	if (!backend)
		return 0;
	weight = mix(hash_end(best->connection, &backend->address, backend->port));
	if (weight >= best->weight) {
		best->weight = weight;
		best->slot = slot;
	}
	return 0;
}

/* The slot of the Service's backend for this packet's connection; with affinity, for its client. */
static __noinline __u32 rendezvous_slot(const struct packet *packet, const struct service *service)
{
	struct rendezvous best = {.list = service->list};
	struct addr address = packet->saddr;

	if (service->affinity_s) {
		/* A node port has another address on each node. */
		best.connection = hash_end(0, &address, 0);
	} else {
		best.connection = hash_end(packet->protocol, &address, packet->sport);
		address = packet->daddr;
		best.connection = hash_end(best.connection, &address, packet->dport);
	}
	bpf_loop(service->count, weigh_slot, &best, 0);
	return best.slot;
}
