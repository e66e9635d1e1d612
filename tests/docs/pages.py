"""Pages of docs/ as programs: files are written, commands are typed, and answers compared.

A code block with a title is a file. A block of `console` is a terminal in the same directory:
lines behind a `$` are typed, and the others are what they answer. Of an answer numbers vary, so
they are left out, and with them units, bars and where lines break. `…` stands for anything.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^(`{3,})(\w*)([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
# What one command may take: programs of pages take seconds.
PATIENCE_S = 120
# Ports that pages name, which somebody else may have.
PORT = re.compile(r"\b(?:5000|6060|8000)\b")

# What answers would differ by. Of pytest's plugins only ours is there.
ALIKE = {
    "COLUMNS": "80",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "memscope.pytest_plugin",
}
# Where one is set, pytest and rich write more, or in colour. Hosted jobs set the first two.
UNLIKE = {"CI", "BUILD_NUMBER", "FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE", "TTY_COMPATIBLE"}

NUMBER = re.compile(r"[<>≈~+\N{MINUS SIGN}-]?\d[\d,.:]*(?:k\b|M\b)?")
UNIT = re.compile(r"\b(?:[KMGT]iB|[KMG]B|B|ns|µs|us|ms|s|min|h)\b|%")
# What a summary says at its end where the recorder was late, as on a busy machine.
WAITED = re.compile(r"· waited \S+ \w+ for the recorder \([^)]*\)")
DRAWN = re.compile(r"[━╸╺·▁▂▃▄▅▆▇█─│●○#]+")


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    command: str
    answer: str


def blocks(page: Path) -> Iterator[Block]:
    for _, language, rest, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        title = TITLE.search(rest)
        yield Block(language, title[1] if title else "", text)


def typed(text: str) -> Iterator[Typed]:
    """The commands of a terminal, each with its answer. Indented lines go on with a command."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        command = [lines.pop(0)]
        while command[-1].endswith("\\"):
            command.append(lines.pop(0))
        yield Typed("\n".join(command), "\n".join(lines))


def words(text: str) -> str:
    """What stays of an answer when numbers, drawings and line ends are left out."""
    for varying in (WAITED, DRAWN, NUMBER, UNIT):
        text = varying.sub(" ", text)
    return " ".join(text.replace("…", " … ").split())


def missing(expected: str, answer: str) -> str:
    """The first part of what a page shows that was not answered in its turn, or nothing."""
    found = words(answer)
    wanted = [re.escape(part.strip()) for part in words(expected).split("…")]
    if re.fullmatch(".*?".join(wanted), found, re.DOTALL):
        return ""
    known = next(
        known
        for known in range(len(wanted), -1, -1)
        if re.match(".*?".join(wanted[:known]), found, re.DOTALL)
    )
    return f"part {known + 1} of {len(wanted)}: {words(expected).split('…')[known : known + 1]}"


class Terminal:
    """A shell in a directory, as somebody who follows a page has it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in UNLIKE and not name.startswith("PYTEST")
        }
        path = f"{Path(sys.executable).parent}:{kept['PATH']}"
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=directory,
            env={**kept, "PATH": path, **ALIKE},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._count = 0
        self.type("set -m")  # with jobs: what is in the background hears of Ctrl-C

    def type(self, command: str) -> str:
        """What a command writes to both streams. What is in the background writes on elsewhere."""
        self._count += 1
        answer, done = (self.directory / f".{kind}-{self._count}" for kind in ("answer", "done"))
        os.mkfifo(done)
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{{ {command}\n}} >{answer.name} 2>&1\necho >{done.name}\n")
        self._shell.stdin.flush()
        reader = subprocess.run(["cat", done], check=True, capture_output=True, timeout=PATIENCE_S)
        assert reader.returncode == 0
        return answer.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        with self._shell:
            assert self._shell.stdin is not None
            self._shell.stdin.write("kill $(jobs -p) 2>/dev/null; wait\nexit\n")


def free_port() -> str:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return str(chosen.getsockname()[1])


def follow(page: Path, directory: Path) -> list[str]:
    """Does what a page says. What it shows and did not happen, one entry for each command."""
    ports: dict[str, str] = {}

    def moved(text: str) -> str:
        return PORT.sub(lambda port: ports.setdefault(port[0], free_port()), text)

    problems = []
    terminal = Terminal(directory)
    try:
        for block in blocks(page):
            if block.title:
                (directory / block.title).write_text(moved(block.text), encoding="utf-8")
            elif block.language == "console":
                for line in typed(block.text):
                    answer = terminal.type(moved(line.command))
                    if lost := missing(moved(line.answer), answer):
                        problems.append(f"$ {line.command}\n{answer}\nnot there: {lost}")
    finally:
        terminal.close()
    return problems


def hold(page: Path, directory: Path) -> None:
    """Fails with all that the page's commands answered in place of what it shows."""
    if problems := follow(page, directory):
        pytest.fail("\n\n".join(problems), pytrace=False)


def copy_of(place: str, directory: Path) -> Path:
    shutil.copytree(ROOT / place, directory, dirs_exist_ok=True)
    return directory
