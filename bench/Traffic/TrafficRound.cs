using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Weft.Bench.Traffic;

/// <summary>Runs one round: two threads of this process, each in its end's namespace and kept on its core.</summary>
internal static unsafe partial class TrafficRound
{
    // Below the ports that the kernel gives to clients.
    public const int FirstPort = 20000;

    /// <summary>Rounds until a port is used again, which takes longer than TIME_WAIT. A Service has all of them.</summary>
    public const int Ports = 250;

    // cpu_set_t: 1024 cores.
    private const int CoreSetBytes = 128;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);
    private static int rounds;

    /// <exception cref="BenchException">A packet was lost for good, or nothing goes through.</exception>
    public static Round Run(TrafficKind kind, TrafficPath path, bool v4, Cores cores, TimeSpan time)
    {
        // A port of its own for each round: no connection of an earlier one, closed or not, is in its way.
        var port = (ushort)(FirstPort + (rounds++ % Ports));
        var (from, to) = (path.Client.Address(v4), path.Server.Address(v4));
        var exchange = new Exchange(from, to, path.Asked(v4), port, time);
        var server = new End(path.Server, cores.Server, () => kind.Serve(exchange));
        if (!exchange.Listening.Wait(StartPatience))
        {
            server.Join();
            throw new BenchException($"{kind.Name} to {to}: nobody listens");
        }

        var client = new End(path.Client, cores.Client, () => kind.Ask(exchange));
        try
        {
            var asked = client.Join();
            var served = server.Join();
            return asked ?? served ?? throw new BenchException($"{kind.Name} from {from} to {to} measured nothing");
        }
        catch (SocketFailure e)
        {
            throw new BenchException(
                $"{kind.Name} from {from} to {to}: {(e.IsTimeout ? "an answer never came" : e.Message)}"
            );
        }
    }

    private static void StayOn(int core)
    {
        var cores = stackalloc byte[CoreSetBytes];
        new Span<byte>(cores, CoreSetBytes).Clear();
        cores[core / 8] = (byte)(1 << (core % 8));
        if (sched_setaffinity(0, CoreSetBytes, cores) < 0)
        {
            throw new BenchException(
                $"core {core} is not to be had ({Marshal.GetLastPInvokeErrorMessage()}): name others with --cores"
            );
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint bytes, byte* cores);

    private sealed class End
    {
        private readonly Thread thread;
        private Round? result;
        private ExceptionDispatchInfo? failure;

        public End(TrafficEnd at, int core, Func<Round?> action)
        {
            thread = new Thread(() =>
            {
                try
                {
                    at.Netns.Enter();
                    StayOn(core);
                    result = action();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            });
            thread.Start();
        }

        public Round? Join()
        {
            thread.Join();
            failure?.Throw();
            return result;
        }
    }
}
