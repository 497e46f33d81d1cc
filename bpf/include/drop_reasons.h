/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every reason the datapath drops a packet for. The one list: C numbers the entries by their order,
 * C# reads this very file, and metrics, CLI and documentation print its names and texts. Append
 * only: numbers live in maps that outlive an upgrade.
 */
#define DROP_REASONS(X)                                                                            \
	X(MALFORMED, "Headers are cut short or contradict each other.")                            \
	X(UNSUPPORTED_PROTOCOL, "Neither IPv4, IPv6 nor an address resolution that Weft answers.") \
	X(SPOOFED_SOURCE, "The pod sent from an address that is not its own.")                     \
	X(MULTICAST, "Multicast and broadcast are not routed between pods.")                       \
	X(NO_ENDPOINT, "The destination belongs to this node's pods, but no pod has it.")          \
	X(NO_FRAGMENT_HEAD, "A fragment came before, or long after, its packet's first one.")      \
	X(NO_MASQUERADE_ADDRESS, "The device has no address of this family to masquerade with.")   \
	X(NO_MASQUERADE_PORT, "All tried ports towards this destination are taken.")               \
	X(NO_MASQUERADE_FLOW, "An ICMP error about a packet that no masqueraded flow has sent.")   \
	X(FOREIGN_TUNNEL, "A tunnel packet that no other node of the cluster has sent.")           \
	X(MAP_FULL, "A map refused a new entry.")                                                  \
	X(KERNEL_REFUSED, "A kernel helper failed to change or redirect the packet.")              \
	X(POLICY_INGRESS, "Policies isolate the pod it is for, and none allows it.")               \
	X(POLICY_EGRESS, "Policies isolate the pod that sent it, and none allows it.")             \
	X(POLICY_UNKNOWN_SOURCE,                                                                   \
	  "Policies isolate the pod it is for, and its source is a pod not heard of yet.")         \
	X(FOREIGN_SOURCE, "It came from outside with an address of this node or of its pods.")     \
	X(NO_BACKEND, "The Service has no endpoint that this client may use through this node.")   \
	X(SERVICE_REFUSED, "The Service has no endpoint; the client was told so.")                 \
	X(SERVICE_SOURCE, "The Service's source ranges do not have the client.")                   \
	X(NO_SERVICE, "The address is kept for Services, and none has it.")
