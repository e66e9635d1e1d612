"""What further runs of a test leave behind that is no cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def leaks(lines: Sequence[Line], runs: int = 1) -> tuple[int, list[Site]]:
    """What one of the runs left, in bytes, and the lines that made it."""
    left = sum(line.figures.live_bytes for line in lines)
    sites = heaviest(lines, "live")
    return left // runs, [site._replace(value=site.value // runs) for site in sites]
