/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Services for packets that no socket of this node has translated: clients outside, and pods whose
 * sockets are left alone. The reply comes back through this node, where the client's packets are
 * given the node's address if nothing else makes it; a backend that is a pod of this node sees the
 * client's own.
 */
#pragma once

#include "admission.h"
#include "forward.h"
#include "masquerade.h"
#include "reject.h"
#include "rendezvous.h"
#include "service.h"
#include "translation.h"

/* What a packet turned out to be: a negative reason to drop it, or one of these. */
enum served {
	NO_SERVICE,
	TO_BACKEND, /* translated */
	IS_REPLY,   /* not yet translated */
};

/*
 * The Service that a packet is for. What another node has handed over may be for a node port of an
 * address of that node's: this node has the same node port.
 */
static __noinline const struct service *find_service_of(const struct packet *packet, __u32 side,
							const struct config *cfg)
{
	struct addr address = packet->daddr;
	__u32 ifindex = cfg->host_ifindex;
	const struct service *service;
	const struct device *device;
	const struct peer *peer;

	/* Of those only sockets of the node itself may use any. */
	if (addr_is_loopback(&address))
		return NULL;
	service = find_service(&address, packet->dport, packet->protocol, side);
	if (service || side != SERVICE_OUTSIDE || packet->handing_over == NO_HANDING_OVER)
		return service;
	peer = find_peer(&address);
	if (!peer || peer->kind != PEER_NODE)
		return NULL;
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device)
		return NULL;
	address = packet->is_v4 ? device->v4 : device->v6;
	return find_service(&address, packet->dport, packet->protocol, side);
}

static __always_inline bool has_service_protocol(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ||
	       packet->protocol == IPPROTO_SCTP;
}

static __always_inline void complete_opening(struct opening *opening)
{
	opening->reply_key.saddr = opening->forward.daddr;
	opening->reply_key.sport = opening->forward.dport;
	opening->reply_key.daddr = opening->forward.saddr;
	opening->reply_key.dport = opening->forward.sport;
	opening->reply_key.protocol = opening->forward_key.protocol;
	opening->reply = opening->forward;
	opening->reply.saddr = opening->forward_key.daddr;
	opening->reply.sport = opening->forward_key.dport;
	opening->reply.daddr = opening->forward_key.saddr;
	opening->reply.dport = opening->forward_key.sport;
	opening->reply.reply = true;
}

/* Takes the replies' key for the connection unless somebody alive has it: 1, else 0. */
static __noinline int claim_reply(struct opening *opening)
{
	const struct translation *held;

	complete_opening(opening);
	if (!bpf_map_update_elem(&translations, &opening->reply_key, &opening->reply, BPF_NOEXIST))
		return true;
	held = find_translation(&opening->reply_key);
	if (held && !is_over(held) &&
	    (held->dport != opening->reply.dport || held->sport != opening->reply.sport ||
	     !addr_equal(&held->daddr, &opening->reply.daddr) ||
	     !addr_equal(&held->saddr, &opening->reply.saddr)))
		return false;
	return !bpf_map_update_elem(&translations, &opening->reply_key, &opening->reply, BPF_ANY);
}

/* With an address of the node that the backend answers to. */
static __always_inline int claim_masqueraded(struct __sk_buff *skb, struct opening *opening,
					     const struct packet *packet, bool is_world,
					     const struct config *cfg)
{
	__u32 ifindex = skb->ifindex;
	const struct device *device;
	const struct addr *node;

	/* The verifier wants the field read as such, not by an address chosen before. */
	barrier_var(ifindex);
	if (!is_world)
		ifindex = cfg->host_ifindex;
	device = bpf_map_lookup_elem(&devices, &ifindex);
	if (!device)
		return -DROP_NO_MASQUERADE_ADDRESS;
	node = packet->is_v4 ? &device->v4 : &device->v6;
	if (!(node->w[0] | node->w[1] | node->w[2] | node->w[3]))
		return -DROP_NO_MASQUERADE_ADDRESS;
	opening->forward.saddr = *node;
	if (!has_translatable_port(packet))
		return claim_reply(opening) ? 0 : -DROP_NO_MASQUERADE_PORT;
	if (!cfg->nat_port_count)
		return -DROP_NO_MASQUERADE_PORT;
	for (__u32 i = 0; i < PORT_TRIES; i++) {
		__u32 offset = bpf_get_prandom_u32() % cfg->nat_port_count;

		opening->forward.sport = bpf_htons(cfg->nat_port_first + offset);
		if (opening->forward.sport != cfg->tunnel_port && claim_reply(opening))
			return 0;
	}
	return -DROP_NO_MASQUERADE_PORT;
}

