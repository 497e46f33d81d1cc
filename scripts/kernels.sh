#!/usr/bin/env bash
# kernels.sh [SUITE...]: boots the kernel of each Debian suite in qemu, by software emulation, and runs
# `weft-agent check` and the BPF tests on it. Ends with a table, and one line of counts as xunit prints it.
set -uo pipefail
cd "$(dirname "$0")/.."

# 6.1, 6.12, and the newest that Debian packages.
suites=("$@")
((${#suites[@]})) || suites=(bookworm trixie trixie-backports)
export WEFT_CACHE=${WEFT_CACHE:-$PWD/out/kernels}
export DOTNET=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
mkdir -p "$WEFT_CACHE" out/kernels

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
printf '%s\n' "${suites[@]}" | xargs -P 2 -I{} scripts/kernels/run.sh {}

total=0 failed=0 skipped=0
printf '\n%-18s %-26s %-7s %7s %7s %7s %6s\n' suite kernel check passed failed skipped time
for suite in "${suites[@]}"; do
	read -r kernel check t f s seconds <"out/kernels/$suite.result"
	printf '%-18s %-26s %-7s %7d %7d %7d %5ds\n' "$suite" "$kernel" "$check" $((t - f - s)) "$f" "$s" "$seconds"
	((total += t + 1, failed += f, skipped += s))
	[[ $check == ok ]] || ((failed++))
done
echo "Total: $total, Errors: 0, Failed: $failed, Skipped: $skipped"
((failed == 0))
