using System.Buffers.Binary;
using Weft.Contracts;

namespace Weft.Tests.Cni;

public sealed class PluginBinaryTests
{
    private static readonly Dictionary<string, string> OnlyVersion = new() { ["CNI_COMMAND"] = "VERSION" };

    public static TheoryData<string> Wrongs => MalformedInputTable.Wrongs;

    [Fact]
    public void VERSION_lists_what_the_plugin_speaks()
    {
        var answer = PluginBinary.Run(OnlyVersion, """{"cniVersion":"1.0.0"}""").Succeeded().Json;
        Assert.Equal("1.0.0", answer.GetProperty("cniVersion").GetString());
        Assert.Equal(
            ["0.3.1", "0.4.0", "1.0.0", "1.1.0"],
            answer.GetProperty("supportedVersions").EnumerateArray().Select(v => v.GetString())
        );
    }

    [Fact]
    public void Without_a_command_it_says_what_it_is()
    {
        var answer = PluginBinary.Run(new Dictionary<string, string>(), "").Succeeded();
        Assert.Equal("", answer.Output);
        Assert.Contains("weft-cni", answer.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void Malformed_input_is_refused_with_its_code_and_by_name(string wrong)
    {
        var input = MalformedInputTable.All[wrong];
        var error = PluginBinary.Run(input.Environment, input.Config).Error;
        Assert.Equal(input.Code, error.Code);
        Assert.All(input.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void It_needs_no_loader_and_no_library()
    {
        using var file = File.OpenRead(PluginBinary.Location);
        Assert.DoesNotContain(ProgramInterpreter, ProgramHeaderTypes(file));
    }

    [Fact]
    public void It_runs_where_there_is_no_file_but_itself()
    {
        var root = Directory.CreateTempSubdirectory("weft-chroot-");
        try
        {
            File.Copy(PluginBinary.Location, Path.Combine(root.FullName, "weft-cni"));
            string[] arguments = [root.FullName, "/weft-cni"];
            PluginBinary.Run("/usr/sbin/chroot", arguments, OnlyVersion, "").Succeeded();

            var status = MalformedInputTable.Environment("STATUS");
            var error = PluginBinary.Run("/usr/sbin/chroot", arguments, status, MalformedInputTable.Config()).Error;
            Assert.Equal(CniErrorCode.NotAvailable, error.Code);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private const uint ProgramInterpreter = 3;

    /// <summary>p_type of each program header of a 64-bit little-endian ELF file.</summary>
    private static List<uint> ProgramHeaderTypes(FileStream file)
    {
        var header = new byte[64];
        file.ReadExactly(header);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x20));
        var size = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x36));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x38));

        List<uint> types = [];
        var entry = new byte[size];
        file.Position = offset;
        for (var i = 0; i < count; i++)
        {
            file.ReadExactly(entry);
            types.Add(BinaryPrimitives.ReadUInt32LittleEndian(entry));
        }

        return types;
    }
}
