using System.Text;
using Weft.Cni;

var outcome = new Plugin(Environment.GetEnvironmentVariable, StandardStreams.ReadInput).Run();
StandardStreams.WriteOutput(outcome.Output);
StandardStreams.WriteError(Encoding.UTF8.GetBytes(outcome.Complaint));
return outcome.ExitCode;
