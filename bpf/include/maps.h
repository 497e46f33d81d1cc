/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps: the contract between the programs and the agent. Every struct here that the agent knows
 * has its twin in lib/Weft.Datapath, compared field by field with this object's BTF when it loads
 * it. Addresses, ports and MACs are in network order, all else in the host's. Maps are pinned by
 * name and outlive the agent.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "address.h"
#include "drop_reasons.h"

#define MAC_SIZE 6

#define SECOND 1000000000ULL

/* A function that the verifier checks once and by itself, not once for each way that leads to it.
 * It has to check the pointers it is given, and its result may be any number. */
#define VERIFIED_ALONE __attribute__((noinline))

/* 250 pods with two addresses each fill an eighth. */
#define ENDPOINTS_MAX 4096
/* 50,000 pods with two addresses each fill two fifths; entries take memory as they come. */
#define PEERS_MAX   262144
#define DEVICES_MAX 64
/* Made in advance, 40 MB: a flow that has to make room is judged again in the middle. */
#define FLOWS_MAX 262144
/* Masqueraded flows at once; one that has to make room claims a port anew. */
#define NAT_MAX	      65536
#define FRAGMENTS_MAX 8192
/* On each CPU, a power of two. */
#define TUNNEL_ROUTES_MAX 1024
/* A power of two. */
#define TUNNEL_QUEUE_MAX 4096
/* A hundred sets of 1,000 rules fill two fifths; entries take memory as they come. */
#define POLICY_MAX	  262144
#define POLICY_BLOCKS_MAX 65536
#define DENIALS_MAX	  4096
/* With room for reasons to come: a pinned map cannot grow. */
#define DROPS_MAX 64

enum drop_reason {
	DROP_NONE,
#define DROP_ENUM(name, text) DROP_##name,
	DROP_REASONS(DROP_ENUM)
#undef DROP_ENUM
		DROP_REASON_COUNT,
};
_Static_assert(DROP_REASON_COUNT <= DROPS_MAX, "more reasons than the map has room for");

/* One entry, written before any program is attached. */
struct config {
	__u64 netns_cookie;    /* of the node's own network namespace */
	__u32 host_ifindex;    /* weft_host: where the host's stack and the pod network meet */
	__u32 overlay_ifindex; /* weft_vxlan; 0 with native routing */
	__u16 nat_port_first;  /* ports and ICMP identifiers to masquerade with */
	__u16 nat_port_count;
	__be16 tunnel_port;
	__u8 host_mac[MAC_SIZE]; /* of weft_host and of every veth's host end: a pod's next hop */
	__u8 overlay_mac[MAC_SIZE]; /* of weft_vxlan on every node: destination of the inner frame
				     */
	__u8 masquerades;	    /* what pods send to the world */
	__u8 direct_return;	    /* backends' nodes answer clients outside themselves */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct config);
} config SEC(".maps");

/*
 * What policy sees of an address. These numbers are fixed; from IDENTITY_FIRST_POD on, each stands
 * for the pods that no policy can tell apart.
 */
enum identity {
	IDENTITY_UNKNOWN,	     /* not worked out */
	IDENTITY_WORLD,		     /* outside of the cluster */
	IDENTITY_THIS_HOST,	     /* this node's own addresses */
	IDENTITY_OTHER_NODE,	     /* other nodes' own addresses */
	IDENTITY_UNKNOWN_IN_CLUSTER, /* in a node's pod prefix, and nothing more is known of it */
	IDENTITY_UNMANAGED,	     /* a pod that Kubernetes does not know, or not yet */
	IDENTITY_FIRST_POD = 256,
};

/*
 * What the policies make of a pod, in one word: the number of its policy set in the low bits, the
 * set's entries being in the maps policy and policy_blocks, and what holds for the whole set. 0: no
 * policy selects the pod.
 */
enum policy_word {
	POLICY_SET = (1 << 24) - 1,
	POLICY_AUDIT = 1 << 28,	     /* what would be denied is counted and let through */
	POLICY_HAS_BLOCKS = 1 << 29, /* the set has entries in policy_blocks */
	POLICY_EGRESS = 1 << 30,     /* isolated: what no entry allows is denied */
	POLICY_INGRESS = 1U << 31,
};

