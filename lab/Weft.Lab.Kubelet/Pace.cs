namespace Weft.Lab.Kubelet;

/// <summary>How often and how long the kubelet of the lab does things: as the real one, with waits fit for trying.</summary>
internal static class Pace
{
    public static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(40);

    /// <summary>Between tries of what failed (a pod's network, a status write): doubling up to this.</summary>
    public static readonly TimeSpan RetryLongest = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(250);

    /// <summary>Between starts of a container that ends again and again; the real one waits from 10 s up to 5 min.</summary>
    public static readonly TimeSpan CrashFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan CrashLongest = TimeSpan.FromSeconds(15);

    /// <summary>A container that ran this long begins anew with the shortest wait.</summary>
    public static readonly TimeSpan CrashForgotten = TimeSpan.FromSeconds(30);

    /// <summary>The wait before a try that follows so many failures in a row; none before the first.</summary>
    public static TimeSpan Backoff(int failures, TimeSpan first, TimeSpan longest) =>
        failures == 0
            ? TimeSpan.Zero
            : TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(failures - 1, 20), longest.Ticks));
}
