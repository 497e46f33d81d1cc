using System.Globalization;

namespace Weft.Netlink.Protocol;

/// <summary>The errors that this library acts on, and the names of those that rtnetlink and namespaces answer with.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int ENXIO = 6;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int ENODEV = 19;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int EMSGSIZE = 90;
    public const int EPROTO = 71;
    public const int ENOBUFS = 105;

    public static string Name(int errno) =>
        errno switch
        {
            EPERM => nameof(EPERM),
            ENOENT => nameof(ENOENT),
            3 => "ESRCH",
            EINTR => nameof(EINTR),
            ENXIO => nameof(ENXIO),
            9 => "EBADF",
            EAGAIN => nameof(EAGAIN),
            12 => "ENOMEM",
            EACCES => nameof(EACCES),
            16 => "EBUSY",
            17 => "EEXIST",
            ENODEV => nameof(ENODEV),
            ENOTDIR => nameof(ENOTDIR),
            EINVAL => nameof(EINVAL),
            24 => "EMFILE",
            30 => "EROFS",
            34 => "ERANGE",
            40 => "ELOOP",
            EPROTO => nameof(EPROTO),
            EMSGSIZE => nameof(EMSGSIZE),
            95 => "EOPNOTSUPP",
            97 => "EAFNOSUPPORT",
            98 => "EADDRINUSE",
            99 => "EADDRNOTAVAIL",
            100 => "ENETDOWN",
            101 => "ENETUNREACH",
            ENOBUFS => nameof(ENOBUFS),
            107 => "ENOTCONN",
            113 => "EHOSTUNREACH",
            _ => string.Create(CultureInfo.InvariantCulture, $"errno {errno}"),
        };
}
