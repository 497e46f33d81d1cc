using Weft.Agent.Policy;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Entries;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Tests.Unit.Policy;

namespace Weft.Tests.Unit.Agent;

public sealed class SetContentTests
{
    [Fact]
    public void A_set_that_follows_identities_is_the_one_that_is_worked_out_anew()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new RandomClusters(seed);
            var engine = new PolicyEngine();
            foreach (var policy in random.Policies())
            {
                engine.Set(PolicyReader.Read(policy));
            }

            var identities = Identities(random);
            engine.Set(identities[0]);
            var set = engine.SetOf(identities[0]);
            var followed = SetContent.Of(set, engine.Identities, _ => []);
            foreach (var identity in identities.Skip(1))
            {
                engine.Set(identity);
                followed.Add(identity);
                Assert.True(followed.IsSameAs(SetContent.Of(set, engine.Identities, _ => [])));
            }

            foreach (var identity in identities.Skip(1))
            {
                followed.Remove(identity.Id);
                engine.Remove(identity.Id);
                Assert.True(followed.IsSameAs(SetContent.Of(set, engine.Identities, _ => [])));
            }
        }
    }

    private static List<PolicyIdentity> Identities(RandomClusters random)
    {
        var namespaces = random.Namespaces();
        return [.. random.Pods().Select((pod, index) => pod.Identity(256 + (uint)index, namespaces))];
    }
}