/*
 * The number of the state of policy that is in force. All verdicts of before are void when it
 * moves. Its lowest bit says which of an endpoint's two policy words holds, so that one write puts
 * all pods of the node under their new policies at once.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} epoch SEC(".maps");

/* A pod of this node, by each of its addresses. Full: ADD fails with the map's name. */
struct endpoint {
	__u32 ifindex;	    /* the veth's host end */
	__u8 mac[MAC_SIZE]; /* of the pod's end */
	__u8 pad[2];
	__u32 identity;
	__u32 policy[2]; /* enum policy_word, by the epoch's lowest bit */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENDPOINTS_MAX);
	__type(key, struct addr);
	__type(value, struct endpoint);
} endpoints SEC(".maps");

/* What an address outside of this node's pods is; an address with no entry is the world. */
enum peer_kind {
	PEER_POD = 1,  /* a pod of another node */
	PEER_NODE,     /* another node */
	PEER_SELF,     /* this node */
	PEER_SERVICES, /* nobody: Services are given their addresses from here */
};

struct peer_key {
	__u32 prefix_length; /* of the 128-bit form: 96 more for IPv4 */
	struct addr address;
};

struct peer {
	struct addr node; /* the node's underlay address; only of PEER_POD and PEER_NODE */
	__u32 kind;
	__u32 ifindex; /* the device the node is a neighbour on; 0 when it is behind a router */
	__u32 identity;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, PEERS_MAX);
	__type(key, struct peer_key);
	__type(value, struct peer);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} peers SEC(".maps");

/* A device to the outside, by its index, with this node's addresses there: those to masquerade
 * with, and the source of the tunnel (zero: none of that family); and weft_host with those in the
 * pod network. */
struct device {
	struct addr v4;
	struct addr v6;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEVICES_MAX);
	__type(key, __u32);
	__type(value, struct device);
} devices SEC(".maps");

enum direction {
	INGRESS, /* to the pod */
	EGRESS,	 /* from the pod */
};

/*
 * What a policy set allows. A longest-prefix map over bits in the order of the fields: an entry
 * without its port's last bits is a range, one without its protocol is for all protocols. Whatever
 * is found is allowed. Full: the pods stay under their policies of before, new ones closed.
 */
struct policy_key {
	__u32 prefix_length; /* of the bits after this field */
	__u32 set;
	__u32 peer; /* an identity, a block from policy_blocks, or POLICY_ANY_PEER */
	__u8 direction;
	__u8 protocol;
	__be16 port; /* of the connection's destination */
};

#define POLICY_ANY_PEER 0
#define POLICY_KEY_BITS 96
/* Numbers of blocks begin above all identities, which have 24 bits. */
#define POLICY_FIRST_BLOCK (1 << 24)

struct policy_entry {
	__u32 rule; /* which of the set's rules allows it, for people */
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, POLICY_MAX);
	__type(key, struct policy_key);
	__type(value, struct policy_entry);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy SEC(".maps");

/* The ipBlocks of a policy set and their exceptions. The longest prefix of an address has the block
 * that stands for all ipBlocks it is inside of. */
struct policy_block_key {
	__u32 prefix_length; /* 32 for the set, and those of the 128-bit form */
	__u32 set;
	struct addr address;
};

#define POLICY_BLOCK_KEY_BITS 160

struct policy_block {
	__u32 peer; /* from POLICY_FIRST_BLOCK on */
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, POLICY_BLOCKS_MAX);
	__type(key, struct policy_block_key);
	__type(value, struct policy_block);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy_blocks SEC(".maps");

/* What policies have denied lately, for people. Full: what was denied longest ago makes room; the
 * sums are in the map drops. */
struct denial_key {
	struct addr pod; /* whose policies denied it */
	struct addr peer;
	__be16 port; /* of the connection's destination */
	__u8 protocol;
	__u8 direction;
};

struct denial {
	__u64 packets;
	__u64 last_ns; /* by CLOCK_MONOTONIC */
	__u32 policy; /* enum policy_word: whether it was let through for audit, and by which set */
	__u32 identity; /* of the peer */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DENIALS_MAX);
	__type(key, struct denial_key);
	__type(value, struct denial);
} denials SEC(".maps");

