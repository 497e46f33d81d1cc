using System.CommandLine;
using Weft.Lab.Daemon;

// The processes a lab keeps running: its API server, its controllers and one kubelet for each node.
var root = new RootCommand("The processes behind `weft lab`. Not for a cluster: it is for trying and testing.")
{
    ApiServerCommand.Build(),
    ControllersCommand.Build(),
    KubeletCommand.Build(),
    RelayCommand.Build(),
};
return await root.Parse(args).InvokeAsync();
