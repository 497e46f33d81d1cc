namespace Weft.Tests.Unit.Agent;

/// <summary>A directory that goes with the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("weft-unit-");

    public string Root => directory.FullName;

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose() => directory.Delete(recursive: true);
}
