#!/usr/bin/env bash
# run.sh [OPTION]...: measures Weft against the reference plugins and the bare kernel. Needs root and `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=out/weft-bench

# Folders are looked at too: their time changes when a file comes or goes.
if [[ ! -x $binary || -n $(find agent bench lab lib Directory.Build.props Directory.Packages.props global.json \
	\( -type d -o -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.json' \) -newer "$binary" -print -quit) ]]; then
	scripts/publish.sh bench "$binary"
fi
exec "$binary" "$@"