/*
 * Whether the client's packets go on to that backend's node as they are: through the tunnel, or to
 * a neighbour. That node serves them as if they had come to it, and answers the client itself.
 */
static __always_inline bool hands_over(const struct packet *packet, const struct peer *peer,
				       const struct config *cfg)
{
	return packet->handing_over == MAY_HAND_OVER && peer && peer->kind == PEER_POD &&
	       (cfg->overlay_ifindex || peer->ifindex);
}

/* Claims both directions of a new connection to opening->backend. */
static __noinline int claim_connection(struct __sk_buff *skb, const struct packet *packet,
				       struct opening *opening, __u32 side,
				       const struct config *cfg)
{
	const struct peer *peer = NULL;
	bool masquerades;
	int result = 0;

	masquerades = addr_equal(&opening->backend.address, &packet->saddr);
	if (side == SERVICE_OUTSIDE &&
	    !bpf_map_lookup_elem(&endpoints, &opening->backend.address)) {
		struct addr address = opening->backend.address;

		peer = find_peer(&address);
		masquerades = masquerades || !peer || peer->kind != PEER_SELF;
	}
	opening->forward.saddr = packet->saddr;
	opening->forward.sport = packet->sport;
	opening->forward.daddr = opening->backend.address;
	opening->forward.dport = opening->backend.port;
	opening->forward.flags = 0;
	opening->forward.reply = false;
	opening->forward.handed_over = hands_over(packet, peer, cfg);
	opening->forward.expires_ns = now_ns() + flow_lifetime(packet->protocol, 0);
	if (opening->forward.handed_over)
		/* Of the backend's packets nothing is seen here. */
		opening->forward.flags = FLOW_REPLIED | FLOW_HIGH_CLOSED;
	else if (masquerades || !claim_reply(opening))
		result = claim_masqueraded(skb, opening, packet,
					   side == SERVICE_OUTSIDE && masquerades && !peer, cfg);
	if (result < 0)
		return result;
	return bpf_map_update_elem(&translations, &opening->forward_key, &opening->forward,
				   BPF_ANY) < 0
		       ? -DROP_MAP_FULL
		       : 0;
}

/* The first packet of a connection: chooses its backend. */
static __noinline int open_connection(struct __sk_buff *skb, struct packet *packet,
				      const struct service *service, __u32 side,
				      const struct config *cfg)
{
	__u32 only = 0;
	struct opening *opening = bpf_map_lookup_elem(&openings, &only);
	int result;

	if (!opening)
		return -DROP_KERNEL_REFUSED;
	opening->client = packet->saddr;
	if (!admits_source(service, &opening->client))
		return -DROP_SERVICE_SOURCE;
	if (!service->count)
		return service->flags & SERVICE_DROPS ? -DROP_NO_BACKEND : -DROP_SERVICE_REFUSED;
	if (!keep_backend(service, &opening->client, &opening->backend)) {
		result = take_backend(service, rendezvous_slot(packet, service), &opening->client,
				      &opening->backend);
		if (result < 0)
			return result;
	}
	/* Its checksum covers the ports, and is nothing a BPF program could make. */
	if (packet->protocol == IPPROTO_SCTP && opening->backend.port != packet->dport)
		return -DROP_UNSUPPORTED_PROTOCOL;
	key_of_packet(packet, &opening->forward_key);
	opening->forward.list = service->list;
	result = claim_connection(skb, packet, opening, side, cfg);
	return result < 0 ? result : apply_translation(skb, packet, &opening->forward);
}

/*
 * UDP has no end that could be seen: a connection ends with its backend, for the next packet to
 * choose another. While there is none that serves, it is left as it is.
 */
static __noinline bool has_lost_backend(const struct packet *packet, __u32 side,
					struct translation *translation, const struct config *cfg)
{
	const struct service *service;
	struct backend backend = {};

	if (packet->protocol != IPPROTO_UDP)
		return false;
	service = find_service_of(packet, side, cfg);
	if (!service || !service->serving)
		return false;
	backend.address = translation->daddr;
	backend.port = translation->dport;
	if (!has_backend(service, service->serving, &backend, translation->list))
		return true;
	translation->list = service->list;
	return false;
}

