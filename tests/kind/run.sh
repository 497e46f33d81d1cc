#!/usr/bin/env bash
# run.sh: builds the image, makes a kind cluster, installs the chart, runs the tests, and removes the cluster.
# KEEP=1 leaves it; IMAGE=NAME:TAG is loaded instead of building one.
set -euo pipefail
cd "$(dirname "$0")/../.."

cluster=weft-test
image=${IMAGE-}
for tool in docker kind kubectl helm dotnet; do
	command -v "$tool" >/dev/null || { echo "$tool is missing: install it" >&2 && exit 1; }
done

if [[ ! $image ]]; then
	image=weft:test
	docker build --tag "$image" .
fi

folder=$(mktemp -d)
export KUBECONFIG=$folder/kubeconfig
clean() {
	status=$?
	if ((status)); then
		kubectl get nodes,pods --all-namespaces -o wide || true
		kubectl logs --namespace kube-system --selector app.kubernetes.io/part-of=weft --all-containers --tail 50 || true
	fi
	if [[ ${KEEP-} ]]; then
		echo "the cluster stays: export KUBECONFIG=$KUBECONFIG; kind delete cluster --name $cluster"
	else
		kind delete cluster --name "$cluster"
		rm -r "$folder"
	fi
	exit "$status"
}
trap clean EXIT

# Nodes become ready by the network that is installed next.
kind create cluster --name "$cluster" --config tests/kind/kind.yaml
kind load docker-image --name "$cluster" "$image"
# Nothing serves the ClusterIP of the API server before Weft does.
helm install weft charts/weft --namespace kube-system \
	--set image.repository="${image%:*}" --set image.tag="${image##*:}" --set image.pullPolicy=Never \
	--set apiServer.host="$cluster-control-plane" --set apiServer.port=6443
kubectl wait node --all --for=condition=Ready --timeout=300s
kubectl rollout status --namespace kube-system daemonset/weft-agent --timeout=300s
dotnet test tests/kind
