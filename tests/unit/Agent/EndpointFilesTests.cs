using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class EndpointFilesTests : IDisposable
{
    private static readonly Ip Address = Ip.Parse("10.244.1.5");
    private readonly ScratchDirectory scratch = new();
    private readonly Clock clock = new();
    private readonly EndpointFiles files;

    public EndpointFilesTests() => files = new EndpointFiles(scratch.Root);

    [Fact]
    public void An_endpoint_is_the_same_after_a_restart()
    {
        var saved = Pod("c1");
        files.Save(saved);
        var loaded = Assert.Single(Load());
        Assert.Equal(
            (saved.Id, saved.Network, saved.Netns, saved.Pod),
            (loaded.Id, loaded.Network, loaded.Netns, loaded.Pod)
        );
        Assert.Equal(saved.HostIfIndex, loaded.HostIfIndex);
        Assert.Equivalent(saved.Attachment, loaded.Attachment, strict: true);
        Assert.Equal([Address, Ip.Parse("fd00::5")], loaded.Ips);
    }

    [Fact]
    public void Saving_again_replaces_and_removing_what_is_gone_is_fine()
    {
        files.Save(Pod("c1"));
        files.Save(Pod("c1") with { HostIfIndex = 99 });
        Assert.Equal(99, Assert.Single(Load()).HostIfIndex);
        files.Remove(Pod("c1").Id);
        files.Remove(Pod("c1").Id);
        Assert.Empty(Load());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"id\":")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{ADDRESS}")]
    [InlineData("{MAC}")]
    public void A_record_that_cannot_be_used_is_set_aside_and_reported_once(string text)
    {
        files.Save(Pod("good"));
        files.Save(Pod("bad"));
        var path = Directory.GetFiles(scratch["endpoints"]).Single(p => File.ReadAllText(p).Contains("\"bad\""));
        var good = File.ReadAllText(path);
        File.WriteAllText(
            path,
            text.Replace("{ADDRESS}", good.Replace("10.244.1.5/32", "10.244.1"))
                .Replace("{MAC}", good.Replace("02:00:00:00:00:05", "02"))
        );

        var reported = new List<string>();
        Assert.Equal("good", Assert.Single(files.Load((p, _) => reported.Add(p))).Id.ContainerId);
        Assert.Equal([path], reported);
        Assert.True(File.Exists(path + ".unreadable"));
        Assert.Single(Load());
    }

    [Fact]
    public void What_a_cut_off_write_left_is_not_looked_at()
    {
        File.WriteAllText(scratch["endpoints/weft00000000000.json.new"], "{ \"id\":");
        File.WriteAllText(scratch["resting/10.0.0.9.new"], "2030");
        Assert.Empty(Load());
        Assert.Empty(files.LoadResting(clock.Now));
    }

    [Fact]
    public void An_address_rests_on_across_a_restart_and_no_longer_than_it_must()
    {
        var until = clock.Now.AddSeconds(60);
        files.SaveResting(Address, until, clock.Now);
        var restarted = new EndpointFiles(scratch.Root);
        Assert.Equal([(Address, until)], restarted.LoadResting(until.AddSeconds(-1)));
        Assert.Empty(restarted.LoadResting(until));
        Assert.Empty(Directory.GetFiles(scratch["resting"]));
    }

    [Fact]
    public void Addresses_that_have_rested_leave_no_file()
    {
        files.SaveResting(Address, clock.Now.AddSeconds(60), clock.Now);
        clock.Advance(61);
        files.SaveResting(Ip.Parse("10.244.1.6"), clock.Now.AddSeconds(60), clock.Now);
        Assert.Equal(["10.244.1.6"], Directory.GetFiles(scratch["resting"]).Select(Path.GetFileName));
    }

    [Fact]
    public void An_address_that_rests_a_second_time_rests_its_whole_second_time()
    {
        files.SaveResting(Address, clock.Now.AddSeconds(60), clock.Now);
        clock.Advance(30);
        var second = clock.Now.AddSeconds(60);
        files.SaveResting(Address, second, clock.Now);
        clock.Advance(40);
        files.SaveResting(Ip.Parse("10.244.1.6"), clock.Now, clock.Now);
        Assert.Equal([(Address, second)], new EndpointFiles(scratch.Root).LoadResting(clock.Now));
    }

    public void Dispose() => scratch.Dispose();

    private IReadOnlyList<Endpoint> Load() => files.Load((path, e) => Assert.Fail($"{path}: {e.Message}"));

    private static Endpoint Pod(string container) =>
        new(
            new AttachmentId(container, "eth0"),
            "weft",
            "/run/netns/pod",
            new PodReference("default", "a", null),
            7,
            new Attachment(
                HostInterface.NameOf(new AttachmentId(container, "eth0")),
                "02:00:00:00:00:01",
                "eth0",
                "02:00:00:00:00:05",
                1450,
                [new PodAddress("10.244.1.5/32", "10.244.1.1"), new PodAddress("fd00::5/128", "fd00::1")],
                [new PodRoute("10.244.1.1/32", null), new PodRoute("0.0.0.0/0", "10.244.1.1")]
            )
        );
}