/*
 * Whether the client uses the translation's ports again, for another connection. What was closed in
 * one direction has been open, so this is no repeated SYN of it; the other direction may have been
 * closed in the same moment, of which one note can be lost.
 */
static __always_inline bool opens_another(const struct packet *packet,
					  const struct translation *translation)
{
	if (!opens_connection(packet))
		return false;
	/* The backend's direction is taken for closed from the beginning. */
	if (translation->handed_over)
		return is_over(translation);
	return translation->flags & (FLOW_RESET | FLOW_LOW_CLOSED | FLOW_HIGH_CLOSED);
}

/* Translates a packet that goes to a Service: enum served. */
VERIFIED_ALONE int serve(struct __sk_buff *skb, struct packet *packet, __u32 side,
			 const struct config *cfg)
{
	struct nat_key key = {};
	struct translation *translation;
	const struct service *service;

	if (!packet || !cfg)
		return -DROP_KERNEL_REFUSED;
	if (!has_service_protocol(packet) || packet->fragment == ORPHAN_FRAGMENT)
		return NO_SERVICE;
	key_of_packet(packet, &key);
	translation = find_translation(&key);
	if (translation && translation->reply)
		return IS_REPLY;
	if (translation && !opens_another(packet, translation) &&
	    !has_lost_backend(packet, side, translation, cfg)) {
		touch_translation(translation, packet);
		return apply_translation(skb, packet, translation);
	}
	service = find_service_of(packet, side, cfg);
	return service ? open_connection(skb, packet, service, side, cfg) : NO_SERVICE;
}

/*
 * Gives a packet that has been admitted, if it is a backend's reply or an error about a translated
 * connection, the addresses that its receiver knows. What went to a backend just now stays.
 */
static __always_inline int restore_frontend(struct __sk_buff *skb, struct packet *packet,
					    int flow_flags)
{
	if (packet->is_icmp_error)
		return translate_error(skb, packet);
	if (!(flow_flags & FLOW_TRANSLATED) || packet->is_translated)
		return 0;
	return translate_reply(skb, packet);
}

/* Likewise what leaves the node's own stack: a backend may be in the node's own network. */
static __always_inline int restore_host_frontend(struct __sk_buff *skb, struct packet *packet)
{
	if (parse_flow(skb, packet) < 0)
		return 0;
	return packet->is_icmp_error ? translate_error(skb, packet) : translate_reply(skb, packet);
}

/* From outside to a pod here, by its policies. */
static __always_inline int admit_to_pod(struct __sk_buff *skb, struct packet *packet,
					const struct endpoint *local, const struct config *cfg)
{
	int result = admit(skb, packet, FROM_OUTSIDE);

	if (result >= 0)
		result = restore_frontend(skb, packet, result);
	return result < 0 ? drop(skb, result) : to_pod(skb, local, cfg);
}

/*
 * What comes in for no pod of this node: for a Service, or the reply of a backend on another node.
 * What it turned out to be; translated, unless it is NO_SERVICE.
 */
static __noinline int serve_outside(struct __sk_buff *skb, struct packet *packet,
				    const struct config *cfg)
{
	int result;

	if (packet->is_icmp_error)
		return translate_error(skb, packet);
	result = serve(skb, packet, SERVICE_OUTSIDE, cfg);
	return result == IS_REPLY ? translate_reply(skb, packet) : result;
}

/* Answers in the Service's place. */
static __noinline int refuse_outside(struct __sk_buff *skb, struct packet *packet,
				     const struct config *cfg)
{
	drop(skb, -DROP_SERVICE_REFUSED);
	if (make_refusal(skb, packet) < 0)
		return TC_ACT_SHOT;
	return forward(skb, packet, find_place(&packet->daddr), cfg);
}

/* On with a packet that serve_outside has translated or refused; to a pod here only by its
 * policies. */
static __always_inline int forward_served(struct __sk_buff *skb, struct packet *packet, int served,
					  const struct config *cfg)
{
	struct place place;

	if (served == -DROP_SERVICE_REFUSED)
		return refuse_outside(skb, packet, cfg);
	if (served < 0)
		return drop(skb, served);
	place = find_place(&packet->daddr);
	/* Its backend has come here meanwhile: it could not be judged as what it is. */
	if (place.local && packet->handing_over == HANDED_OVER)
		return drop(skb, -DROP_NO_BACKEND);
	if (place.local) {
		served = admit(skb, packet, FROM_OUTSIDE);
		if (served < 0)
			return drop(skb, served);
	}
	return forward(skb, packet, place, cfg);
}
