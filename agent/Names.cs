// Names that this program's own namespaces hide.
global using KubernetesNode = Weft.Kubernetes.Objects.Node;
global using KubernetesResources = Weft.Kubernetes.Objects.Resources;
