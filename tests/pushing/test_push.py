"""Profiles get to a receiver that shares no code with us, and a dead one harms nobody."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from capture.captures import shop
from cli.console import call, command, environment, inside
from pushing.receiver import Receiver, receiving

import memscope
from memscope.pushing.destinations import destination_of

ALLOCATED = ("alloc_objects", "alloc_space")
FIGURES = {
    "alloc_objects": "allocations",
    "alloc_space": "allocated_bytes",
    "inuse_objects": "live_blocks",
    "inuse_space": "live_bytes",
    "peak_space": "peak_bytes",
}
SECRET = "somebody:a-secret-of-many-letters"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "app.mscope"
    path.write_bytes(shop(labels={"service": "api", "version": "1.4", "odd": "a b"}).build())
    return path


def test_a_capture_gets_to_pyroscope_with_its_name_and_labels(capture: Path) -> None:
    with receiving() as receiver:
        ran = inside("push", capture, receiver.url)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    (received,) = receiver.taken
    assert received.path.startswith("/ingest?")
    query = received.query
    assert query["name"] == "api{version=1.4}"
    assert (query["format"], query["spyName"]) == ("pprof", "memscope")
    assert int(query["until"]) > int(query["from"])
    totals = json.loads(inside("summary", "--json", capture).stdout)["totals"]
    assert {name: received.sums()[name] for name in FIGURES} == {
        name: totals[figure] for name, figure in FIGURES.items()
    }
    types = received.types()
    assert types["alloc_space"] == {
        "units": "bytes", "display-name": "alloc_space", "aggregation": "sum", "sampled": False,
    }  # fmt: skip
    assert types["inuse_objects"]["aggregation"] == "average"


def test_any_receiver_of_pprof_gets_the_profile_as_it_is(capture: Path) -> None:
    with receiving() as receiver:
        ran = inside("push", "--push-as", "pprof", capture, f"{receiver.url}/profiles?of=api")
    assert ran.returncode == 0, ran.stderr
    (received,) = receiver.taken
    assert received.path == "/profiles?of=api"
    assert received.headers["Content-Type"] == "application/octet-stream"
    assert received.sums()["alloc_space"] > 0


@pytest.mark.parametrize(
    ("statuses", "status", "requests", "message"),
    [
        ((503, 200), 0, 2, "is at http://127.0.0.1"),
        ((401, 200), 1, 1, "did not take the profile: 401"),
        ((302, 200), 1, 1, "did not take the profile: 302"),
    ],
)
def test_what_may_pass_is_tried_again(
    capture: Path, statuses: tuple[int, ...], status: int, requests: int, message: str
) -> None:
    with receiving(*statuses) as receiver:
        ran = inside("push", capture, receiver.url)
    assert ran.returncode == status
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert len(receiver.refused) + len(receiver.taken) == requests


# ---- while a program runs ----------------------------------------------------------------------

PROGRAM = """
import os, sys, time
kept = []
while not os.path.exists(sys.argv[1]):
    kept.append(bytes(1000))
    [bytes(200) for _ in range(5)]
    time.sleep(0.002)
