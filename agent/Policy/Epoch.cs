using Weft.Bpf;

namespace Weft.Agent.Policy;

/// <summary>
/// The number of the state of policy in force: its lowest bit chooses each endpoint's policy word, and a flow judged as
/// of another one is judged again.
/// </summary>
internal sealed class Epoch
{
    // Flows of no epoch have 0; what comes round gets past it too.
    private const uint First = 2;
    private readonly Lock gate = new();
    private readonly BpfMap<uint, uint> map;
    private uint current;

    /// <summary>Goes on from what the map has.</summary>
    public Epoch(BpfMap<uint, uint> map)
    {
        this.map = map;
        map.TryLookup(0, out current);
        if (current < First)
        {
            Write(First);
        }
    }

    /// <summary>The epoch in force.</summary>
    public uint Current
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    /// <summary>Has every flow judged again, by the words it was judged by.</summary>
    public void Invalidate()
    {
        lock (gate)
        {
            var next = unchecked(current + 2);
            Write(next < First ? next + First : next);
        }
    }

    /// <summary>Puts the endpoints' other words in force, all at once.</summary>
    public void Switch()
    {
        lock (gate)
        {
            var next = unchecked(current + 1);
            Write(next < First ? next + First : next);
        }
    }

    private void Write(uint value)
    {
        map.Update(0, value);
        current = value;
    }
}
