"""What a Python process is, by its command line: for the names of captures of spawned children."""

from __future__ import annotations

import re
from pathlib import Path

from memscope.plain import dataclass

_TAKES_NEXT = ("-W", "-X", "--check-hash-based-pycs")
_MOST_NAME = 40
_OF_MULTIPROCESSING = re.compile(r"\bfrom multiprocessing\.([a-z_]+) import ")


@dataclass(frozen=True, slots=True)
class ProcessRole:
    """`name` is a module's, a script's, or says which part of multiprocessing it is.

    `main` is what was started, as captures have it: a path, `-m name` or `-c`.
    """

    name: str
    main: str
    command: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """The name as a part of a file's."""
        kept = (letter if letter.isalnum() or letter in "._" else "_" for letter in self.name)
        return "".join(kept)[:_MOST_NAME]


def role_of(words: list[str]) -> ProcessRole:
    """Of a process whose command line this is: an interpreter, its flags, and what it runs."""
    command = ("python", *words[1:])
    rest = iter(words[1:])
    for word in rest:
        if word in _TAKES_NEXT:
            next(rest, "")
        elif word == "-m":
            module = next(rest, "")
            return ProcessRole(module, f"-m {module}", command)
        elif word == "-c":
            part = _OF_MULTIPROCESSING.search(next(rest, ""))
            return ProcessRole(part[1] if part else "command", "-c", command)
        elif not word.startswith("-"):
            return ProcessRole(Path(word).stem or "python", word, command)
    return ProcessRole("python", "", command)
