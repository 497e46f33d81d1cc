#!/bin/sh
# Two nodes, six pods, every path tried, in each way packets can get from node to node. Needs root and `make build`.
set -eu

weft=$(dirname "$0")/../out/weft
dir=$(mktemp -d /var/tmp/weft-demo-XXXXXX)
lab=$dir/lab

clean_up() {
	status=$?
	"$weft" lab down --dir "$lab" >/dev/null || status=1
	rmdir "$dir"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for routing in vxlan native; do
	echo "── $routing ──"
	"$weft" lab up --nodes 2 --routing "$routing" --dir "$lab"
	for node in 1 2; do
		for pod in a b c; do
			echo "pod demo/$pod$node: $("$weft" lab run "demo/$pod$node" --node "$node" --dir "$lab" | tr '\n' ' ')"
		done
	done
	echo
	"$weft" lab matrix --dir "$lab"
	"$weft" lab down --dir "$lab"
	echo
done
