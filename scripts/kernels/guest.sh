#!/usr/bin/env bash
# What the guest runs as process 1 once its root is in place: the agent's own check, the BPF tests, power off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
exec </dev/null >/dev/console 2>&1
mkdir -p /lib/modules
mount --bind "$WEFT_KERNEL/lib/modules" /lib/modules
ip link set lo up
cd "$WEFT_ROOT" || exit

out/weft-agent check
echo "weft-agent check: exit $?"
# Emulated, all policy cases would take longer than all other tests together.
WEFT_CASE_STRIDE=10 out/obj/bin/Weft.Tests.Bpf/release/Weft.Tests.Bpf -noColor -noLogo
echo "BPF tests: exit $?"
echo o >/proc/sysrq-trigger
sleep 60
