#!/usr/bin/env bash
# format.sh [--check]: lays out C#, project files and BPF C; with --check only says what is not laid out.
set -euo pipefail
cd "$(dirname "$0")/.."

csharp=format clang=(-i)
[[ ${1-} != --check ]] || csharp=check clang=(--dry-run -Werror)

dotnet tool restore >/dev/null
dotnet csharpier $csharp .
find bpf -name '*.[ch]' -exec "$(scripts/llvm.sh clang-format)" "${clang[@]}" {} +
