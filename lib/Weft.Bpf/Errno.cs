namespace Weft.Bpf;

/// <summary>The errno values that Weft decides on.</summary>
internal static class Errno
{
    internal const int ENOENT = 2;
    internal const int E2BIG = 7;
    internal const int ENOMEM = 12;
    internal const int EEXIST = 17;
    internal const int EINVAL = 22;
    internal const int ENOSPC = 28;
}
