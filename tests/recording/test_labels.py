"""What a capture is told apart by without being told: its host, git commit, pod and container."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from memscope.recording.labels import found_labels, labels_in

IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org")
CONTAINER = "0123456789ab" + 52 * "c"


def git(place: Path, *words: str) -> str:
    ran = subprocess.run(
        ["git", *IDENTITY, *words], cwd=place, capture_output=True, check=True, text=True
    )
    return ran.stdout.strip()


def commit_of(script: Path, root: Path) -> str | None:
    return found_labels(str(script), {}, root).get("commit")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    place = tmp_path / "project"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "app.py").touch()
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-qm", "Begin")
    return place


def test_the_commit_is_the_one_that_git_says(checkout: Path, tmp_path: Path) -> None:
    assert commit_of(checkout / "inner" / "app.py", tmp_path) == git(checkout, "rev-parse", "HEAD")


def test_of_packed_references_too(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "pack-refs", "--all")
    assert commit_of(checkout / "inner" / "app.py", tmp_path) == git(checkout, "rev-parse", "HEAD")


def test_of_a_detached_head_too(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    assert commit_of(checkout / "inner" / "app.py", tmp_path) == git(checkout, "rev-parse", "HEAD")


def test_of_a_worktree_too(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "Go on")
    script = tmp_path / "other" / "inner" / "app.py"
    head = git(tmp_path / "other", "rev-parse", "HEAD")
    assert head != git(checkout, "rev-parse", "HEAD")
    assert commit_of(script, tmp_path) == head


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ref: refs/heads/none",
        b"ref: ../secret",
        b"ref: refs/../../secret",
        b"ref: /etc/passwd",
        b"\xff\xfe",
        99 * b"0",
    ],
)
def test_a_head_that_is_none_gives_no_commit(tmp_path: Path, head: bytes) -> None:
    (tmp_path / ".git" / "refs").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_bytes(head)
    (tmp_path / "secret").write_text(40 * "a")
    (tmp_path / "app.py").touch()
    assert commit_of(tmp_path / "app.py", tmp_path) is None


def test_the_host_is_the_kernels(tmp_path: Path) -> None:
    assert found_labels("-c", {}, tmp_path)["host"] == os.uname().nodename


@pytest.mark.parametrize(
    ("environment", "pod"),
    [
        ({"HOSTNAME": "laptop"}, None),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "api-7f"}, "api-7f"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "a", "POD_NAME": "b"}, "b"),
    ],
)
def test_a_pod_is_known_in_kubernetes_alone(
    tmp_path: Path, environment: dict[str, str], pod: str | None
) -> None:
    assert found_labels("-c", environment, tmp_path).get("pod") == pod


@pytest.mark.parametrize(
    ("name", "line", "container"),
    [
        ("cgroup", f"0::/system.slice/docker-{CONTAINER}.scope", CONTAINER[:12]),
        ("cgroup", f"5:memory:/kubepods/burstable/pod1/{CONTAINER}", CONTAINER[:12]),
        ("cgroup", "0::/", None),
        (
            "mountinfo",
            f"1 2 8:1 /lib/docker/containers/{CONTAINER}/hostname /etc/hostname",
            CONTAINER[:12],
        ),
        ("mountinfo", f"1 2 8:1 /blobs/{CONTAINER} /data", None),
    ],
)
def test_a_container_is_known_by_its_cgroup_or_mounts(
    tmp_path: Path, name: str, line: str, container: str | None
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self" / name).write_text(f"{line}\n")
    assert found_labels("-c", {}, tmp_path).get("container") == container


def test_labels_of_the_environment_are_parted_by_commas() -> None:
    assert labels_in({"MEMSCOPE_LABELS": "service=api,version=1.4"}) == {
        "service": "api",
        "version": "1.4",
    }
    assert labels_in({}) == {}
    with pytest.raises(ValueError, match="MEMSCOPE_LABELS: 'api' is not a label"):
        labels_in({"MEMSCOPE_LABELS": "api"})
