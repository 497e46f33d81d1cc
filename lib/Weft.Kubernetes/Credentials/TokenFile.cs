namespace Weft.Kubernetes.Credentials;

/// <summary>A bearer token in a file that somebody rotates, such as the kubelet.</summary>
internal sealed class TokenFile(string path, string? fallback, TimeProvider time)
{
    // client-go's period. The kubelet rotates a token when a fifth of its life is left, two minutes at the least.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private string? token = fallback;
    private DateTimeOffset readAgain = DateTimeOffset.MinValue;

    /// <summary>The token; the last one known while the file cannot be read.</summary>
    /// <exception cref="ConfigurationException">There is none yet.</exception>
    public string Read()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now < readAgain)
            {
                return token!;
            }

            try
            {
                var text = File.ReadAllText(path).Trim();
                token = text.Length > 0 ? text : token;
                readAgain = now + Period;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (token is null)
                {
                    throw new ConfigurationException($"the token file {path} cannot be read: {e.Message}", e);
                }
            }

            return token ?? throw new ConfigurationException($"the token file {path} is empty");
        }
    }

    /// <summary>The server refused the token: the next one is read at once.</summary>
    public void Expire()
    {
        lock (gate)
        {
            readAgain = DateTimeOffset.MinValue;
        }
    }
}
