#!/usr/bin/env bash
# llvm.sh TOOL: the path of clang, clang-format, … in the first of the versions below that is installed.
# llvm.sh --versions: the versions this project is known to work with, the preferred one first:
# the BPF code is laid out by 19's clang-format, and Debian 12, 13 and Ubuntu 24.04 all package it.
set -euo pipefail
versions=(19 21 20 18 17 16)

if [[ $1 == --versions ]]; then
	echo "${versions[@]}"
	exit
fi
for version in "${versions[@]}"; do
	if command -v "$1-$version"; then
		exit
	fi
done
echo "None of $1 ${versions[*]} is installed; 'make setup' installs one." >&2
exit 1
