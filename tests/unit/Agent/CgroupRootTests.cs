using Weft.Agent.Services;

namespace Weft.Tests.Unit.Agent;

public sealed class CgroupRootTests
{
    private const string Pure = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw";
    private const string First = "31 24 0:27 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755";
    private const string Hybrid = "32 31 0:28 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw";
    private const string Version1 =
        "33 31 0:29 / /sys/fs/cgroup/cpu rw,nosuid shared:1 master:2 - cgroup cgroup rw,cpu";
    private const string Elsewhere = "34 24 0:30 / /run/other rw - cgroup2 cgroup2 rw";

    [Fact]
    public void It_is_the_mounted_one_where_there_is_but_version_2() =>
        Assert.Equal("/sys/fs/cgroup", CgroupRoot.Find([Pure]));

    [Fact]
    public void It_is_the_one_beside_those_of_version_1() =>
        Assert.Equal("/sys/fs/cgroup/unified", CgroupRoot.Find([First, Version1, Hybrid]));

    [Fact]
    public void One_that_is_mounted_elsewhere_is_somebody_elses() =>
        Assert.Null(CgroupRoot.Find([First, Version1, Elsewhere]));
}
