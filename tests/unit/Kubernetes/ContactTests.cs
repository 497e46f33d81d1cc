using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Http;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class ContactTests
{
    [Fact]
    public void A_server_that_goes_and_comes_is_two_lines_however_many_ask_it()
    {
        var lines = new Lines();
        var contact = new Contact(lines);
        contact.Answered();
        contact.Lost("refused");
        contact.Lost("refused");
        contact.Lost("silent");
        contact.Answered();
        contact.Answered();
        Assert.Equal(
            [
                "Warning the API server cannot be used; it is tried until it answers: refused",
                "Information the API server answers again",
            ],
            lines.Written
        );
    }

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Written.Add($"{logLevel} {formatter(state, exception)}");
    }
}
