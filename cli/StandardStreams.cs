using System.Runtime.InteropServices;

namespace Weft.Cli;

/// <summary>
/// Whoever starts us with a standard stream closed would have the first file we open take its number, and what we
/// or a program we start print go there.
/// </summary>
internal static partial class StandardStreams
{
    private const int LastStream = 2;
    private const int ReadWrite = 2;

    public static void FillGaps()
    {
        // open(2) takes the lowest free number. Unlike the class library it leaves it open across exec.
        int opened;
        do
        {
            opened = open("/dev/null", ReadWrite);
        } while (opened is >= 0 and <= LastStream);

        _ = close(opened);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
