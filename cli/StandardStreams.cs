namespace Weft.Cli;

/// <summary>
/// Whoever starts us with a standard stream closed would have the first file we open take its number, and what we
/// print go there.
/// </summary>
internal static class StandardStreams
{
    private const int LastStream = 2;

    public static void FillGaps()
    {
        while (true)
        {
            var file = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
            if (file.DangerousGetHandle() > LastStream)
            {
                file.Dispose();
                return;
            }

            // Open for as long as the process lives.
            file.SetHandleAsInvalid();
        }
    }
}
