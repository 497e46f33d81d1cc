using System.Text;
using Weft.Cni;

var outcome = new Plugin(Environment.GetEnvironmentVariable, StandardStreams.ReadInput).Run();
if (StandardStreams.WriteOutput(outcome.Output))
{
    outcome.Unacknowledged?.Acknowledge();
}

StandardStreams.WriteError(Encoding.UTF8.GetBytes(outcome.Complaint));
return outcome.ExitCode;
