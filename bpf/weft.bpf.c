/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The datapath: one object, loaded once per node. A packet's way starts in one of the files of tc/,
 * or in xdp/, a socket's in cgroup/. */

#include "tc/from_pod.h"
#include "tc/from_host.h"
#include "tc/from_overlay.h"
#include "tc/netdev.h"
#include "cgroup/socket.h"
#include "xdp/netdev.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
