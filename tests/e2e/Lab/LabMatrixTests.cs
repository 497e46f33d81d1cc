namespace Weft.Tests.EndToEnd.Lab;

/// <summary>Every path a cluster has to have, in each way packets can get from node to node.</summary>
[Collection(typeof(MachineWide))]
public sealed class LabMatrixTests
{
    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void Every_path_works(string routing)
    {
        using var lab = LabUnderTest.Up(nodes: 2, routing);
        foreach (var node in new[] { 1, 2 })
        {
            foreach (var name in new[] { "a", "b", "c" })
            {
                lab.RunPod($"default/{name}{node}", node);
            }
        }

        lab.Weft("matrix").Succeeded();
    }
}
