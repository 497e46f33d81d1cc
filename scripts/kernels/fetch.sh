#!/usr/bin/env bash
# fetch.sh SUITE: the kernel of a Debian suite, unpacked in $WEFT_CACHE/SUITE as vmlinuz, release and lib/modules.
# apt works in a directory of its own: the machine's sources and package lists are not touched.
set -euo pipefail
suite=$1
kernel=$WEFT_CACHE/$suite
mirror=$("$(dirname "$0")/mirror.sh")

[[ ! -e $kernel/release ]] || exit 0
rm -rf "$kernel"
mkdir -p "$kernel"/{lists/partial,archives/partial,unpacked}
cd "$kernel"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >sources.list

apt=(-qq -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null
	-o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD" -o APT::Architecture=amd64
	-o APT::Sandbox::User=root -o Acquire::Languages=none
	-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
depends() { apt-cache "${apt[@]}" depends "$1" | sed -nE "s/^ *Depends: ($2)\$/\1/p"; }

apt-get "${apt[@]}" update
image=$(depends linux-image-amd64 'linux-image-[0-9].*')
# From 7.x on the image is split over several packages.
mapfile -t packages < <(echo "$image" && depends "$image" 'linux-(base|binary|modules)-[0-9].*')
apt-get "${apt[@]}" download "${packages[@]}"
for package in *.deb; do
	# Of the drivers, only those of network and virtual devices: the rest is most of the size.
	dpkg-deb --fsys-tarfile "$package" |
		tar -x -C unpacked --exclude='*/kernel/drivers/[!nv]*' --exclude='*/kernel/sound' --exclude='./usr/share'
done
mkdir -p lib
mv unpacked/lib/modules lib/ 2>/dev/null || mv unpacked/usr/lib/modules lib/
release=$(basename lib/modules/*)
mv "$(find unpacked lib -name 'vmlinuz*' | head -n 1)" vmlinuz
depmod -b . "$release"
rm -rf -- *.deb *.bin lists archives unpacked sources.list
echo "$release" >release
