#!/usr/bin/env bash
# run.sh SUITE: boots the suite's kernel and writes out/kernels/SUITE.result:
# kernel, ok or what went wrong, tests in all, failed, skipped, seconds. The guest's console is out/kernels/SUITE.log.
set -uo pipefail
here=$(dirname "$0")
suite=$1
log=out/kernels/$suite.log
result() { echo "$1" >"out/kernels/$suite.result"; }

SECONDS=0
kernel=$WEFT_CACHE/$suite
if ! { "$here/fetch.sh" "$suite" && "$here/initramfs.sh" "$kernel"; }; then
	result "- no-kernel 0 0 0 $SECONDS"
	exit
fi

# The guest's root is this machine's, read-only over 9p below a tmpfs: nothing is copied, and the tests find
# the same programs at the same paths. Variables on the kernel's command line become the environment of init.
rm -f "$log"
timeout --foreground --kill-after=5 600 qemu-system-x86_64 \
	-accel tcg -cpu max -m 2G -nodefaults -no-reboot -display none \
	-serial "file:$log" \
	-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
	-kernel "$kernel/vmlinuz" -initrd "$kernel/initramfs" \
	-append "console=ttyS0 loglevel=4 panic=-1 WEFT_KERNEL=$kernel WEFT_ROOT=$PWD DOTNET_ROOT=$DOTNET" </dev/null

check=$(grep -oE 'weft-agent check: exit [0-9]+' "$log" | tail -n 1)
tests=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
read -r total errors failed skipped < <(tr -dc '0-9 ' <<<"$tests")
case $check in
*"exit 0") check=ok ;;
*exit*) check=failed ;;
*) check=no-end ;;
esac
# A guest that dies or hangs before its tests are summed up is a failed test.
result "$(<"$kernel/release") $check ${total:-1} $((${failed:-1} + ${errors:-0})) ${skipped:-0} $SECONDS"
