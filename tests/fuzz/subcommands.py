"""Puts every subcommand to mutants, in this process, and checks what it says.

    python -m fuzz.subcommands --seeds 60                  # in tests/: seeds 0 to 59
    python -m fuzz.subcommands --seconds 900 --first 1000  # as many as that time allows
    python -m fuzz.subcommands --first 17 --seeds 1        # one again

Prints a line for each failure. A subcommand ends with status 0, or with 1 and exactly one line that
says why; within its limits of time, memory and output; and no name from the capture reaches a
terminal as a control character, or a page as markup. Should the process die, or hang in one call,
the last line that it printed names the seed.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TextIO

from fuzz import oracles
from fuzz.mutants import mutant
from golden.make import GOLDEN

from memscope.exports.registry import BUILT_IN

CPU_SECONDS = 60  # of one subcommand; mutants are small, and a busy machine takes hardly more of it
STUCK_SECONDS = 300  # of the clock, without an end: blocked, or in one endless call
MEMORY_BYTES = 2 << 30  # of address space beyond what the process has before the first mutant
OUTPUT_BYTES = 1 << 30
BYS = ("allocated_bytes", "allocations", "peak_bytes", "live_bytes", "short_lived")
IMPORTS_BYS = ("live_bytes", "allocated_bytes")
GROUPS = ("stack", "line", "function", "file")
FORMATS = tuple(sorted(BUILT_IN))


class TooSlowError(BaseException):
    """Not an Exception, so that no subcommand takes it for one of its own failures."""


@dataclass(frozen=True)
class Answer:
    """What one subcommand came to."""

    status: int | None
    out: bytes
    err: bytes


def sparse(path: Path, size: int) -> str:
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


def traps(place: Path) -> list[str]:
    """Files that a capture may name as sources, and that nobody should read to their end."""
    pipe = place / "pipe.py"
    os.mkfifo(pipe)
    deep = place / "deep.py"
    deep.write_text("x = " + "(" * 150 + ")" * 150 + "\ny = " + "-" * 90_000 + "1\n" * 20)
    wild = place / "wild.py"
    wild.write_bytes(b"x = '\x1b[31m<x-evil onevil=1>\xff'\n" * 200)
    loop = place / "loop.py"
    loop.symlink_to(loop)
    evil = place / "evil.py"
    evil.write_text("def f(rows):\n    out = ''\n    for row in rows:\n"
                    "        out += '</script><x-evil onevil=1>\x1b[31m' + row\n" * 40)  # fmt: skip
    files = [str(path) for path in (pipe, deep, wild, loop, evil, place)]
    return [
        *files,
        sparse(place / "large.py", 1 << 40),
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/mem",
    ]


def commands(capture: str, out: str, choose: random.Random) -> list[list[str]]:
    """Every subcommand with and without --json, and every format; options as they come."""
    by, group = choose.choice(BYS), choose.choice(GROUPS)
    shown = choose.choice(("0", "3", "20"))
    read = [
        ["info"], ["summary"], ["sizes"], ["sizes", "--by-site", "-n", shown], ["gc"],
        ["hotspots", "--by", by, "--group", group, "-n", shown],
        ["hotspots", "--group", "stack", *choose.choice(([], ["--own"], ["--no-imports"]))],
        ["tree", "--by", by, "--threshold", choose.choice(("0", "1", "50"))],
        ["lifetimes", "--group", group, "-n", shown], ["timeline"], ["timeline", "--cohorts"],
        ["growth", "-n", shown], ["fragmentation", "--at", choose.choice(("worst", "end", "low"))],
        ["advise", "--no-calibration", "-n", shown],
        ["rss", "--at", choose.choice(("peak", "end")), "-n", shown],
        ["imports", "-n", shown], ["imports", "--by", choose.choice(IMPORTS_BYS), "-n", "3"],
        ["holders", "-n", shown], ["holders", "--at", choose.choice(("1", "2", "9")), "-n", shown],
    ]  # fmt: skip
    answers = [[*words, capture, *kind] for words in read for kind in ([], ["--json"])]
    what = choose.choice(("Shop.Order", "dict", "app.py:5"))
    answers += [["why", capture, what, "-n", shown, *kind] for kind in ([], ["--json"])]
    answers += [["summary", capture, str(GOLDEN), *kind] for kind in ([], ["--json"])]
    answers += [["merge", capture, str(GOLDEN), "--force", "-o", f"{out}.mscope"]]
    answers += [["info", f"{out}.mscope"], ["summary", "--json", f"{out}.mscope"]]
    if find_spec("pyarrow"):
        answers += [["export", "-f", "parquet", capture, f"{out}.set"]]
    sides = [[capture, str(GOLDEN)], [str(GOLDEN), capture]]
    site = choose.choice(GROUPS[1:])
    many = [capture, str(GOLDEN), "vs", str(GOLDEN), capture, capture]
    for side in (choose.choice(sides), many):
        answers += [["compare", "--group", site, *kind, *side] for kind in ([], ["--json"])]
    pages = [[capture], choose.choice(sides)]
    answers += [["report", *page, "--force", "-o", f"{out}.html"] for page in pages]
    redact = choose.choice(([], ["--redact"]))
    answers += [["export", *redact, "-f", name, capture, "-o", out, "--force"] for name in FORMATS]
    return answers


@contextmanager
def limited_cpu() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def ask(words: Sequence[str], *, colour: bool = False) -> Answer:
    """What `memscope words` does, without a process of its own."""
    from memscope.cli.main import main

    out, err = io.BytesIO(), io.BytesIO()
    before = sys.argv, sys.stdout, sys.stderr
    sys.argv = ["memscope", *words]
    streams = [io.TextIOWrapper(stream, "utf-8", write_through=True) for stream in (out, err)]
    sys.stdout, sys.stderr = streams
    if colour:
        os.environ["FORCE_COLOR"] = "1"
    status: int | None = None
    faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True, file=before[2])
    try:
        with limited_cpu():
            main()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except TooSlowError:
        err.write(f"took more than {CPU_SECONDS} s\n{traceback.format_exc()[-1500:]}".encode())
    except BaseException:
        err.write(traceback.format_exc()[-3000:].encode("utf-8", "backslashreplace"))
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.environ.pop("FORCE_COLOR", None)
        sys.argv, sys.stdout, sys.stderr = before
        for stream in streams:
            stream.detach()
    return Answer(status, out.getvalue(), err.getvalue())


def problem(words: Sequence[str], answer: Answer, made: Path, *, colour: bool) -> str | None:
    """What is wrong with an answer, or None."""
    told = answer.err.decode("utf-8", "backslashreplace")
    if answer.status not in (0, 1) or "Traceback" in told:
        return f"status {answer.status}: {told}"
    if "not enough memory" in told:
        return "took more memory than a capture of that size may"
    if found := oracles.unprintable(told):
        return f"{found} on stderr"
    if answer.status == 1:
        one = told.startswith("memscope: ") and len(told.splitlines()) == 1
        return None if one else f"ended with status 1 and {told[:500]!r}"
    if "parquet" in words:
        return None  # pyarrow has written it
    return wrong_with_output(words, answer.out, made, colour=colour)


def wrong_with_output(words: Sequence[str], out: bytes, made: Path, *, colour: bool) -> str | None:
    to_file = words[0] in ("report", "export")
    size = made.stat().st_size if to_file else len(out)
    if size > OUTPUT_BYTES:
        return f"wrote {size:,} bytes"
    if to_file:
        name = words[words.index("-f") + 1] if words[0] == "export" else "report"
        return oracles.wrong_with_file(name, made)
    if "--json" in words:
        return oracles.wrong_with_json(out)
    return oracles.wrong_on_terminal(out.decode("utf-8", "replace"), colour=colour)


def read_all(capture: Path) -> None:
    """What only the Python interface gives."""
    import memscope
    from memscope.errors import MemscopeError

    try:
        with memscope.load(capture) as opened:
            for events in opened.events():
                assert len(events.kind) == len(events.stack)
            for window in opened.windows():
                assert len(window.row) == len(window.allocations)
            str(opened.notes)
    except MemscopeError:
        return


def put_to(seed: int, place: Path, trapped: Sequence[str], most: int = 0) -> list[tuple[str, str]]:
    """Every subcommand on the mutant of a seed, or `most` of them: subcommands and problems."""
    data, _ = mutant(seed, trapped)
    capture = place / "mutant.mscope"
    capture.write_bytes(data)
    choose = random.Random(-seed)
    found = []
    wanted = commands(str(capture), str(place / "answer"), choose)
    for words in choose.sample(wanted, most) if most else wanted:
        if "perfetto" in words and not oracles.PERFETTO:
            continue
        made = place / ("answer.html" if words[0] == "report" else "answer")
        made.unlink(missing_ok=True)
        colour = "--json" not in words and choose.random() < 0.3
        wrong = problem(words, ask(words, colour=colour), made, colour=colour)
        gc.collect()
        if wrong is not None:
            found.append((" ".join(words), wrong))
    try:
        with limited_cpu():
            read_all(capture)
    except BaseException:
        found.append(("load", traceback.format_exc()[-3000:]))
    return found


def limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def warm_up(place: Path) -> None:
    """The golden capture: what fails with this one is no find. Imports what subcommands import."""
    capture = place / "mutant.mscope"
    shutil.copy(GOLDEN, capture)
    for words in commands(str(capture), str(place / "answer"), random.Random(0)):
        if "perfetto" in words and not oracles.PERFETTO:
            continue
        made = place / ("answer.html" if words[0] == "report" else "answer")
        made.unlink(missing_ok=True)
        wrong = problem(words, ask(words), made, colour=False)
        assert wrong is None, (words, wrong)


def say(line: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    stream.write(f"{line}\n")
    stream.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1 << 62)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--subcommands", type=int, default=0, help="that many a mutant; 0: all")
    asked = parser.parse_args()
    ends = time.monotonic() + asked.seconds
    failures = tried = 0
    with tempfile.TemporaryDirectory(prefix="memscope-fuzz-") as name:
        place = Path(name)
        os.chdir(place)
        os.environ["XDG_CACHE_HOME"] = name
        trapped = traps(place)
        warm_up(place)
        limit_memory()
        for seed in range(asked.first, asked.first + asked.seeds):
            if time.monotonic() > ends:
                break
            say(f"seed {seed}", sys.stderr)
            for words, wrong in put_to(seed, place, trapped, asked.subcommands):
                failures += 1
                said = words.replace(name, "DIR")
                say(json.dumps({"seed": seed, "subcommand": said, "wrong": wrong}))
            tried += 1
    say(f"{tried} mutants, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
