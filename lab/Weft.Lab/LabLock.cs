namespace Weft.Lab;

/// <summary>
/// Commands on one lab keep out of each other's way by a lock (flock) on its marker: pods come and go beside each
/// other, the lab itself comes and goes alone. The kernel drops the lock of a process that dies.
/// </summary>
internal static class LabLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes the lab's marker, and the lab this command's alone.</summary>
    /// <exception cref="LabException">The directory exists.</exception>
    public static FileStream Create(LabDirectory lab)
    {
        if (Path.Exists(lab.Root))
        {
            throw new LabException(
                lab.Exists
                    ? $"a lab is in {lab.Root} already: stop it with `weft lab down --dir {lab.Root}`, or choose another --dir"
                    : $"{lab.Root} exists and is no lab: remove it, or choose another --dir"
            );
        }

        Directory.CreateDirectory(lab.Root);
        return new FileStream(lab.Marker, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public static FileStream Alone(LabDirectory lab) => Take(lab, FileAccess.ReadWrite, FileShare.None);

    public static FileStream BesideOthers(LabDirectory lab) => Take(lab, FileAccess.Read, FileShare.Read);

    private static FileStream Take(LabDirectory lab, FileAccess access, FileShare share)
    {
        var giveUp = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return new FileStream(lab.Marker, FileMode.Open, access, share);
            }
            catch (IOException e) when (e is not FileNotFoundException and not DirectoryNotFoundException)
            {
                if (DateTime.UtcNow > giveUp)
                {
                    throw new LabException(
                        $"another weft command has been changing {lab.Root} for {Patience.TotalSeconds} s: wait for it, or end it"
                    );
                }
            }

            Thread.Sleep(20);
        }
    }
}
