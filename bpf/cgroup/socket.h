/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Services for sockets: one that connects or sends to a Service is given a backend's address in its
 * place before there is any packet, and is told the Service's when it asks whom it talks to. Its
 * packets are as any between two pods. Attached to the control group that all of the node's
 * processes are in.
 */
#pragma once

#include <linux/in.h>
#include "../include/drop.h"
#include "../include/service.h"

#define ADDRESS_IN_USE	   98  /* EADDRINUSE */
#define CONNECTION_REFUSED 111 /* ECONNREFUSED */
#define HOST_UNREACHABLE   113 /* EHOSTUNREACH */
#define STREAM_SOCKET	   1   /* SOCK_STREAM */
#define DATAGRAM_SOCKET	   2   /* SOCK_DGRAM */

/* What a program returns for the call to go on, and for it to fail. */
#define GO_ON 1
#define FAIL  0

/* In place of a client's address, which a socket may not have yet. No address begins like this. */
static __always_inline struct addr network_client(__u64 netns_cookie)
{
	return (struct addr){.w = {0xffffffff, 0xffffffff, netns_cookie >> 32, netns_cookie}};
}

static __always_inline int fail_with(int error)
{
	bpf_set_retval(-error);
	return FAIL;
}

/* The socket gets no backend. */
static __always_inline int refuse(const struct service *service)
{
	struct drop_count *count;
	__u32 reason = DROP_NO_BACKEND;

	if (!(service->flags & SERVICE_DROPS))
		return fail_with(CONNECTION_REFUSED);
	count = bpf_map_lookup_elem(&drops, &reason);
	if (count)
		count->packets++;
	return fail_with(HOST_UNREACHABLE);
}

/* IPPROTO_TCP or IPPROTO_UDP, or 0 for a socket that is none of our business. An MPTCP socket
 * connects by TCP. */
static __always_inline __u8 transport_of(const struct bpf_sock_addr *ctx)
{
	if (ctx->type == STREAM_SOCKET)
		return IPPROTO_TCP;
	return ctx->type == DATAGRAM_SOCKET && ctx->protocol == IPPROTO_UDP ? IPPROTO_UDP : 0;
}

/* What the socket is to talk to from now on, and be told that it talks to. */
static __always_inline void note_peer(__u64 cookie, __u8 protocol, const struct backend *service,
				      const struct backend *backend, __u32 list)
{
	struct socket_peer peer = {.peer = *service, .list = list};
	struct socket_key key = {
		.cookie = cookie,
		.address = backend->address,
		.port = backend->port,
		.way = SOCKET_FROM_BACKEND,
	};

	bpf_map_update_elem(&sockets, &key, &peer, BPF_ANY);
	if (protocol != IPPROTO_UDP)
		return;
	key.address = service->address;
	key.port = service->port;
	key.way = SOCKET_TO_SERVICE;
	peer.peer = *backend;
	bpf_map_update_elem(&sockets, &key, &peer, BPF_ANY);
}

/*
 * The backend that a UDP socket has sent to so far. It stays with one that serves, in whatever list
 * for new connections that is, and while nobody does.
 */
static __always_inline bool keep_peer(const struct service *service, __u64 cookie,
				      const struct backend *wanted, struct backend *backend)
{
	struct socket_key key = {
		.cookie = cookie,
		.address = wanted->address,
		.port = wanted->port,
		.way = SOCKET_TO_SERVICE,
	};
	struct socket_peer *peer = bpf_map_lookup_elem(&sockets, &key);

	if (!peer)
		return false;
	if (service->serving && !has_backend(service, service->serving, &peer->peer, peer->list))
		return false;
	peer->list = service->list;
	*backend = peer->peer;
	return true;
}

/*
 * Puts a backend in the place of a Service's address: 1 when it did, 0 when the address is to be
 * left as it is, or FAIL - 1 with the call's error set.
 */
static __always_inline int translate_socket(struct bpf_sock_addr *ctx, bool keeps,
					    struct backend *peer)
{
	const struct config *cfg = get_config();
	__u64 netns = bpf_get_netns_cookie(ctx);
	__u64 cookie = bpf_get_socket_cookie(ctx);
	__u8 protocol = transport_of(ctx);
	struct addr client = network_client(netns);
	const struct service *service;
	struct backend backend = {};

	if (!protocol || !cfg || bpf_map_lookup_elem(&packet_only, &netns))
		return 0;
	/* Each namespace has its own loopback; host ports are the node's. */
	if (addr_is_loopback(&peer->address) && netns != cfg->netns_cookie)
		return 0;
	service = find_service(&peer->address, peer->port, protocol, SERVICE_INSIDE);
	if (!service)
		return 0;
	if (service->flags & SERVICE_RANGES) {
		/* Which of its addresses a pod sends from is known of its packets only. */
		if (netns != cfg->netns_cookie)
			return 0;
		if (!(service->flags & SERVICE_ADMITS_NODE))
			return fail_with(HOST_UNREACHABLE) - 1;
	}
	if (keeps && keep_peer(service, cookie, peer, &backend)) {
		*peer = backend;
		return 1;
	}
	if (!service->count)
		return refuse(service) - 1;
	if (!keep_backend(service, &client, &backend) &&
	    take_backend(service, bpf_get_prandom_u32() % service->count, &client, &backend) < 0)
		return refuse(service) - 1;
	note_peer(cookie, protocol, peer, &backend, service->list);
	*peer = backend;
	return 1;
}

