"""What `memscope run --serve` answers is what is known of the program, which notices nothing."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import itertools
import json
import re
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from end_to_end.in_between import AT_THE_END, IN_BETWEEN, PROGRAM, figures_of, waiting
from end_to_end.side_by_side import Bench
from exports.profile_proto import Profile

import memscope

PATIENCE_S = 120.0
SOURCE = PROGRAM.splitlines()
SAMPLE_TYPES = ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))  # with a time limit it would not wait at a full queue
        self.sock.settimeout(PATIENCE_S)


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    place: Path

    def get(
        self, path: str, status: int = 200, method: str = "GET", host: str = "", token: str = ""
    ) -> bytes:
        connection = UnixConnection(self.place / "socket")
        headers = {"Host": host, "Authorization": f"Bearer {token}" if token else ""}
        given = {name: value for name, value in headers.items() if value}
        connection.request(method, path, headers=given)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == status, body
        return body

    def profile(self, path: str) -> dict[str, dict[str, int]]:
        """By line of the script that ends with a comment; the sums of each sample type."""
        profile = Profile()
        profile.ParseFromString(gzip.decompress(self.get(path)))
        text = profile.string_table
        types = [text[of.type] for of in profile.sample_type]
        functions = {function.id: text[function.filename] for function in profile.function}
        lines = {
            location.id: (functions[location.line[0].function_id], location.line[0].line)
            for location in profile.location
        }
        found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(types, 0))
        for sample in profile.sample:
            file, line = lines[sample.location_id[0]]
            comment = SOURCE[line - 1].partition("  # ")[2] if file.endswith("known.py") else ""
            for of, value in zip(types, sample.value, strict=True):
                found[comment][of] += value
        found[""]["default"] = types.index(text[profile.default_sample_type])
        return found


@contextlib.contextmanager
def serving(place: Path, *options: str) -> Iterator[Served]:
    with waiting(place, "--serve", "unix:socket", *options) as process:
        yield Served(process, place)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("served")
    with serving(place) as served:
        yield served


def told(profile: dict[str, dict[str, int]]) -> dict[str, tuple[int, ...]]:
    """Of the known lines, as IN_BETWEEN has them."""
    return {
        comment: (*(values[of] for of in SAMPLE_TYPES), values["peak_space"])
        for comment, values in profile.items()
        if comment
    }


@pytest.mark.parametrize(("kind", "default"), [("heap", "inuse_space"), ("allocs", "alloc_space")])
def test_profiles_have_the_known_figures(served: Served, kind: str, default: str) -> None:
    profile = served.profile(f"/debug/pprof/{kind}?gc=1&debug=0")
    assert told(profile) == IN_BETWEEN
    assert profile[""]["default"] == SAMPLE_TYPES.index(default)


@pytest.mark.slow
def test_a_difference_while_the_program_waits_is_nothing_of_its_lines(served: Served) -> None:
    profile = served.profile("/debug/pprof/heap?seconds=1")
    assert {key: value for key, value in told(profile).items() if any(value)} == {}


@pytest.mark.slow
def test_a_delta_leaves_what_is_in_use_as_it_is(served: Served) -> None:
    first = told(served.profile("/debug/pprof/delta_heap"))
    assert first == IN_BETWEEN  # since the start
    in_use = {key: (0, 0, *value[2:]) for key, value in IN_BETWEEN.items() if any(value[2:])}
    for path in ("/debug/pprof/delta_heap", "/debug/pprof/delta_heap?seconds=1"):
        assert told(served.profile(path)) == in_use


def test_the_text_form_has_the_known_figures(served: Served) -> None:
    lines = served.get("/debug/pprof/heap?debug=1").decode().splitlines()
    assert re.fullmatch(r"heap profile: \d+: \d+ \[\d+: \d+\] @ heap/1", lines[0])
    found = set()
    for sample, leaf in itertools.pairwise(lines):
        figures = re.match(r"(\d+): (\d+) \[(\d+): (\d+)\] @ 0x", sample)
        at = re.fullmatch(r"#\t0x[0-9a-f]+\tknown\+0x0\t.*/known.py:(\d+)", leaf)
        if figures and at:
            blocks, live, calls, requested = map(int, figures.groups())
            comment = SOURCE[int(at[1]) - 1].partition("  # ")[2]
            found.add((comment, calls, requested, blocks, live))
    assert {(name, *values[:4]) for name, values in IN_BETWEEN.items()} <= found


def test_a_snapshot_is_a_whole_capture(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "now.mscope"
    path.write_bytes(served.get("/snapshot"))
    assert figures_of(path, SOURCE) == IN_BETWEEN
    with memscope.load(path) as capture:
        assert capture.complete


def test_the_page_may_only_ask_where_it_comes_from(served: Served) -> None:
    connection = UnixConnection(served.place / "socket")
    connection.request("GET", "/")
    response = connection.getresponse()
    text = response.read().decode()
    policy = response.headers["Content-Security-Policy"]
    for word in ("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"):
        assert word in policy
    assert "unsafe" not in policy
    assert "python known.py" in text


def test_metrics_are_those_of_the_recording(served: Served, tmp_path: Path) -> None:
    """Held against a capture of nearly the same moment: all the program does is wait."""
    path = tmp_path / "now.mscope"
    path.write_bytes(served.get("/snapshot"))
    text = served.get("/metrics").decode()
    values = dict(re.findall(r"^(memscope_\S+) (\S+)$", text, re.MULTILINE))
    with memscope.load(path) as capture:
        assert capture.end is not None
        for name, sums in capture.end.domains.items():
            live = float(values[f'memscope_live_bytes{{domain="{name}"}}'])
            assert live == pytest.approx(sums.live_bytes, abs=4096)
            calls = float(values[f'memscope_allocations_total{{domain="{name}"}}'])
            assert sums.allocations <= calls
        assert float(values["memscope_peak_bytes"]) == capture.end.sums.peak_bytes
    assert float(values["memscope_dropped_events_total"]) == 0
    assert float(values["memscope_resident_bytes"]) > 2_000_000


def test_the_command_is_told_and_addresses_have_no_names(served: Served) -> None:
    assert served.get("/debug/pprof/cmdline").split(b"\0") == [b"python", b"known.py"]
    assert served.get("/debug/pprof/symbol") == b"num_symbols: 0\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/report/", 404),
        ("/debug/pprof/heap/", 404),
        ("/debug/pprof/heap?seconds=x", 400),
        ("/debug/pprof/heap?seconds=301", 400),
        ("/debug/pprof/heap?seconds=1&debug=1", 400),
        ("/debug/pprof/delta_heap?debug=1", 400),
    ],
)
def test_what_there_is_not_is_refused(served: Served, path: str, status: int) -> None:
    assert b"\n" not in served.get(path, status).rstrip(b"\n")


def test_a_name_that_leads_here_from_elsewhere_is_not_served(served: Served) -> None:
    served.get("/metrics", 421, host="rebound.example:6060")


def test_the_program_ends_as_it_does_unserved(tmp_path: Path) -> None:
    """Under clients of all kinds; and nothing stays behind."""
    with serving(tmp_path) as served:
        silent = [socket.socket(socket.AF_UNIX) for _ in range(40)]
        for client in silent:
            client.connect(str(tmp_path / "socket"))
        for _ in range(3):
            served.get("/snapshot")
            served.get("/metrics")
            served.get("/debug/pprof/heap", 405, "POST")
        silent[0].send(b"GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        silent[1].send(b"\0" * 100_000)
    for client in silent:
        client.close()
    assert figures_of(tmp_path / "whole.mscope", SOURCE) == AT_THE_END
    assert {path.name for path in tmp_path.iterdir()} == {"known.py", "whole.mscope", "ready", "go"}
    with memscope.load(tmp_path / "whole.mscope") as capture:
        assert capture.complete
        assert capture.end is not None
        assert (capture.end.waits, capture.end.reason) == (0, "exited")


def test_a_thousand_strangers_change_nothing(tmp_path: Path) -> None:
    """They have no token, or a wrong one, say nothing, half of it or rubbish, and stay."""
    token = "0123456789abcdef"
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    says = (
        b"",
        b"GET /metrics HT",
        b"\0" * 20_000,
        b"GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
        b"GET /snapshot HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n\r\n",
    )
    with serving(tmp_path, "--serve-token-file", "token") as served, contextlib.ExitStack() as stay:
        for number in range(1000):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            try:
                client.connect(str(tmp_path / "socket"))
            except BlockingIOError:  # the queue at the door is full
                client.close()
                continue
            stay.enter_context(client)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                client.send(says[number % len(says)])
        served.get("/metrics", 401)
        served.get("/metrics", 401, token=token[:-1] + "X")
        assert b"memscope_waits_total 0\n" in served.get("/metrics", token=token)
    assert figures_of(tmp_path / "whole.mscope", SOURCE) == AT_THE_END
    with memscope.load(tmp_path / "whole.mscope") as capture:
        assert capture.complete
        assert capture.end is not None
        assert (capture.end.waits, capture.end.reason) == (0, "exited")


def refused(bench: Bench, *options: str, environment: dict[str, str] | None = None) -> str:
    """What is said of wrong usage: in one line, and nothing has run."""
    bench.write("program.py", "open('ran', 'w')")
    ran = bench.recorded("program.py", options=["-q", *options], environment=environment or {})
    assert ran.status == 2
    assert not (bench.cwd / "ran").exists()
    assert not bench.capture.exists()
    return ran.stderr.decode().splitlines()[-1]


def test_an_address_that_cannot_be_had_is_wrong_usage(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused(bench, "--serve", f":{port}")
    assert f"cannot listen at :{port}: Address already in use" in told


@pytest.mark.parametrize(
    "options",
    [
        ["--serve", "0.0.0.0:0"],
        ["--serve=nonsense"],
        ["--serve-token-file", "there-is-none"],
        ["--serve", "--serve-token-file", "there-is-none"],
    ],
)
def test_wrong_usage_is_said_in_one_line(bench: Bench, options: list[str]) -> None:
    assert refused(bench, *options).startswith("Error: ")


def test_a_port_that_the_kernel_chose_is_told(bench: Bench) -> None:
    bench.write("program.py", "pass")
    ran = bench.recorded("program.py", options=["-q", "--serve", ":0"])
    assert ran.status == 0
    assert re.fullmatch(rb"memscope: serving http://127\.0\.0\.1:[1-9]\d+\n", ran.stderr)


def test_what_follows_serve_is_the_program_unless_it_is_an_address(bench: Bench) -> None:
    """The default port may be taken: then that is what is said."""
    bench.write("program.py", "print('ran')")
    ran = bench.recorded("program.py", options=["-q", "--serve"])
    taken = ran.status == 2 and b"127.0.0.1:6060: Address already in use" in ran.stderr
    assert taken or ran.stdout == b"ran\n"


def test_json_of_a_summary_says_that_it_is_interim(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "now.mscope"
    path.write_bytes(served.get("/snapshot"))
    done = subprocess.run(
        [sys.executable, "-m", "memscope", "summary", "--json", str(path)],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["capture"]["interim"] is True
