namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Every contract, held against the lab's API server.</summary>
[CollectionDefinition]
public sealed class WithLabServer : ICollectionFixture<LabServer>;

[Collection(typeof(WithLabServer))]
public sealed class LabServerWriteTests(LabServer server) : WriteTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerListAndWatchTests(LabServer server) : ListAndWatchTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerInformerTests(LabServer server) : InformerTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerLeaderElectionTests(LabServer server) : LeaderElectionTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerKindTests(LabServer server) : KindTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerCustomResourceTests(LabServer server) : CustomResourceTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerCustomObjectTests(LabServer server) : CustomObjectTests(server);

[Collection(typeof(WithLabServer))]
public sealed class LabServerNetworkPolicyTests(LabServer server) : NetworkPolicyTests(server);
