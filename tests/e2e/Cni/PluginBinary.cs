using System.Diagnostics;
using System.Text.Json;

namespace Weft.Tests.Cni;

/// <summary>What the published plugin answered.</summary>
internal sealed record PluginAnswer(int ExitCode, string Output, string Complaint)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Code and message of the error object.</summary>
    public (int Code, string Message) Error
    {
        get
        {
            Assert.Equal(1, ExitCode);
            return (Json.GetProperty("code").GetInt32(), Json.GetProperty("msg").GetString()!);
        }
    }

    public PluginAnswer Succeeded()
    {
        Assert.True(ExitCode == 0, Output + Complaint);
        return this;
    }

    /// <summary>The verbs but ADD and VERSION print nothing.</summary>
    public void SucceededSilently() => Assert.Equal("", Succeeded().Output + Complaint);
}

/// <summary>The plugin as a runtime calls it: out/weft-cni, which `dotnet publish cni` makes.</summary>
internal static class PluginBinary
{
    public static string Location { get; } = Find();

    /// <summary>Runs it in the network namespace of the calling thread, with this environment and no other.</summary>
    public static PluginAnswer Run(IReadOnlyDictionary<string, string> environment, string input) =>
        Run(Location, [], environment, input);

    /// <summary>Runs a program that runs the plugin.</summary>
    public static PluginAnswer Run(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string input
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var complaint = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It needed no input, and is gone already.
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new PluginAnswer(process.ExitCode, output, complaint.Result);
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Cni.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run inside the repository");
        }

        var path = Path.Combine(folder.FullName, "out", "weft-cni");
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"{path} is missing: run `dotnet publish cni`");
    }
}