/* The Service that the socket takes its backend for: true when peer is one. */
static __always_inline bool restore_service(struct bpf_sock_addr *ctx, struct backend *peer)
{
	struct socket_key key = {
		.cookie = bpf_get_socket_cookie(ctx),
		.address = peer->address,
		.port = peer->port,
		.way = SOCKET_FROM_BACKEND,
	};
	const struct socket_peer *service = bpf_map_lookup_elem(&sockets, &key);

	if (!service)
		return false;
	*peer = service->peer;
	return true;
}

static __always_inline void read_v4(const struct bpf_sock_addr *ctx, struct backend *peer)
{
	peer->address = addr_from_v4(ctx->user_ip4);
	peer->port = ctx->user_port;
}

static __always_inline void write_v4(struct bpf_sock_addr *ctx, const struct backend *peer)
{
	ctx->user_ip4 = peer->address.w[3];
	ctx->user_port = peer->port;
}

static __always_inline void read_v6(const struct bpf_sock_addr *ctx, struct backend *peer)
{
	peer->address.w[0] = ctx->user_ip6[0];
	peer->address.w[1] = ctx->user_ip6[1];
	peer->address.w[2] = ctx->user_ip6[2];
	peer->address.w[3] = ctx->user_ip6[3];
	peer->port = ctx->user_port;
}

static __always_inline void write_v6(struct bpf_sock_addr *ctx, const struct backend *peer)
{
	ctx->user_ip6[0] = peer->address.w[0];
	ctx->user_ip6[1] = peer->address.w[1];
	ctx->user_ip6[2] = peer->address.w[2];
	ctx->user_ip6[3] = peer->address.w[3];
	ctx->user_port = peer->port;
}

/* One program for each of a hook's two families; IPv6 sockets that talk IPv4 have IPv4-mapped
 * addresses, which is how our maps have them too. */
#define TRANSLATES(hook, keeps)                                                                    \
	SEC("cgroup/" #hook "4")                                                                   \
	int weft_##hook##4(struct bpf_sock_addr * ctx)                                             \
	{                                                                                          \
		struct backend peer = {};                                                          \
		int result;                                                                        \
                                                                                                   \
		read_v4(ctx, &peer);                                                               \
		result = translate_socket(ctx, keeps, &peer);                                      \
		if (result > 0)                                                                    \
			write_v4(ctx, &peer);                                                      \
		return result < 0 ? FAIL : GO_ON;                                                  \
	}                                                                                          \
                                                                                                   \
	SEC("cgroup/" #hook "6")                                                                   \
	int weft_##hook##6(struct bpf_sock_addr * ctx)                                             \
	{                                                                                          \
		struct backend peer = {};                                                          \
		int result;                                                                        \
                                                                                                   \
		read_v6(ctx, &peer);                                                               \
		result = translate_socket(ctx, keeps, &peer);                                      \
		if (result > 0)                                                                    \
			write_v6(ctx, &peer);                                                      \
		return result < 0 ? FAIL : GO_ON;                                                  \
	}

#define RESTORES(hook)                                                                             \
	SEC("cgroup/" #hook "4")                                                                   \
	int weft_##hook##4(struct bpf_sock_addr * ctx)                                             \
	{                                                                                          \
		struct backend peer = {};                                                          \
                                                                                                   \
		read_v4(ctx, &peer);                                                               \
		if (restore_service(ctx, &peer))                                                   \
			write_v4(ctx, &peer);                                                      \
		return GO_ON;                                                                      \
	}                                                                                          \
                                                                                                   \
	SEC("cgroup/" #hook "6")                                                                   \
	int weft_##hook##6(struct bpf_sock_addr * ctx)                                             \
	{                                                                                          \
		struct backend peer = {};                                                          \
                                                                                                   \
		read_v6(ctx, &peer);                                                               \
		if (restore_service(ctx, &peer))                                                   \
			write_v6(ctx, &peer);                                                      \
		return GO_ON;                                                                      \
	}

TRANSLATES(connect, false)
/* Each datagram of a socket that is not connected. */
TRANSLATES(sendmsg, true)
RESTORES(recvmsg)
RESTORES(getpeername)

/* A port that Services have on this node is not given to a process too, which would never hear from
 * anybody. */
static __always_inline int check_port(struct bpf_sock_addr *ctx, const struct backend *own)
{
	const struct config *cfg = get_config();
	struct node_port port = {.port = own->port, .protocol = transport_of(ctx)};

	if (!port.port || !port.protocol || addr_is_loopback(&own->address) || !cfg ||
	    bpf_get_netns_cookie(ctx) != cfg->netns_cookie)
		return GO_ON;
	return bpf_map_lookup_elem(&node_ports, &port) ? fail_with(ADDRESS_IN_USE) : GO_ON;
}

SEC("cgroup/bind4")
int weft_bind4(struct bpf_sock_addr *ctx)
{
	struct backend own = {};

	read_v4(ctx, &own);
	return check_port(ctx, &own);
}

SEC("cgroup/bind6")
int weft_bind6(struct bpf_sock_addr *ctx)
{
	struct backend own = {};

	read_v6(ctx, &own);
	return check_port(ctx, &own);
}
