// All tests share the maps of one datapath.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
