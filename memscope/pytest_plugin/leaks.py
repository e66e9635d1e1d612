"""What further runs of a test leave behind that is no cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from memscope.pytest_plugin.figures import Limit, Line, Site, heaviest

# What the standard library keeps for the next time is no leak of a test.
_CACHES = (
    *("<frozen importlib", "/importlib/", "/re/", "/linecache.py", "/tokenize.py", "/logging/"),
    *("/functools.py", "/abc.py", "/typing.py", "/warnings.py", "/traceback.py"),
)


def ignored_by(limit: Limit) -> Callable[[str, str], bool]:
    """Of a file and a function: whether what they or their callees leave behind is no leak."""
    parts, names = (*_CACHES, *limit.ignore), frozenset(limit.ignore)

    def ignored(file: str, function: str) -> bool:
        return (
            any(part in file for part in parts)
            or function in names
            or function.rpartition(".")[2] in names
        )

    return ignored


class Leaks(NamedTuple):
    """What may be left by each of so many runs."""

    limit: Limit
    ignored: Callable[[str, str], bool]  # ignored_by(limit)
    runs: int = 1

    def left(self, lines: Sequence[Line]) -> int:
        """What one of the runs left, in bytes."""
        return sum(line.figures.live_bytes for line in lines) // self.runs

    def is_broken(self, lines: Sequence[Line]) -> bool:
        return self.left(lines) > self.limit.most

    def sites(self, lines: Sequence[Line]) -> list[Site]:
        """The lines that made most of it, and how much in one of the runs."""
        found = heaviest(lines, "live")
        return [site._replace(value=site.value // self.runs) for site in found]
