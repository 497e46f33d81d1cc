namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Every contract, held against a real API server.</summary>
[CollectionDefinition]
public sealed class WithRealServer : ICollectionFixture<RealServer>;

[Collection(typeof(WithRealServer))]
public sealed class RealServerWriteTests(RealServer server) : WriteTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerListAndWatchTests(RealServer server) : ListAndWatchTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerInformerTests(RealServer server) : InformerTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerLeaderElectionTests(RealServer server) : LeaderElectionTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerKindTests(RealServer server) : KindTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerCustomResourceTests(RealServer server) : CustomResourceTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerCustomObjectTests(RealServer server) : CustomObjectTests(server);

[Collection(typeof(WithRealServer))]
public sealed class RealServerNetworkPolicyTests(RealServer server) : NetworkPolicyTests(server);
