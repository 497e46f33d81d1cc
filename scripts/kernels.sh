#!/usr/bin/env bash
# kernels.sh [SUITE...]: boots the kernel of each Debian suite in qemu, by software emulation, and runs
# `weft-agent check` and the BPF tests on it. Ends with a table, and one line of counts as xunit prints it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

# 6.1, 6.12, and the newest that Debian packages.
suites=("$@")
((${#suites[@]})) || suites=(bookworm trixie trixie-backports)
export WEFT_CACHE=${WEFT_CACHE:-$PWD/out/kernels}
export DOTNET=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
mkdir -p "$WEFT_CACHE" out/kernels # the cache may be elsewhere; logs and results are here

skip() {
	printf '    kernels [SKIP]\n      %s\nTotal: 1, Errors: 0, Failed: 0, Skipped: 1\n' "$1"
	exit
}
[[ ${WEFT_SKIP_KERNELS-} != 1 ]] || skip "WEFT_SKIP_KERNELS=1"
[[ $(uname -m) == x86_64 ]] || skip "Debian's amd64 kernels are emulated on x86-64 only"
for program in qemu-system-x86_64 busybox cpio modprobe dpkg-deb; do
	command -v $program >/dev/null || skip "$program is missing: make setup-kernels"
done
[[ $(scripts/kernels/mirror.sh) ]] || skip "apt has no Debian mirror here to get kernels from (other distributions are not supported)"

dotnet build tests/bpf -c Release --nologo -v quiet -tl:off -clp:ErrorsOnly || exit 1

# An emulated guest is busy on one core; two fit on the smallest machine this is run on.
rm -f out/kernels/*.result
printf '%s\n' "${suites[@]}" | xargs -P 2 -I{} scripts/kernels/run.sh {}

# Tests that failed or were skipped, with what xunit says below their names, the kernel before the name.
remarks='
	/^    [^ ].*\[(SKIP|FAIL)\]$/ { sub(/^ +/, "    " kernel ":"); print; open = 1; next }
	open && /^      / { print; next }
	{ open = 0 }'

total=0 failed=0 skipped=0 table=""
for suite in "${suites[@]}"; do
	log=out/kernels/$suite.log
	read -r kernel check t f s seconds <"out/kernels/$suite.result"
	[[ $check == ok ]] || { echo "$suite: the end of $log:" && tail -n 30 "$log"; }
	tr -d '\r' <"$log" | awk -v kernel="$kernel" "$remarks"
	table+=$(printf '%-18s %-26s %-10s %6d %6d %7d %5ds' "$suite" "$kernel" "$check" $((t - f - s)) "$f" "$s" "$seconds")$'\n'
	((total += t + 1, failed += f, skipped += s))
	[[ $check == ok ]] || ((failed++))
done
printf '\n%-18s %-26s %-10s %6s %6s %7s %6s\n%s' suite kernel check passed failed skipped time "$table"
echo "Total: $total, Errors: 0, Failed: $failed, Skipped: $skipped"
((failed == 0))
