// Not the folder's: extension methods of an enclosing namespace come before those of a using directive, so this one is
// taken everywhere in Weft without a word of it.
namespace Weft;

/// <summary>
/// LINQ's Select without its many forms. That of .NET 9 has a generic virtual method with an iterator for each kind of
/// source, and compiled ahead of time each of them is made for each pair of value types that any two calls in the program
/// could combine: it was 18 of the 29 MB of the agent's code. .NET 10 has a switch for this (UseSizeOptimizedLinq);
/// with it, this project goes.
/// </summary>
public static class Projection
{
    /// <summary>As <see cref="Enumerable.Select{TSource,TResult}(IEnumerable{TSource},Func{TSource,TResult})"/>.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(
        this IEnumerable<TSource> source,
        Func<TSource, TResult> selector
    )
    {
        foreach (var element in source)
        {
            yield return selector(element);
        }
    }
}
