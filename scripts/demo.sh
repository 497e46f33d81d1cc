#!/bin/sh
# A two-node cluster in each way packets can get from node to node: what kubectl applies becomes pods, and every path
# between them is tried. Needs root, kubectl and `make build`.
set -eu

here=$(dirname "$0")
weft=$here/../out/weft
command -v kubectl >/dev/null || {
	echo "demo: kubectl is missing: install it (https://kubernetes.io/docs/tasks/tools/) and run make demo again" >&2
	exit 1
}
dir=$(mktemp -d /var/tmp/weft-demo-XXXXXX)
lab=$dir/lab
export KUBECONFIG="$lab/kubeconfig"

clean_up() {
	status=$?
	"$weft" lab down --dir "$lab" >/dev/null || status=1
	rmdir "$dir"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

for routing in vxlan native; do
	echo "── $routing ──"
	"$weft" lab up --nodes 2 --routing "$routing" --dir "$lab"
	show kubectl apply -f "$here/demo.yaml"
	show kubectl --namespace demo rollout status deployment/web --timeout=60s
	show kubectl --namespace demo rollout status daemonset/client --timeout=60s
	show kubectl get nodes,pods --all-namespaces --output wide
	show kubectl get weftnodes,weftidentities,weftendpointslices,weftippools
	echo
	"$weft" lab matrix --dir "$lab"
	show kubectl delete -f "$here/demo.yaml" --ignore-not-found
	"$weft" lab down --dir "$lab"
	echo
done
