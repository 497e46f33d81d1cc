/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Services: whether an address is one's, and which backend a new connection goes to. */
#pragma once

#include "service_maps.h"

/* The Service's entry for this address and port; for a port it does not have, the one for all the
 * rest of its address; NULL when the address is no Service's. */
static __always_inline const struct service *find_service(const struct addr *address, __be16 port,
							  __u8 protocol, __u8 side)
{
	struct service_key key = {
		.address = *address,
		.port = port,
		.protocol = protocol,
		.side = side,
	};
	const struct service *service = bpf_map_lookup_elem(&services, &key);

	if (service)
		return service;
	key.port = 0;
	key.protocol = 0;
	return bpf_map_lookup_elem(&services, &key);
}

/* Whether the Service's source ranges, if it has any, let this address in. */
static __always_inline bool admits_source(const struct service *service, const struct addr *source)
{
	struct service_source_key key = {
		.prefix_length = SERVICE_SOURCE_KEY_BITS,
		.number = service->number,
		.address = *source,
	};

	return !(service->flags & SERVICE_RANGES) || bpf_map_lookup_elem(&service_sources, &key);
}

/* A search for a backend in a list. */
struct backend_search {
	__u32 list;
	__u32 found;
	struct backend wanted;
};

static long compare_slot(__u32 slot, struct backend_search *search)
{
	struct backend_key key = {.list = search->list, .slot = slot};
	const struct backend *backend = bpf_map_lookup_elem(&backends, &key);

	search->found = backend && backend->port == search->wanted.port &&
			addr_equal(&backend->address, &search->wanted.address);
	return search->found;
}

/* Whether the backend, last seen in list seen_in, is in one of the first slots of the Service's
 * list. */
static __always_inline bool has_backend(const struct service *service, __u32 slots,
					const struct backend *backend, __u32 seen_in)
{
	struct backend_search search = {.list = service->list, .wanted = *backend};

	if (seen_in == service->list)
		return true;
	bpf_loop(slots, compare_slot, &search, 0);
	return search.found;
}

/* The backend that the client keeps (sessionAffinity ClientIP): its time begins anew with each use.
 */
static __always_inline bool keep_backend(const struct service *service, const struct addr *client,
					 struct backend *backend)
{
	struct affinity_key key = {.client = *client, .service = service->number};
	struct affinity *held;
	__u64 now = now_ns();

	if (!service->affinity_s)
		return false;
	held = bpf_map_lookup_elem(&affinity, &key);
	if (!held || held->used_ns + service->affinity_s * SECOND <= now ||
	    !has_backend(service, service->count, &held->backend, held->list))
		return false;
	held->list = service->list;
	held->used_ns = now;
	*backend = held->backend;
	return true;
}

/* The backend in this slot for a new connection of this client, who keeps it from now on if the
 * Service has affinity: 0, or a negative reason. */
static __always_inline int take_backend(const struct service *service, __u32 slot,
					const struct addr *client, struct backend *backend)
{
	struct affinity_key client_key = {.client = *client, .service = service->number};
	struct backend_key key = {.list = service->list, .slot = slot};
	const struct backend *chosen = bpf_map_lookup_elem(&backends, &key);

	if (!chosen)
		return -DROP_NO_BACKEND;
	*backend = *chosen;
	if (service->affinity_s) {
		struct affinity kept = {
			.used_ns = now_ns(),
			.list = service->list,
			.backend = *backend,
		};

		bpf_map_update_elem(&affinity, &client_key, &kept, BPF_ANY);
	}
	return 0;
}
