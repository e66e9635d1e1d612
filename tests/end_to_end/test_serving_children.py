"""Forked children that `--follow-fork` records are behind the one port, each and summed."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.side_by_side import ENVIRONMENT, kill_all
from exports.profile_proto import Profile

import memscope

PATIENCE_S = 120.0
COUNTS = (300, 500)  # blocks of the children
BLOCK_BYTES = sys.getsizeof(bytes(5000))
PROGRAM = f"""
import os, time
def until(name):
    while not os.path.exists(name):
        time.sleep(0.01)
kept = [bytes(5000) for _ in range(100)]  # of all
for count in {COUNTS}:
    if os.fork() == 0:
        mine = [bytes(5000) for _ in range(count)]  # of a child
        open(f"{{os.getpid()}}", "w").close()
        os.rename(f"{{os.getpid()}}", f"child-{{count}}-{{os.getpid()}}")
        until("go")
        os._exit(0)
until("go")
for _ in {COUNTS}:
    os.wait()
"""
OF_A_CHILD = next(n for n, text in enumerate(PROGRAM.splitlines(), 1) if "# of a child" in text)


class Served:
    """The program as it waits, and its children by how many blocks they have."""

    def __init__(self, place: Path, children: dict[int, int]) -> None:
        self.place = place
        self.children = children

    def get(self, path: str, status: int = 200) -> bytes:
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE_S)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.place / "socket"))
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == status, body
        return body

    def metrics(self) -> dict[str, float]:
        text = self.get("/metrics").decode()
        told = re.findall(r"^(memscope_\S+) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in told}


@contextlib.contextmanager
def running(place: Path, *options: str) -> Iterator[Served]:
    (place / "program.py").write_text(PROGRAM)
    command = ["run", "-q", "-o", "whole.mscope", "--serve", "unix:socket", *options, "program.py"]
    process = subprocess.Popen(
        [sys.executable, "-m", "memscope", *command],
        cwd=place,
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while len(found := list(place.glob("child-*-*"))) < len(COUNTS):
            assert time.monotonic() < until
            time.sleep(0.01)
        words = [path.name.split("-") for path in found]
        yield Served(place, {int(count): int(pid) for _, count, pid in words})
        (place / "go").touch()
        assert process.wait(PATIENCE_S) == 0
    finally:
        kill_all(process.pid)
        process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running(tmp_path_factory.mktemp("children"), "--follow-fork") as found:
        yield found


def test_each_child_has_its_own_profile(served: Served) -> None:
    for count, pid in served.children.items():
        profile = Profile()
        profile.ParseFromString(gzip.decompress(served.get(f"/debug/pprof/heap?pid={pid}")))
        text = profile.string_table
        in_use = [text[of.type] for of in profile.sample_type].index("inuse_objects")
        ours = {at.id for at in profile.location if at.line[0].line == OF_A_CHILD}
        large = [
            sample.value[in_use]
            for sample in profile.sample
            if sample.location_id[0] in ours
            and sample.value[in_use + 1] == sample.value[in_use] * BLOCK_BYTES
        ]
        assert sum(large) == count


def test_each_child_has_its_own_capture_and_page(served: Served, tmp_path: Path) -> None:
    for pid in served.children.values():
        path = tmp_path / f"{pid}.mscope"
        path.write_bytes(served.get(f"/snapshot?pid={pid}"))
        with memscope.load(path) as capture:
            assert (capture.meta.pid, capture.complete) == (pid, True)
        assert served.get(f"/report/data?pid={pid}")


def test_metrics_tell_each_and_the_sum(served: Served) -> None:
    told = served.metrics()
    assert told["memscope_children"] == len(COUNTS)
    children = 0.0
    for count, pid in served.children.items():
        live = told[f'memscope_child_live_bytes{{pid="{pid}"}}']
        assert 0 <= live - count * BLOCK_BYTES < 100_000
        assert told[f'memscope_child_resident_bytes{{pid="{pid}"}}'] > live
        assert told[f'memscope_child_dropped_events_total{{pid="{pid}"}}'] == 0
        children += live
    own = sum(value for name, value in told.items() if name.startswith("memscope_live_bytes{"))
    assert told["memscope_all_live_bytes"] == own + children


def test_the_list_of_children_says_what_they_hold(served: Served) -> None:
    lines = dict(line.split() for line in served.get("/children").decode().splitlines())
    assert set(map(int, lines)) == set(served.children.values())


def test_another_process_is_none_of_them(served: Served) -> None:
    said = served.get("/debug/pprof/heap?pid=1", 404).decode()
    for pid in served.children.values():
        assert str(pid) in said


def test_what_is_not_followed_is_not_there(tmp_path: Path) -> None:
    with running(tmp_path) as found:
        assert "see --follow-fork" in found.get("/snapshot?pid=1", 404).decode()
        assert found.get("/children") == b""
        assert not any("child" in name for name in found.metrics())


@pytest.mark.slow
def test_captures_at_the_end_are_as_if_nobody_had_asked(tmp_path: Path) -> None:
    with running(tmp_path, "--follow-fork") as found:
        for pid in found.children.values():
            found.get(f"/debug/pprof/heap?pid={pid}")
            found.get(f"/snapshot?pid={pid}")
        pids = found.children
    for count, pid in pids.items():
        with memscope.load(tmp_path / f"whole-{pid}.mscope") as capture:
            assert capture.complete
            assert capture.end is not None
            assert capture.end.reason == "exited"
            assert 0 <= capture.end.sums.live_bytes - count * BLOCK_BYTES < 100_000
