#!/usr/bin/env bash
# image-root.sh FOLDER: makes the image's root file system of the programs in out/ and the libraries that they take from
# this machine. Nothing else is in it: no shell, no package manager.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$1
programs=(weft-agent weft-operator weft-cni weft-probe weft)
# .NET opens these by name when it first needs TLS; no program's header has them.
opened=(libssl.so.3 libcrypto.so.3)

# The path of a library that is opened by name.
path_of() { ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'; }

# The libraries that a file's header asks for, and the loader.
needed_by() { ldd "$1" 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' || true; }

PATH=$PATH:/sbin:/usr/sbin # where Debian keeps ldconfig
rm -rf "$root"
mkdir -p "$root"/usr/bin "$root"/etc/ssl/certs "$root"/usr/share/doc/weft
for program in "${programs[@]}"; do
	install -m 755 "out/$program" "$root/usr/bin/$program"
done

libraries=()
for name in "${opened[@]}"; do
	path=$(path_of "$name")
	[[ $path ]] || { echo "$name is missing: run scripts/setup.sh build" >&2 && exit 1; }
	libraries+=("$path")
done
while read -r library; do
	libraries+=("$library")
done < <(for file in "${programs[@]/#/$root/usr/bin/}" "${libraries[@]}"; do needed_by "$file"; done)
# At their own paths, which is where this machine's loader looks for them.
printf '%s\n' "${libraries[@]}" | sort -u | xargs -d '\n' cp -L --parents --target-directory="$root"

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf '%s\n' 'root:x:0:0::/:' 'nonroot:x:65532:65532::/:' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'nonroot:x:65532:' >"$root/etc/group"
cp -r LICENSE LICENSES "$root/usr/share/doc/weft/"
# The terms of what is not Weft's, as the distribution has them.
for package in libc6 libssl3 libssl3t64 libbpf-dev libelf-dev zlib1g-dev ca-certificates; do
	terms=/usr/share/doc/$package/copyright
	[[ ! -f $terms ]] || install -D -m 644 "$terms" "$root$terms"
done
