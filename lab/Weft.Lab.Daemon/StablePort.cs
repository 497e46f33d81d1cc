using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.Lab.Daemon;

/// <summary>Sockets to serve on. A port that was chosen once is kept, so that kubeconfigs stay good over a restart.</summary>
internal static class StablePort
{
    private const string FileName = "port";

    /// <summary>Binds; port 0 is the port in the directory, and a free one if there is none.</summary>
    /// <exception cref="SocketException">The address is not this machine's, or the port is taken.</exception>
    public static Socket Bind(IPEndPoint address, string directory)
    {
        if (address.Port != 0)
        {
            return Bind(address);
        }

        Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, FileName);
        var port = File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : 0;
        var socket = Bind(new(address.Address, port));
        File.WriteAllText(file, ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
        return socket;
    }

    /// <exception cref="SocketException">The address is not this machine's, or the port is taken.</exception>
    public static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
