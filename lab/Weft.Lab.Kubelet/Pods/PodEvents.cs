using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>Events about one pod, as `kubectl describe` shows them.</summary>
internal sealed class PodEvents(EventRecorder recorder, Pod pod)
{
    public void Normal(string reason, string note) => recorder.Normal(Kinds.Pods, pod, reason, action: reason, note);

    public void Warning(string reason, string note) => recorder.Warning(Kinds.Pods, pod, reason, action: reason, note);
}
