using System.Globalization;
using Weft.Bench.Results;

namespace Weft.Bench;

/// <summary>What the parts have found so far; each finding is shown as it comes.</summary>
internal sealed class ResultList
{
    public List<Comparison> Comparisons { get; } = [];

    public List<Quantity> Quantities { get; } = [];

    public List<ProgramCost> Programs { get; } = [];

    public void Add(Comparison found)
    {
        Comparisons.Add(found);
        Show(string.Create(CultureInfo.InvariantCulture, $"{found.Name}: {found.Ratio:0.00} of {found.Against}"));
    }

    public void Add(string name, double amount, string unit)
    {
        Quantities.Add(new Quantity(name, amount, unit));
        Show(string.Create(CultureInfo.InvariantCulture, $"{name}: {amount:0.##} {unit}"));
    }

    public static void Show(string line) => Console.Error.WriteLine($"  {line}");
}
