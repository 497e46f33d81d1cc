/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps of Services; as with all maps, lib/Weft.Datapath has the twins of these structs. A
 * Service changes in one write of its frontend's entry: the list of backends that this names was
 * written before under a number of its own, and the one it named until then is removed after
 * everybody who may have read its number is done.
 */
#pragma once

#include "maps.h"

/* Two entries for each address and port of a Service; ten thousand Services fill a sixth. Entries
 * take memory as they come. Full: Services that came later stay as they were, and say so. */
#define SERVICES_MAX 131072
/* Ten thousand Services of ten endpoints each fill a tenth; likewise. */
#define BACKENDS_MAX 1048576
/* As service_sources is per entry of services that has source ranges; likewise. */
#define SERVICE_SOURCES_MAX 65536
/* Clients of Services with affinity; LRU: whoever came longest ago is given a backend anew. */
#define AFFINITY_MAX 65536
/* Sockets' translated peers; LRU: a socket used longest ago is told its backend's own address. */
#define SOCKETS_MAX	 65536
#define TRANSLATIONS_MAX 131072
#define NODE_PORTS_MAX	 8192
#define PACKET_ONLY_MAX	 4096

/* Where a Service's address is used from. */
enum service_side {
	SERVICE_INSIDE,	 /* this node and its pods */
	SERVICE_OUTSIDE, /* everybody else: what comes in from other nodes and from outside */
};

/* Port and protocol 0: all of the address that has no entry of its own. */
struct service_key {
	struct addr address;
	__be16 port;
	__u8 protocol;
	__u8 side; /* enum service_side */
};

enum service_flag {
	SERVICE_DROPS = 1 << 0,	      /* without a backend there is no answer; else it is refused */
	SERVICE_RANGES = 1 << 1,      /* only for sources in service_sources */
	SERVICE_ADMITS_NODE = 1 << 2, /* an address of this node is in those */
};

struct service {
	__u32 number;	  /* of the Service's port, the same for all its addresses of a family */
	__u32 list;	  /* of backends: slots from 0 up in the map backends */
	__u16 count;	  /* slots for new connections */
	__u16 serving;	  /* slots in all; what goes to one of those behind may stay there (UDP) */
	__u32 affinity_s; /* how long a client unheard of keeps its backend; 0 without affinity */
	__u32 flags;	  /* enum service_flag */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES_MAX);
	__type(key, struct service_key);
	__type(value, struct service);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} services SEC(".maps");

struct backend_key {
	__u32 list;
	__u32 slot;
};

struct backend {
	struct addr address;
	__be16 port;
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BACKENDS_MAX);
	__type(key, struct backend_key);
	__type(value, struct backend);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} backends SEC(".maps");

/* loadBalancerSourceRanges. */
struct service_source_key {
	__u32 prefix_length; /* 32 for the Service's port, and those of the 128-bit form */
	__u32 number;	     /* as in struct service */
	struct addr address;
};

#define SERVICE_SOURCE_KEY_BITS 160

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SERVICE_SOURCES_MAX);
	__type(key, struct service_source_key);
	__type(value, __u8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} service_sources SEC(".maps");

/* sessionAffinity ClientIP. */
struct affinity_key {
	struct addr client; /* or, of a socket: network_client() of its namespace */
	__u32 service;	    /* number */
};

struct affinity {
	__u64 used_ns; /* by CLOCK_MONOTONIC */
	__u32 list;    /* in which the backend was last seen */
	struct backend backend;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, AFFINITY_MAX);
	__type(key, struct affinity_key);
	__type(value, struct affinity);
} affinity SEC(".maps");

enum socket_way {
	SOCKET_TO_SERVICE,   /* a UDP socket's Service: the backend it has there */
	SOCKET_FROM_BACKEND, /* a socket's backend: the Service that it takes it for */
};

struct socket_key {
	__u64 cookie;
	struct addr address;
	__be16 port;
	__u8 way; /* enum socket_way */
	__u8 pad[5];
};

struct socket_peer {
	struct backend peer;
	__u32 list; /* in which the backend was last seen */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SOCKETS_MAX);
	__type(key, struct socket_key);
	__type(value, struct socket_peer);
} sockets SEC(".maps");

/* Ports of this node that Services have: no socket of the node's may bind to one. */
struct node_port {
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NODE_PORTS_MAX);
	__type(key, struct node_port);
	__type(value, __u8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} node_ports SEC(".maps");

/* Network namespaces, by cookie, whose sockets are left alone: their packets are translated. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PACKET_ONLY_MAX);
	__type(key, __u64);
	__type(value, __u8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} packet_only SEC(".maps");

/*
 * Connections whose packets are translated, for what no socket of this node begins: each has two
 * entries, one for its client's packets and one for the replies. LRU: the connection idle longest
 * makes room; its client's next packet may go to another backend.
 */
struct translation {
	__u64 expires_ns;  /* by CLOCK_MONOTONIC; never matches after that */
	struct addr saddr; /* what the packet has from then on */
	struct addr daddr;
	__be16 sport;
	__be16 dport;
	__u32 list;	  /* in which the backend was last seen */
	__u8 flags;	  /* enum flow_flag, the client being the low end */
	__u8 reply;	  /* it is for the backend's packets */
	__u8 handed_over; /* nothing is changed here: the backend's node translates */
	__u8 pad[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRANSLATIONS_MAX);
	__type(key, struct nat_key);
	__type(value, struct translation);
} translations SEC(".maps");

/* A connection in the making: room that the stack does not have. */
struct opening {
	struct nat_key forward_key;
	struct nat_key reply_key;
	struct translation forward;
	struct translation reply;
	struct backend backend;
	struct addr client;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct opening);
} openings SEC(".maps");
