// A name that this program's own namespace hides.
global using KubernetesNode = Weft.Kubernetes.Objects.Node;