print("over")
sys.exit(3)
"""


def run_until(place: Path, receiver: Receiver, count: int, *words: str) -> None:
    """Runs the program until so many profiles were taken."""
    (place / "app.py").write_text(PROGRAM)
    script = ("run", "-q", "-f", "-o", "app.mscope", "--push", receiver.url, "--push-every", "1s",
              "--label", "service=api", *words, "app.py", "stop")  # fmt: skip
    running = subprocess.Popen(
        command(*script), cwd=place, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        receiver.wait(count)
    finally:
        (place / "stop").touch()
        output, errors = running.communicate(timeout=300)
    assert (running.returncode, output, errors) == (3, "over\n", "")


def test_what_is_pushed_adds_up_to_the_capture(tmp_path: Path) -> None:
    # The second attempt is refused and comes again; nothing of it is lost, or comes twice.
    with receiving(200, 503, 200) as receiver:
        run_until(tmp_path, receiver, 2)
    assert len(receiver.refused) == 1
    sums: Counter[str] = Counter()
    for received in receiver.taken:
        assert received.query["name"].startswith("api{host=")
        told = received.sums()
        sums.update({name: told[name] for name in ALLOCATED})
        assert 0 < told["inuse_space"] <= told["peak_space"]
    with memscope.load(tmp_path / "app.mscope") as capture:
        total = capture.sums.total
    assert sums == {"alloc_objects": total.allocations, "alloc_space": total.allocated_bytes}
    assert receiver.refused[0].sums() == receiver.taken[1].sums()
    times = [(int(of.query["from"]), int(of.query["until"])) for of in receiver.taken]
    assert all(before[1] <= after[0] + 1 for before, after in pairwise(times))


@pytest.mark.parametrize("listens", [False, True], ids=["refuses", "never answers"])
def test_a_dead_receiver_changes_nothing_in_the_program(tmp_path: Path, listens: bool) -> None:
    (tmp_path / "app.py").write_text("import sys; print('over'); sys.exit(3)")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        if listens:
            door.listen()
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        ran = call("run", "-q", "-o", "app.mscope", "--push", url, "app.py", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "over\n")
    assert f"not all profiles were taken by {url}" in ran.stderr
    with memscope.load(tmp_path / "app.mscope") as capture:
        assert capture.complete


def test_a_program_that_is_killed_is_told_of_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os; kept = bytes(10**6); os.kill(os.getpid(), 9)")
    with receiving() as receiver:
        ran = call("run", "-q", "--push", receiver.url, "app.py", cwd=tmp_path)
    assert ran.returncode == -signal.SIGKILL
    (received,) = receiver.taken  # another one would say that it still ran
    assert received.sums()["inuse_space"] >= 10**6


# ---- credentials -------------------------------------------------------------------------------


def test_credentials_get_to_the_receiver_and_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    (tmp_path / "app.py").write_text(
        "import os\n"
        "for pid in (os.getpid(), os.getppid()):\n"
        "    print(open(f'/proc/{pid}/cmdline').read())\n"
        "print(os.environ)\n"
    )
    with receiving() as receiver:
        words = ("--push", receiver.url, "--push-credentials", secret)
        ran = call("run", "-o", "app.mscope", *words, "app.py", cwd=tmp_path)
    assert ran.returncode == 0
    header = receiver.taken[0].headers["Authorization"]
    assert header == "Basic c29tZWJvZHk6YS1zZWNyZXQtb2YtbWFueS1sZXR0ZXJz"
    for text in (ran.stdout, ran.stderr, inside("info", "--json", tmp_path / "app.mscope").stdout):
        assert SECRET not in text
        assert header not in text
    assert SECRET.encode() not in (tmp_path / "app.mscope").read_bytes()


def test_tokens_and_tenants_come_from_the_environment(capture: Path) -> None:
    told = {"MEMSCOPE_PUSH_CREDENTIALS": "token-of-mine", "MEMSCOPE_PUSH_TENANT": "team-1"}
    with receiving() as receiver:
        assert call("push", capture, receiver.url, env=told).returncode == 0
    headers = receiver.taken[0].headers
    assert (headers["Authorization"], headers["X-Scope-OrgID"]) == (
        "Bearer token-of-mine",
        "team-1",
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://me:secret@localhost:4040", "all users see what is in a URL"),
        ("localhost:4040", "is no URL such as"),
        ("ftp://localhost", "is no URL such as"),
        ("http://localhost:port", "is no URL"),
        ("http://a..b", "is no URL: no host is called so"),
        (f"http://{'a' * 64}", "is no URL: no host is called so"),
        ("http://elsewhere.example:4040", "credentials go by https alone"),
    ],
)
def test_what_would_give_secrets_away_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        destination_of(url, "pyroscope", None, {"MEMSCOPE_PUSH_CREDENTIALS": SECRET})
    assert "secret@" not in str(raised.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    with pytest.raises(ValueError, match="may be read by others"):
        destination_of("https://example.org", "pprof", secret, {})


def test_wrong_usage_is_told_before_the_program_runs(tmp_path: Path) -> None:
    for words in (["--push", "nowhere"], ["--push", "http://a..b"], ["--push-every", "5s"]):
        ran = call("run", *words, "-c", "print('ran')", cwd=tmp_path)
        assert (ran.returncode, ran.stdout) == (2, ""), words
        assert os.listdir(tmp_path) == []


def test_no_secret_is_shown_where_a_destination_is(tmp_path: Path) -> None:
    told = {"MEMSCOPE_PUSH_CREDENTIALS": SECRET}
    made = destination_of("https://example.org/base", "pyroscope", None, told)
    assert made.path == "/base/ingest"
    assert "c29t" not in repr(made)
    assert SECRET not in repr(made)


# ---- forked children ---------------------------------------------------------------------------

FORKING = """
import os, sys, time
from pathlib import Path
kept = []
for number in (1, 2):
    if os.fork() == 0:
        while not Path(sys.argv[1]).exists():
            kept.append(bytes(1000 * number))
            time.sleep(0.005)
            if number == 2 and Path("end").exists():
                os._exit(0)
        os._exit(0)
while not Path(sys.argv[1]).exists():
    time.sleep(0.01)
os.wait(); os.wait()
"""


@pytest.mark.slow
def test_each_forked_child_is_pushed_by_its_number(tmp_path: Path) -> None:
    """One ends before the program does: what it did last comes with its last profile."""
    (tmp_path / "app.py").write_text(FORKING)
    with receiving() as receiver:
        script = ("run", "-q", "--follow-fork", "-o", "app.mscope", "--push", receiver.url,
                  "--push-every", "1s", "--label", "service=api", "app.py", "stop")  # fmt: skip
        running = subprocess.Popen(command(*script), cwd=tmp_path, env=environment())
        try:
            receiver.wait(5)
            (tmp_path / "end").touch()
            receiver.wait(8)
        finally:
            (tmp_path / "stop").touch()
            assert running.wait(300) == 0
    sums: dict[str, Counter[str]] = {}
    for received in receiver.taken:
        pid = "".join(re.findall(r"pid=(\d+)", received.query["name"]))
        told = received.sums()
        sums.setdefault(pid, Counter()).update({name: told[name] for name in ALLOCATED})
    captures = {path.stem.partition("-")[2]: path for path in tmp_path.glob("app*.mscope")}
    assert len(captures) == 3
    for pid, path in captures.items():
        with memscope.load(path) as capture:
            total = capture.sums.total
        assert sums[pid] == {
            "alloc_objects": total.allocations, "alloc_space": total.allocated_bytes
        }  # fmt: skip
