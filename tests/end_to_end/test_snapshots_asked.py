"""`memscope snapshot PID --heap`: the objects of a running program, taken down when asked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from end_to_end.side_by_side import ENVIRONMENT

from memscope.capture import load

MEMSCOPE = [sys.executable, "-m", "memscope"]

SERVICE = """
import sys
from pathlib import Path

class Order:
    def __init__(self, number):
        self.text = "order %d" % number

class Cache:
    def __init__(self):
        self.entries = {}

cache = Cache()
for user in range(100):
    cache.entries["secret-%d" % user] = [Order(number) for number in range(50)]
Path("ready").touch()
while not Path("go").exists():
    WAITS
"""
WORKS = "[str(n) for n in range(1000)]"
IN_C = "__import__('time').sleep(30)"


@contextmanager
def running(place: Path, source: str, *options: str) -> Iterator[int]:
    """The number of `memscope run` while it runs the service; asked for its end afterwards."""
    (place / "service.py").write_text(source)
    (place / "go").unlink(missing_ok=True)
    command = [*MEMSCOPE, "run", "-q", "-o", "whole.mscope", *options, "service.py"]
    process = subprocess.Popen(command, cwd=place, env=ENVIRONMENT)
    try:
        while not (place / "ready").exists():
            assert process.poll() is None
            time.sleep(0.01)
        yield process.pid
    finally:
        (place / "go").touch()
        if IN_C in source:
            process.terminate()
        process.wait()


NOTHING_ALLOCATED = "the main thread allocated nothing for five seconds, or did not come by"


def ask(place: Path, pid: int, name: str, *options: str) -> str:
    command = [*MEMSCOPE, "snapshot", str(pid), "-o", name, *options]
    done = subprocess.run(command, cwd=place, env=ENVIRONMENT, capture_output=True, check=True)
    return done.stderr.decode()


def holders(path: Path) -> dict[str, object]:
    command = [*MEMSCOPE, "holders", "--json", str(path)]
    done = subprocess.run(
        command, cwd=path.parent, env=ENVIRONMENT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_objects_are_taken_down_when_asked(tmp_path: Path) -> None:
    with running(tmp_path, SERVICE.replace("WAITS", WORKS)) as pid:
        assert "no snapshot" not in ask(tmp_path, pid, "first.mscope", "--heap")
        ask(tmp_path, pid, "without.mscope")
        assert "no snapshot" not in ask(tmp_path, pid, "second.mscope", "--heap")
    first, second = (holders(tmp_path / name) for name in ("first.mscope", "second.mscope"))
    whole = holders(tmp_path / "whole.mscope")
    for document, count in ((first, 1), (second, 2), (whole, 2)):
        # None at the end, and none at peaks: nobody has asked for these.
        assert [taken["moment"] for taken in document["snapshots"]] == ["asked"] * count
        rows = [row for row in document["rows"] if row["path"] == "__main__.cache.entries"]
        assert len(rows) == 1
        kinds = {kind["type"] for kind in rows[0]["types"]}
        assert {"__main__.Order", "str", "list"} <= kinds
        # 5,000 orders and their texts, 100 lists and keys, the dictionary.
        assert rows[0]["retained_objects"] == 2 * 5000 + 2 * 100 + 1
    assert b"secret" not in (tmp_path / "second.mscope").read_bytes()


def test_beside_those_of_the_run(tmp_path: Path) -> None:
    options = ("--snapshot", "--snapshot-budget", "0%")
    with running(tmp_path, SERVICE.replace("WAITS", WORKS), *options) as pid:
        ask(tmp_path, pid, "now.mscope", "--heap")
    taken = holders(tmp_path / "whole.mscope")["snapshots"]
    assert [each["moment"] for each in taken] == ["asked", "end"]


@pytest.mark.parametrize(
    ("waits", "options", "why"),
    [
        (WORKS, ["--no-objects"], "objects are not recorded"),
        (IN_C, [], f"{NOTHING_ALLOCATED}; ask again, and have it work meanwhile"),
    ],
)
def test_why_there_is_none_is_said_and_the_capture_is_there(
    tmp_path: Path, waits: str, options: list[str], why: str
) -> None:
    with running(tmp_path, SERVICE.replace("WAITS", waits), *options) as pid:
        said = ask(tmp_path, pid, "now.mscope", "--heap")
    assert f"no snapshot of the objects: {why}" in said
    with load(tmp_path / "now.mscope") as capture:
        assert capture.complete
        assert capture.sums.total.live_bytes > 500_000
