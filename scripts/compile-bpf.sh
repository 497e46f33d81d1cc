#!/usr/bin/env bash
# compile-bpf.sh SOURCE OBJECT: compiles one BPF translation unit.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$1 object=$2

mkdir -p "$(dirname "$object")"
# v3 is the newest instruction set that kernel 6.1 accepts.
# The kernel's <asm/types.h> lives in the machine's multiarch folder, which clang forgets for another target.
"$(scripts/llvm.sh clang)" -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror \
	-I bpf/include -isystem "/usr/include/$(gcc -dumpmachine)" -c "$source" -o "$object"
