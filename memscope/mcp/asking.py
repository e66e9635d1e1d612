"""Runs one subcommand of memscope to its end, in a process of its own, and takes what it says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from memscope.errors import MemscopeError
from memscope.plain import dataclass

LIMIT_PASSED = 3  # the status of an answer whose limit was passed: it is an answer all the same
MOST_ANSWER_BYTES = 64 << 20
ENDING_S = 10.0  # between the request to end and the end by force

# The working directory is on the path of `python -m`: what lies there, such as a `click.py` of the
# user's, must not be imported in place of what memscope needs.
_START = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "from memscope.cli.main import main; main()"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended, and what is left of what it said: no more than was asked for."""

    status: int  # negative: ended by that signal
    output: str
    errors: str
    timed_out: bool


async def run(
    words: Sequence[str], folder: Path, *, timeout_s: float, tail_bytes: int | None = None
) -> Finished:
    """Runs `memscope WORDS`; ended when it takes too long, or when the caller is cancelled.

    tail_bytes: keeps the ends of both streams alone.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _START, *words,
            cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        timed_out = False
        try:
            await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            timed_out = True
        finally:
            if process.returncode is None:
                await asyncio.shield(_end(process))
        status = process.returncode
        assert status is not None
        return Finished(status, _text(output, tail_bytes), _text(errors, tail_bytes), timed_out)


async def _end(process: asyncio.subprocess.Process) -> None:
    """By a signal that memscope passes on to the program, so that the capture is whole; then by
    force."""
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), ENDING_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _text(file: IO[bytes], tail_bytes: int | None) -> str:
    size = file.seek(0, os.SEEK_END)
    if tail_bytes is not None:
        file.seek(max(size - tail_bytes, 0))
    elif size > MOST_ANSWER_BYTES:
        raise MemscopeError("the answer is too long", None, "ask for fewer rows")
    else:
        file.seek(0)
    return file.read().decode(errors="replace")


async def ask(words: Sequence[str], folder: Path, *, timeout_s: float) -> dict[str, Any]:
    """The JSON of a subcommand; raises MemscopeError with what the subcommand said instead."""
    # The option comes first: behind `--` all is the program's.
    ended = await run([words[0], "--json", *words[1:]], folder, timeout_s=timeout_s)
    if ended.timed_out:
        raise MemscopeError(f"memscope {words[0]} took longer than {timeout_s:g} s")
    if ended.status not in (0, LIMIT_PASSED):
        raise MemscopeError(why(ended) or f"memscope {words[0]} ended with status {ended.status}")
    found: dict[str, Any] = json.loads(ended.output)
    return found


def why(ended: Finished) -> str:
    """The last line that memscope said, without its name before it."""
    lines = ended.errors.strip().splitlines()
    return lines[-1].removeprefix("memscope: ").removeprefix("Error: ") if lines else ""
