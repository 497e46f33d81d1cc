#!/usr/bin/env bash
# setup.sh build|lab|kernels: installs what that part of the project needs and this machine lacks.
# Looks before it asks apt for anything, so that it costs nothing, and needs no root, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin:/sbin # where Debian keeps runc and modprobe
root=()
((EUID == 0)) || root=(sudo)
missing=()

needs_program() { command -v "$1" >/dev/null || missing+=("$2"); }
needs_file() { compgen -G "$1" >/dev/null || missing+=("$2"); }
needs_llvm() { scripts/llvm.sh "$1" >/dev/null 2>&1 || missing+=("$1"); }

# The packages by the names they have in this release: clang's and clang-format's hold a version.
packages() {
	local package version
	for package in "${missing[@]}"; do
		if [[ $package != clang* ]]; then
			echo "$package"
			continue
		fi
		for version in $(scripts/llvm.sh --versions) none; do
			! apt-cache show "$package-$version" >/dev/null 2>&1 || break
		done
		echo "$package-$version"
	done
}

update_lists() {
	"${root[@]}" apt-get update -qq || echo "apt-get update failed: going on with the package lists that are here." >&2
}

install_missing() {
	((${#missing[@]})) || return 0
	if ! command -v apt-get >/dev/null; then
		echo "Install these (Debian's names) with this system's package manager: ${missing[*]}" >&2
		exit 1
	fi
	update_lists
	local wanted
	mapfile -t wanted < <(packages)
	echo "Installing with apt-get: ${wanted[*]}"
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${wanted[@]}" </dev/null >/dev/null
}

# The version is global.json's, which `dotnet --version` holds the installed SDKs against.
needs_dotnet() {
	! dotnet --version >/dev/null 2>&1 || return 0
	missing=(dotnet-sdk-10.0)
	if install_missing && dotnet --version >/dev/null; then
		return
	fi
	cat >&2 <<-'END'
		The .NET SDK 10 is missing, and this system's package lists do not hold dotnet-sdk-10.0.
		Get it with .NET's own dotnet-install script (--channel 10.0), put `dotnet` on the PATH, and run make again.
	END
	exit 1
}

case ${1-} in
build)
	needs_program make make
	needs_program gcc gcc
	needs_llvm clang
	needs_llvm clang-format
	needs_file /usr/include/bpf/bpf_helpers.h libbpf-dev
	needs_file '/usr/lib/*/libelf.a' libelf-dev
	needs_file '/usr/lib/*/libz.a' zlib1g-dev
	needs_file /usr/include/linux/bpf.h linux-libc-dev
	needs_file /etc/ssl/certs/ca-certificates.crt ca-certificates
	needs_file '/usr/lib/*/libssl.so.3' libssl3
	install_missing
	needs_dotnet
	;;
lab)
	needs_program ip iproute2
	needs_program ping iputils-ping
	needs_program containerd containerd
	needs_program runc runc
	needs_file /usr/lib/cni/ptp containernetworking-plugins
	needs_program ethtool ethtool
	needs_program iptables iptables
	needs_program busybox busybox-static
	# Not every distribution packages it; what needs it says so itself.
	! apt-cache show kubectl >/dev/null 2>&1 || needs_program kubectl kubectl
	install_missing
	;;
kernels)
	# Without these the kernel tests say that they are skipped; other machines than x86-64 skip them anyway.
	if [[ $(uname -m) == x86_64 ]]; then
		needs_program qemu-system-x86_64 qemu-system-x86
		needs_program busybox busybox-static
		needs_program cpio cpio
		needs_program modprobe kmod
		install_missing
		# The kernels come from apt's own mirror, which apt knows as Debian's by its lists.
		compgen -G '/var/lib/apt/lists/*Release' >/dev/null || update_lists
	fi
	;;
*)
	echo "usage: scripts/setup.sh build|lab|kernels" >&2
	exit 2
	;;
esac
