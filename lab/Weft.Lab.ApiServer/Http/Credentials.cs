using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Certificates;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Who may ask: whoever has a certificate of this server's authority, or its token. They may do everything.</summary>
internal sealed class Credentials(Authority authority, string token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] expected = Encoding.UTF8.GetBytes(token);
    private readonly object verdict = new();

    public bool Accept(HttpContext context) => HasToken(context) || HasCertificate(context);

    private bool HasToken(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()),
                expected
            );
    }

    /// <summary>A connection's certificate is looked at once: checking a signature takes longer than a request.</summary>
    private bool HasCertificate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return false;
        }

        if (context.Features.Get<IConnectionItemsFeature>()?.Items is not { } items)
        {
            return authority.Issued(certificate);
        }

        if (!items.TryGetValue(verdict, out var known))
        {
            items[verdict] = known = authority.Issued(certificate);
        }

        return (bool)known!;
    }
}