/*
 * A flow, one for both directions: the two ends in the order of their addresses and, where these
 * are equal, ports. ICMP queries have their identifier as the querier's port.
 */
struct flow_key {
	struct addr low;
	struct addr high;
	__be16 low_port;
	__be16 high_port;
	__u8 protocol;
	__u8 pad[3];
};

enum flow_flag {
	FLOW_VIA_HOST = 1 << 0, /* came through the host's stack (its NAT): replies go back there */
	FLOW_MASQUERADED = 1 << 1, /* leaves the node as nat_address:nat_port */
	FLOW_REPLIED = 1 << 2,	   /* seen in both directions */
	FLOW_LOW_CLOSED = 1 << 3,  /* TCP: the low end sent FIN */
	FLOW_HIGH_CLOSED = 1 << 4, /* TCP: the high end sent FIN */
	FLOW_RESET = 1 << 5,	   /* TCP: either end sent RST */
	FLOW_HIGH_BEGAN = 1 << 6,  /* the high end opened it */
	FLOW_TRANSLATED = 1 << 7,  /* its opener knows the other end as a Service */
};

/* There is one only for what policies have allowed. */
struct flow {
	__u64 expires_ns; /* by CLOCK_MONOTONIC; never matches after that */
	struct addr nat_address;
	__u32 epoch; /* as of which policies allow it; judged again when this is not the epoch now
		      */
	__be16 nat_port;
	__u8 flags;
	__u8 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FLOWS_MAX);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

/* A packet as it comes in, before its addresses are translated. */
struct nat_key {
	struct addr saddr;
	struct addr daddr;
	__be16 sport;
	__be16 dport;
	__u8 protocol;
	__u8 pad[3];
};

/*
 * The pod that a reply is for. An entry is only good while the pod's flow exists, is alive and owns
 * this address and port.
 */
struct nat_origin {
	struct addr address;
	__be16 port;
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, NAT_MAX);
	__type(key, struct nat_key);
	__type(value, struct nat_origin);
} nat SEC(".maps");

/* The ports of a fragmented packet, for its fragments after the first. */
struct fragment_key {
	struct addr saddr;
	struct addr daddr;
	__be32 id;
	__u8 protocol;
	__u8 pad[3];
};

struct fragment_ports {
	__be16 sport;
	__be16 dport;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENTS_MAX);
	__type(key, struct fragment_key);
	__type(value, struct fragment_ports);
} fragments SEC(".maps");

/*
 * The way to a node, as the host's routes had it a moment ago: asking them takes longer than all
 * else in a packet's way into the tunnel. Of nodes that share a slot the last one asked for has it.
 */
struct tunnel_route {
	__u64 expires_ns;
	__be32 node;
	__be32 source; /* this node's address on the device */
	__u32 ifindex;
	__u16 mtu;     /* of the path, as far as it is known */
	__u16 next_id; /* of an IPv4 header */
	struct bpf_redir_neigh next_hop;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TUNNEL_ROUTES_MAX);
	__type(key, __u32);
	__type(value, struct tunnel_route);
} tunnel_routes SEC(".maps");

/* When a packet of the tunnel was last left to the kernel's device, by its source address and port,
 * hashed. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TUNNEL_QUEUE_MAX);
	__type(key, __u32);
	__type(value, __u64);
} tunnel_queue SEC(".maps");

struct drop_count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DROPS_MAX);
	__type(key, __u32);
	__type(value, struct drop_count);
} drops SEC(".maps");

/* CLOCK_MONOTONIC as of the last tick: exact enough for what lives seconds, and cheap to read. */
static __always_inline __u64 now_ns(void)
{
	return bpf_ktime_get_coarse_ns();
}

static __always_inline const struct config *get_config(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&config, &only);
}

/* What the address is, or NULL for the world. */
static __always_inline const struct peer *find_peer(const struct addr *address)
{
	struct peer_key key = {.prefix_length = 128, .address = *address};

	return bpf_map_lookup_elem(&peers, &key);
}

/* This node's own. */
static __always_inline bool is_own_address(const struct addr *address)
{
	const struct peer *peer = find_peer(address);

	return peer && peer->kind == PEER_SELF;
}
