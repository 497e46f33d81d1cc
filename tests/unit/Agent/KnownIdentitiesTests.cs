using Weft.Agent.Identities;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.Unit.Agent;

public sealed class KnownIdentitiesTests
{
    private readonly KnownIdentities known = new();

    [Fact]
    public void An_identity_has_its_number_while_it_is_there()
    {
        var heard = new List<uint>();
        known.Known += heard.Add;
        var identity = Identity("a", 300, age: 0);
        Put(null, identity);
        Assert.Equal(300u, known.NumberOf("a"));
        Assert.True(known.IsKnown(300));
        Assert.Equal([300u], heard);
        Put(identity, null);
        Assert.Null(known.NumberOf("a"));
        Assert.False(known.IsKnown(300));
    }

    [Fact]
    public void Of_two_with_one_number_the_older_has_it_until_it_goes()
    {
        var younger = Identity("a", 300, age: 1);
        var older = Identity("b", 300, age: 2);
        Put(null, younger);
        Put(null, older);
        Assert.Equal((null, 300u), (known.NumberOf("a"), known.NumberOf("b")));
        Put(older, null);
        Assert.Equal((300u, null), (known.NumberOf("a"), known.NumberOf("b")));
    }

    [Fact]
    public void What_a_number_means_is_said_before_anybody_can_see_it_and_after_nobody_can()
    {
        var heard = new List<(uint, string?, uint?)>();
        known.Means += (number, spec) => heard.Add((number, spec?.Namespace, known.NumberOf("a")));
        var identity = Identity("a", 300, age: 0);
        Put(null, identity);
        Put(identity, null);
        Assert.Equal([(300u, "default", null), (300u, null, null)], heard);
    }

    [Fact]
    public void Of_two_as_old_the_first_by_name_has_it()
    {
        Put(null, Identity("b", 300, age: 1));
        Put(null, Identity("a", 300, age: 1));
        Assert.Equal((300u, null), (known.NumberOf("a"), known.NumberOf("b")));
    }

    private void Put(WeftIdentity? old, WeftIdentity? now) =>
        known.Apply(new Change<WeftIdentity>(new ObjectKey(null, (old ?? now)!.Metadata.Name!), old, now));

    private static WeftIdentity Identity(string name, uint id, int age) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name, CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(100 - age) },
            Spec = new WeftIdentitySpec { Id = id, Namespace = "default" },
        };
}
