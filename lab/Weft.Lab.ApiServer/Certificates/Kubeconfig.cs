using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Weft.Lab.ApiServer.Certificates;

/// <summary>What clients are given: where the server is, how to know it, and who they are.</summary>
internal static class Kubeconfig
{
    public static string Of(Authority authority, IPEndPoint server)
    {
        using var client = authority.IssueClient("weft-lab-admin");
        using var key = client.GetECDsaPrivateKey()!;
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: weft-lab
              cluster:
                server: https://{server}
                certificate-authority-data: {Base64(authority.CertificatePem)}
            users:
            - name: weft-lab-admin
              user:
                client-certificate-data: {Base64(client.ExportCertificatePem())}
                client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}
            contexts:
            - name: weft-lab
              context:
                cluster: weft-lab
                user: weft-lab-admin
            current-context: weft-lab

            """;
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
