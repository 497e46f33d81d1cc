#!/usr/bin/env bash
# initramfs.sh KERNEL: packs KERNEL/initramfs: busybox, init, and the modules that reach this machine's root by 9p.
set -euo pipefail
here=$(dirname "$0")
kernel=$1
root=$kernel/initramfs.d

rm -rf "$root"
mkdir -p "$root"/{bin,modules,proc,dev,host,writable,root}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$here/init" "$root/init"
release=$(<"$kernel/release")
for module in virtio_pci 9pnet_virtio 9p overlay; do
	modprobe -d "$kernel" -S "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
	name=$(basename "$path")
	case $name in
	*.xz) xz -dc "$path" >"$root/modules/${name%.xz}" ;;
	*.zst) zstd -qdc "$path" >"$root/modules/${name%.zst}" ;;
	*) cp "$path" "$root/modules/" ;;
	esac
	basename "${name%.xz}" .zst >>"$root/modules/order"
done
(cd "$root" && find . | cpio --quiet -o -H newc) >"$kernel/initramfs"
rm -rf "$root"
