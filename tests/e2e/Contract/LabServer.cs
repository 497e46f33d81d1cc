using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Lab.ApiServer;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>The lab's API server, in this process.</summary>
public sealed class LabServer : ControlPlane
{
    private readonly string folder = Directory.CreateTempSubdirectory("weft-kubernetes-").FullName;
    private LabApiServer? server;
    private Socket? socket;
    private IPEndPoint address = new(IPAddress.Loopback, 0);

    public override string Kubeconfig => $"{folder}/kubeconfig";

    public override async ValueTask InitializeAsync()
    {
        await StartAsync();
        Connect(new Uri($"https://{address}"), $"{folder}/ca.crt", await File.ReadAllTextAsync($"{folder}/token"));
    }

    public override void SkipUnlessThere() { }

    public override async Task RestartAsync()
    {
        await server!.DisposeAsync();
        // One that stays open shares the port, and takes connections that nobody answers. Not by its Dispose, which waits
        // for operations of Kestrel's.
        var handle = socket!.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
        Assert.Equal(0, Close((int)handle));
        await StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task StartAsync()
    {
        socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        // The port of before, though connections to it are not all forgotten yet.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(address);
        address = (IPEndPoint)socket.LocalEndPoint!;
        server = await LabApiServer.StartAsync(
            folder,
            [new Listener(socket, "kubeconfig")],
            NullLoggerFactory.Instance
        );
    }

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
