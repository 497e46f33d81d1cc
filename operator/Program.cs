using System.CommandLine;

// Identities, address pools and clean-up across the cluster come with the Kubernetes control plane. Until then nodes
// learn of each other from files, and the operator has nothing to run.
var root = new RootCommand("The Weft operator: one for the cluster. It has no duties yet.");
root.SetAction(_ =>
{
    Console.Error.WriteLine(
        "weft-operator: nothing to do: nodes get their peers from files, see docs/configuration.md"
    );
    return 1;
});
return root.Parse(args).Invoke();
