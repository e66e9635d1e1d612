"""Limits are found where the kernel documents them, in trees that were made by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from memscope.recording.memorylimits import group_limit, limits_of

MIB = 1 << 20


def tree(root: Path, cgroup: str, files: dict[str, str]) -> Path:
    for name, text in {"proc/7/cgroup": cgroup, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def version_2(
    place: str, limit: str, current: int, inactive: int = 0, kills: int = 0
) -> dict[str, str]:
    return {
        f"sys/fs/cgroup{place}/memory.max": f"{limit}\n",
        f"sys/fs/cgroup{place}/memory.current": f"{current}\n",
        f"sys/fs/cgroup{place}/memory.stat": f"anon 1\ninactive_file {inactive}\nactive_file 5\n",
        f"sys/fs/cgroup{place}/memory.events": f"low 0\noom 9\noom_kill {kills}\n",
    }


def test_version_2_has_the_limit_of_the_group_without_files_that_can_go(tmp_path: Path) -> None:
    files = version_2("/a/b", str(512 * MIB), 400 * MIB, 100 * MIB, 3)
    found = group_limit(7, tree(tmp_path, "0::/a/b\n", files))
    assert found is not None
    assert (found.source, found.limit_bytes, found.used_bytes, found.kills) == (
        "cgroup", 512 * MIB, 300 * MIB, 3,
    )  # fmt: skip
    assert found.share == 300 / 512


def test_the_tightest_of_all_groups_above_counts(tmp_path: Path) -> None:
    files = version_2("/a/b", "max", MIB) | version_2("/a", str(64 * MIB), 60 * MIB)
    files |= version_2("", str(512 * MIB), 400 * MIB)
    found = group_limit(7, tree(tmp_path, "0::/a/b\n", files))
    assert found is not None
    assert found.limit_bytes == 64 * MIB


def test_the_tightest_is_the_one_with_least_left(tmp_path: Path) -> None:
    """Not the smallest: others in a larger group may have filled it."""
    files = version_2("/a/b", str(64 * MIB), 10 * MIB) | version_2("/a", str(512 * MIB), 500 * MIB)
    found = group_limit(7, tree(tmp_path, "0::/a/b\n", files))
    assert found is not None
    assert found.limit_bytes == 512 * MIB


def test_in_a_container_the_top_of_what_is_seen_is_its_own(tmp_path: Path) -> None:
    for number, cgroup in enumerate(("0::/\n", "0::/../../of/the/host\n")):
        found = group_limit(
            7, tree(tmp_path / str(number), cgroup, version_2("", str(32 * MIB), MIB))
        )
        assert found is not None
        assert found.limit_bytes == 32 * MIB


def test_version_1_is_known_too(tmp_path: Path) -> None:
    base = "sys/fs/cgroup/memory/job"
    files = {
        f"{base}/memory.limit_in_bytes": f"{128 * MIB}\n",
        f"{base}/memory.usage_in_bytes": f"{100 * MIB}\n",
        f"{base}/memory.stat": f"cache 5\ntotal_inactive_file {4 * MIB}\n",
        f"{base}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
    }
    found = group_limit(7, tree(tmp_path, "5:cpu:/\n4:memory:/job\n0::/\n", files))
    assert found is not None
    assert (found.limit_bytes, found.used_bytes, found.kills) == (128 * MIB, 96 * MIB, 1)


@pytest.mark.parametrize("cgroup", ["", "0::/\n", "nonsense\n:::\n", "4:memory:/gone\n"])
def test_where_there_is_no_limit_none_is_found(tmp_path: Path, cgroup: str) -> None:
    files = version_2("", "max", MIB) | {"sys/fs/cgroup/x/memory.max": "what\n"}
    assert group_limit(7, tree(tmp_path, cgroup, files)) is None
    assert group_limit(8, tmp_path) is None


def test_a_process_has_its_own_limits(tmp_path: Path) -> None:
    limit = 8 << 30
    script = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}));"
        " print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = {each.source: each for each in limits_of(process.pid, 100 * MIB, tmp_path)}
        assert process.stdin is not None
        process.stdin.close()
    assert set(found) == {"given", "RLIMIT_AS"}
    assert found["RLIMIT_AS"].limit_bytes == limit
    assert MIB < found["given"].used_bytes < found["RLIMIT_AS"].used_bytes < limit
    assert limits_of(process.pid, 100 * MIB, tmp_path) == []
