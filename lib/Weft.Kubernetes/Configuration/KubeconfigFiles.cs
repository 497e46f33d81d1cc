namespace Weft.Kubernetes.Configuration;

/// <summary>Which kubeconfig files there are, merged.</summary>
internal static class KubeconfigFiles
{
    /// <summary>The file given, or those that kubectl would read.</summary>
    public static Kubeconfig Load(string? path) =>
        path is not null
            ? Read(path) ?? throw new ConfigurationException($"the kubeconfig {path} is not there")
            : Load(Environment.GetEnvironmentVariable("KUBECONFIG"), Environment.GetEnvironmentVariable("HOME"));

    internal static Kubeconfig Load(string? list, string? home)
    {
        var paths = string.IsNullOrEmpty(list)
            ? [Path.Combine(home ?? "/", ".kube/config")]
            : list.Split(':', StringSplitOptions.RemoveEmptyEntries);

        // As kubectl does: files that are not there are left out.
        var files = paths.Select(Read).OfType<Kubeconfig>().ToList();
        return files.Count > 0
            ? files.Aggregate((first, second) => first.MergedWith(second))
            : throw new ConfigurationException(
                $"there is no kubeconfig at {string.Join(" or ", paths)}; set KUBECONFIG or name one"
            );
    }

    private static Kubeconfig? Read(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            return File.Exists(full) ? KubeconfigYaml.Parse(File.ReadAllText(full), full) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the kubeconfig {path} cannot be read: {e.Message}", e);
        }
    }
}
