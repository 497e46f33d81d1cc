using System.Runtime.InteropServices;

namespace Weft.Bpf;

/// <summary>The kernel or libbpf refused an operation on a BPF object.</summary>
public class BpfException : Exception
{
    /// <summary>An operation with the kernel's reason.</summary>
    /// <param name="operation">What was tried, with the object's name: update map "endpoints".</param>
    /// <param name="errno">Positive errno.</param>
    /// <param name="details">What libbpf or the verifier said, or null.</param>
    public BpfException(string operation, int errno, string? details = null)
        : base(
            $"{operation}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}){(details is null ? "" : $"\n{details}")}"
        )
    {
        Operation = operation;
        Errno = errno;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>Positive errno.</summary>
    public int Errno { get; }

    /// <summary>True when a map has no room: ENOSPC of a trie, E2BIG of a hash table.</summary>
    public bool IsMapFull => Errno is Bpf.Errno.ENOSPC or Bpf.Errno.E2BIG;

    /// <summary>True when the kernel has no memory for an entry.</summary>
    public bool IsOutOfMemory => Errno is Bpf.Errno.ENOMEM;
}

/// <summary>The verifier refused a program.</summary>
public sealed class VerifierException(string program, int errno, string log)
    : BpfException($"load program \"{program}\": the kernel's verifier refused it", errno, Tail(log))
{
    private const int TailLines = 20;

    /// <summary>Name of the program.</summary>
    public string Program { get; } = program;

    /// <summary>The verifier's whole log.</summary>
    public string Log { get; } = log;

    private static string Tail(string log)
    {
        var lines = log.TrimEnd().Split('\n');
        return lines.Length <= TailLines
            ? string.Join('\n', lines)
            : $"({lines.Length - TailLines} lines of the log left out)\n{string.Join('\n', lines[^TailLines..])}";
    }
}

/// <summary>A C# struct and the C struct of the BPF object differ.</summary>
public sealed class LayoutException(string message) : Exception(message);
